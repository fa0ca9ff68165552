package http

import (
	"fmt"
	"slices"

	"headgate/destinations"
	"headgate/destinations/http/body"
	"headgate/event"
	"headgate/event/trace"
)

// Encode turns a batch into requests. It is pure: the same events give the same bytes, and they are not changed. An event
// that cannot be sent at all has its verdict at once; the zero Verdict stands for the others.
func (p *plan) Encode(batch []destinations.Sending) ([]*Request, []destinations.Verdict) {
	return p.encode(batch, p.Settings.Values(), false)
}

// Show encodes a batch as it may be shown to a person: settings of the type secret, and all that is made of them, are masked.
// The verdicts are those of Encode.
func (p *plan) Show(batch []destinations.Sending) ([]trace.Request, []destinations.Verdict) {
	requests, verdicts := p.encode(batch, p.Settings.Masked(), true)
	f := &body.Frame{Machine: p.Language.Machine(), Masked: true}
	defer f.Machine.Release()
	f.Env.Settings, f.Env.Event = p.Settings.Masked(), &event.Event{}
	shown := make([]trace.Request, len(requests))
	for i, r := range requests {
		shown[i] = r.Request
		r.to.auth.Show(&shown[i], f)
	}
	return shown, verdicts
}

func (p *plan) encode(batch []destinations.Sending, settings event.Map, masked bool) (requests []*Request, verdicts []destinations.Verdict) {
	machine := p.Language.Machine()
	defer machine.Release()
	f := &body.Frame{Machine: machine, Masked: masked, Failed: p.Failed}
	f.Env.Settings = settings
	verdicts = make([]destinations.Verdict, len(batch))
	rows := p.fit(batch, f, verdicts)
	run := &encoding{Frame: f, verdicts: verdicts, limit: p.Delivery.Bytes}
	for _, to := range p.endpoints {
		for _, group := range run.groups(to, rows) {
			for chunk := range slices.Chunk(group.rows, to.most) {
				run.add(to, group.key, chunk)
			}
		}
	}
	p.rejectUnsent(batch, run.requests, verdicts)
	return run.requests, verdicts
}

// fit are the rows that may be sent: one for each of the vendor's names of each event. The others have their verdict.
func (p *plan) fit(batch []destinations.Sending, f *body.Frame, verdicts []destinations.Verdict) []body.Row {
	rows := make([]body.Row, 0, len(batch))
	now := p.Now()
	for i := range batch {
		names, _ := p.Events.Of(batch[i].Event.Name)
		for _, name := range names {
			one := body.Row{Sending: i, Event: batch[i].Event, Theirs: p.Events.Valid(name, batch[i].Event.Name), Attempt: max(batch[i].Attempt, 1)}
			if one.Renamed = one.Theirs != name; name == "=" {
				one.Renamed = one.Theirs != one.Event.Name
			}
			if old := p.tooOld(&one, f, now); old.Kind != 0 {
				verdicts[i] = old
				break
			}
			if unfit := p.unfit(&one, f); unfit.Kind != 0 {
				verdicts[i] = destinations.Worse(verdicts[i], unfit)
				continue
			}
			rows = append(rows, one)
		}
	}
	return rows
}

// rejectUnsent rejects the events that no request has, where nothing is known against them yet.
func (p *plan) rejectUnsent(batch []destinations.Sending, requests []*Request, verdicts []destinations.Verdict) {
	sent := make([]bool, len(batch))
	for _, r := range requests {
		for _, row := range r.rows {
			sent[row.Sending] = true
		}
	}
	for i := range verdicts {
		if !sent[i] && verdicts[i].Kind == 0 {
			verdicts[i] = destinations.Verdict{Kind: destinations.Reject, Why: p.nowhere(batch[i].Event.Name)}
		}
	}
}

// encoding is one run of Encode.
type encoding struct {
	*body.Frame

	limit    int // bytes of a body in addition to the vendor's limit, 0: none
	requests []*Request
	verdicts []destinations.Verdict
}

// group is what shares a key.
type group struct {
	key  string
	rows []body.Row
}

// groups are the rows that a request takes, by its key, in the order in which the keys first appear.
func (e *encoding) groups(to *endpoint, rows []body.Row) []group {
	if to.when == nil && to.by == nil {
		if len(rows) == 0 {
			return nil
		}
		return []group{{rows: rows}}
	}
	var groups []group
	index := map[string]int{}
	for i := range rows {
		e.At(&rows[i])
		if !e.Holds(to.when) {
			continue
		}
		key := e.Text(to.by)
		at, known := index[key]
		if !known {
			at = len(groups)
			index[key] = at
			groups = append(groups, group{key: key})
		}
		groups[at].rows = append(groups[at].rows, rows[i])
	}
	return groups
}

// add makes the request for some rows, or several where one would be too long.
func (e *encoding) add(to *endpoint, key string, rows []body.Row) {
	r := e.request(to, key, rows)
	if why := r.flaw(); why != "" {
		e.alone(to, key, rows, why)
		return
	}
	limit := destinations.Smaller(to.bytes, e.limit)
	if limit == 0 || len(r.Body) <= limit {
		e.requests = append(e.requests, r)
		return
	}
	if len(rows) == 1 {
		e.verdicts[rows[0].Sending] = destinations.Worse(e.verdicts[rows[0].Sending], destinations.Verdict{Kind: destinations.Reject,
			Why: fmt.Sprintf("it takes %d bytes, and a request may have %d", len(r.Body), limit)})
		return
	}
	parts := min(len(r.Body)/limit+1, len(rows))
	for chunk := range slices.Chunk(rows, (len(rows)+parts-1)/parts) {
		e.add(to, key, chunk)
	}
}

// alone rejects an event that cannot be sent; several are tried one by one, since perhaps only one of them is to blame.
func (e *encoding) alone(to *endpoint, key string, rows []body.Row, why string) {
	if len(rows) == 1 {
		e.verdicts[rows[0].Sending] = destinations.Worse(e.verdicts[rows[0].Sending], destinations.Verdict{Kind: destinations.Reject, Why: why})
		return
	}
	for i := range rows {
		e.add(to, key, rows[i:i+1])
	}
}

func (e *encoding) request(to *endpoint, key string, rows []body.Row) *Request {
	f := e.Frame
	var notes []string
	if e.Masked {
		f.Machine.Note(&notes)
		defer f.Machine.Note(nil)
		for i := range rows {
			if rows[i].Renamed {
				f.Machine.Renamed(rows[i].Event.Name, rows[i].Theirs)
			}
		}
	}
	f.Rows = rows
	f.At(&rows[0])
	f.Env.Batch = nil
	for i := range rows {
		f.Env.Batch = append(f.Env.Batch, rows[i].Event)
	}
	r := &Request{Request: trace.Request{Method: to.method, URL: to.address}, to: to, key: key, rows: rows}
	switch {
	case to.dynamic:
		r.URL = f.Text(to.url)
	case e.Masked:
		r.URL = to.shown
	}
	r.URL = body.AddQuery(r.URL, to.query, f)
	if !to.body.Empty() {
		r.Body, r.brokenLine = to.write(f)
		if len(r.Body) > 0 {
			r.Headers = append(r.Headers, event.Header{Name: "Content-Type", Value: to.content})
		}
	}
	r.Headers = to.addHeaders(r.Headers, f)
	to.auth.Fill(&r.Request, f)
	r.Notes = notes
	return r
}
