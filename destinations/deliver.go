package destinations

import (
	"context"
	"errors"
	"sync"
)

// Deliver sends events and returns one verdict per event, in order. Requests go out side by side as far as delivery:
// at_once allows, those with the same batch.by one after the other. A request that the vendor refused for the sake of one
// event is taken apart and sent again. It returns when everything was answered; a cancelled context makes the rest Retry.
func (d *Destination) Deliver(ctx context.Context, batch []Sending) []Verdict {
	if d.driver != nil {
		verdicts := d.driver.Deliver(ctx, batch)
		for i := range verdicts {
			verdicts[i].Why = d.masked(verdicts[i].Why)
		}
		return verdicts
	}
	requests, verdicts := d.Encode(batch)
	r := &run{d: d, batch: batch, verdicts: verdicts}
	queue := make(chan []*Request)
	var workers sync.WaitGroup
	for range min(d.delivery.AtOnce, len(requests)) {
		workers.Go(func() {
			for chain := range queue {
				for _, request := range chain {
					r.send(ctx, request)
				}
			}
		})
	}
	for _, chain := range chains(requests) {
		queue <- chain // a worker is always there to take it: none leaves before the close
	}
	close(queue)
	workers.Wait()
	return r.verdicts
}

// chains are the requests that must follow one another: those of one kind with the same key.
func chains(requests []*Request) [][]*Request {
	type key struct {
		kind *request
		key  string
	}
	var out [][]*Request
	index := map[key]int{}
	for _, r := range requests {
		if r.kind.by == nil {
			out = append(out, []*Request{r})
			continue
		}
		k := key{r.kind, r.key}
		if at, known := index[k]; known {
			out[at] = append(out[at], r)
			continue
		}
		index[k] = len(out)
		out = append(out, []*Request{r})
	}
	return out
}

// run is one Deliver.
type run struct {
	d     *Destination
	batch []Sending

	mu       sync.Mutex
	verdicts []Verdict
	halted   *Verdict // the first halt: what is not sent yet stays here
}

// send sends a request and settles its events, in parts where that is needed.
func (r *run) send(ctx context.Context, request *Request) {
	verdicts, again := r.answer(ctx, request)
	r.mu.Lock()
	for i, v := range verdicts {
		if v.Kind == 0 {
			continue
		}
		at := request.rows[i].sending
		r.verdicts[at] = worse(r.verdicts[at], v)
		if v.Kind == Halt && r.halted == nil {
			r.halted = &v
		}
	}
	r.mu.Unlock()
	for _, positions := range again {
		rows := make([]row, len(positions))
		for i, at := range positions {
			rows[i] = request.rows[at]
		}
		for _, part := range r.d.encodeAgain(request, rows) {
			r.send(ctx, part)
		}
	}
}

// answer sends one request, unless there is no more use in it, and judges what came back.
func (r *run) answer(ctx context.Context, request *Request) (verdicts []Verdict, again [][]int) {
	s := r.d.sender
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return same(request, Verdict{Kind: Retry, Why: "stopped before it was sent"}), nil
	}
	r.mu.Lock()
	halted := r.halted
	r.mu.Unlock()
	if halted != nil {
		return same(request, *halted), nil
	}
	response, err := s.send(ctx, request)
	if err != nil {
		return same(request, r.d.trouble(err)), nil
	}
	return r.d.Judge(request, response)
}

// trouble is the verdict when there is no answer.
func (d *Destination) trouble(err error) Verdict {
	var wrong *forbidden
	var refused *refusedToken
	kind := Retry
	if errors.As(err, &wrong) || errors.As(err, &refused) {
		kind = Halt
	}
	why := "no answer: "
	switch {
	case refused != nil:
		return Verdict{Kind: kind, Why: shortened(d.masked(refused.Error()))}
	case errors.Is(err, context.DeadlineExceeded):
		return Verdict{Kind: kind, Why: why + "it took longer than " + d.delivery.Timeout.String()}
	}
	return Verdict{Kind: kind, Why: why + shortened(d.sender.clean(err))}
}

func same(r *Request, v Verdict) []Verdict {
	verdicts := make([]Verdict, len(r.rows))
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts
}

// encodeAgain makes the request for some rows of another one.
func (d *Destination) encodeAgain(r *Request, rows []row) []*Request {
	machine := d.language.Machine()
	defer machine.Release()
	f := &frame{machine: machine, failed: d.formulaFailed}
	f.env.Settings = d.settings.values
	e := &encoding{frame: f, limit: d.delivery.Bytes}
	e.add(r.kind, r.key, rows)
	return e.requests
}
