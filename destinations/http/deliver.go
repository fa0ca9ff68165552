package http

import (
	"context"
	"errors"
	"sync"

	"headgate/destinations"
	"headgate/destinations/aws"
	"headgate/destinations/egress"
	"headgate/destinations/http/auth"
	"headgate/destinations/http/body"
	"headgate/destinations/http/words"
)

// Deliver sends events and returns one verdict per event, in order. Requests are sent concurrently as far as delivery:
// at_once allows, those with the same batch.by one after the other. A request that the vendor rejected because of one
// event is split and sent again. It returns when everything was answered; a cancelled context makes the rest Retry.
func (e *Engine) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	requests, verdicts := e.Encode(batch)
	r := &run{engine: e, verdicts: verdicts}
	queue := make(chan []*Request)
	var workers sync.WaitGroup
	for range min(e.Delivery.AtOnce, len(requests)) {
		workers.Go(func() {
			for chain := range queue {
				for _, request := range chain {
					r.send(ctx, request)
				}
			}
		})
	}
	for _, chain := range chains(requests) {
		queue <- chain // never blocks forever: no worker returns before the close
	}
	close(queue)
	workers.Wait()
	return r.verdicts
}

// chains are the requests that must follow one another: those to one endpoint with the same key.
func chains(requests []*Request) [][]*Request {
	type key struct {
		to  *endpoint
		key string
	}
	var out [][]*Request
	index := map[key]int{}
	for _, r := range requests {
		if r.to.by == nil {
			out = append(out, []*Request{r})
			continue
		}
		k := key{r.to, r.key}
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
	engine *Engine

	mu       sync.Mutex
	verdicts []destinations.Verdict
	halted   *destinations.Verdict // the first halt: what is not sent yet is not sent
}

// send sends a request and records the verdicts on its events, split where the vendor's answer requires it.
func (r *run) send(ctx context.Context, request *Request) {
	verdicts, again := r.answer(ctx, request)
	r.mu.Lock()
	for i, v := range verdicts {
		if v.Kind == 0 {
			continue
		}
		at := request.rows[i].Sending
		r.verdicts[at] = destinations.Worse(r.verdicts[at], v)
		if v.Kind == destinations.Halt && r.halted == nil {
			r.halted = &v
		}
	}
	r.mu.Unlock()
	for _, positions := range again {
		rows := make([]body.Row, len(positions))
		for i, at := range positions {
			rows[i] = request.rows[at]
		}
		for _, part := range r.engine.encodeAgain(request, rows) {
			r.send(ctx, part)
		}
	}
}

// answer sends one request, unless the delivery has been stopped or halted, and judges what came back.
func (r *run) answer(ctx context.Context, request *Request) (verdicts []destinations.Verdict, again [][]int) {
	s := r.engine.sender
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return same(request, destinations.Verdict{Kind: destinations.Retry, Why: "stopped before it was sent"}), nil
	}
	r.mu.Lock()
	halted := r.halted
	r.mu.Unlock()
	if halted != nil {
		return same(request, *halted), nil
	}
	response, err := s.send(ctx, request)
	if err != nil {
		return same(request, r.engine.noAnswer(err)), nil
	}
	return r.engine.Judge(request, response)
}

// noAnswer is the verdict when there is no answer.
func (e *Engine) noAnswer(err error) destinations.Verdict {
	var wrong *egress.Forbidden
	var denied *auth.DeniedToken
	var refused *aws.Refused
	kind := destinations.Retry
	if errors.As(err, &wrong) || errors.As(err, &denied) || errors.As(err, &refused) {
		kind = destinations.Halt
	}
	const why = "no answer: "
	switch {
	case denied != nil:
		return destinations.Verdict{Kind: kind, Why: words.Shortened(e.Hide(denied.Error()))}
	case refused != nil:
		return destinations.Verdict{Kind: kind, Why: words.Shortened(e.Hide(refused.Fact))}
	case errors.Is(err, context.DeadlineExceeded):
		return destinations.Verdict{Kind: kind, Why: why + "it took longer than " + e.Delivery.Timeout.String()}
	}
	return destinations.Verdict{Kind: kind, Why: why + words.Shortened(e.sender.clean(err))}
}

func same(r *Request, v destinations.Verdict) []destinations.Verdict {
	verdicts := make([]destinations.Verdict, len(r.rows))
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts
}

// encodeAgain makes the request for some rows of another one.
func (e *Engine) encodeAgain(r *Request, rows []body.Row) []*Request {
	machine := e.Language.Machine()
	defer machine.Release()
	f := &body.Frame{Machine: machine, Failed: e.Failed}
	f.Env.Settings = e.Settings.Values()
	again := &encoding{Frame: f, limit: e.Delivery.Bytes}
	again.add(r.to, r.key, rows)
	return again.requests
}
