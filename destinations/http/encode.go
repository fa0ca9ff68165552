package http

import (
	"fmt"
	"slices"

	"headgate/destinations"
	"headgate/destinations/http/body"
	"headgate/event"
)

// Request is one request as Encode makes it: without what only the sender adds, the proof of who we are and compression.
type Request struct {
	Method  string
	URL     string
	Headers event.Headers
	Body    []byte

	kind       *request
	key        string // of batch.by
	rows       []body.Row
	notes      []string // what was changed or left out for the vendor's sake; of a request that is shown
	brokenLine bool     // of a body of lines, one holds a line break
}

// Positions are the indexes, in the batch, of the events in the request.
func (r *Request) Positions() []int {
	positions := make([]int, len(r.rows))
	for i := range r.rows {
		positions[i] = r.rows[i].Sending
	}
	return positions
}

// Format is the format of the body: json, form, json_lines, lines or text.
func (r *Request) Format() string { return r.kind.format }

// Encode turns a batch into requests. It is pure: the same events give the same bytes, and they are not changed. An event
// that cannot be sent at all has its verdict at once; the zero Verdict stands for the others.
func (e *Engine) Encode(batch []destinations.Sending) ([]*Request, []destinations.Verdict) {
	return e.encode(batch, e.Settings.Values(), false)
}

// Show encodes a batch as it may be shown to a person: settings of the type secret, and all that is made of them, are masked.
// The verdicts are those of Encode.
func (e *Engine) Show(batch []destinations.Sending) ([]event.Request, []destinations.Verdict) {
	requests, verdicts := e.encode(batch, e.Settings.Masked(), true)
	f := &body.Frame{Machine: e.Language.Machine(), Masked: true}
	defer f.Machine.Release()
	f.Env.Settings, f.Env.Event = e.Settings.Masked(), &event.Event{}
	shown := make([]event.Request, len(requests))
	for i, r := range requests {
		shown[i] = event.Request{Method: r.Method, URL: r.URL, Headers: r.Headers, Body: r.Body, Notes: r.notes}
		r.kind.auth.show(&shown[i], f)
	}
	return shown, verdicts
}

func (e *Engine) encode(batch []destinations.Sending, settings event.Map, masked bool) (requests []*Request, verdicts []destinations.Verdict) {
	machine := e.Language.Machine()
	defer machine.Release()
	f := &body.Frame{Machine: machine, Masked: masked, Failed: e.Failed}
	f.Env.Settings = settings
	verdicts = make([]destinations.Verdict, len(batch))
	rows := make([]body.Row, 0, len(batch))
	now := e.Now()
	for i := range batch {
		names, _ := e.Events.Of(batch[i].Event.Name)
		for _, name := range names {
			one := body.Row{Sending: i, Event: batch[i].Event, Theirs: e.Events.Valid(name, batch[i].Event.Name), Attempt: max(batch[i].Attempt, 1)}
			if one.Renamed = one.Theirs != name; name == "=" {
				one.Renamed = one.Theirs != one.Event.Name
			}
			if old := e.tooOld(&one, f, now); old.Kind != 0 {
				verdicts[i] = old
				break
			}
			if unfit := e.unfit(&one, f); unfit.Kind != 0 {
				verdicts[i] = destinations.Worse(verdicts[i], unfit)
				continue
			}
			rows = append(rows, one)
		}
	}
	run := &encoding{Frame: f, verdicts: verdicts, limit: e.Delivery.Bytes}
	for _, kind := range e.requests {
		for _, group := range run.groups(kind, rows) {
			for chunk := range slices.Chunk(group.rows, kind.most) {
				run.add(kind, group.key, chunk)
			}
		}
	}
	sent := make([]bool, len(batch))
	for _, r := range run.requests {
		for _, row := range r.rows {
			sent[row.Sending] = true
		}
	}
	for i := range verdicts {
		if !sent[i] && verdicts[i].Kind == 0 {
			verdicts[i] = destinations.Verdict{Kind: destinations.Reject, Why: e.nowhere(batch[i].Event.Name)}
		}
	}
	return run.requests, verdicts
}

// encoding is one run of Encode.
type encoding struct {
	*body.Frame

	limit    int // bytes of a body beside the vendor's, 0: none
	requests []*Request
	verdicts []destinations.Verdict
}

// group is what shares a key.
type group struct {
	key  string
	rows []body.Row
}

// groups are the rows that a request takes, by its key, in the order in which the keys first appear.
func (e *encoding) groups(kind *request, rows []body.Row) []group {
	if kind.when == nil && kind.by == nil {
		if len(rows) == 0 {
			return nil
		}
		return []group{{rows: rows}}
	}
	var groups []group
	index := map[string]int{}
	for i := range rows {
		e.At(&rows[i])
		if !e.Holds(kind.when) {
			continue
		}
		key := e.Text(kind.by)
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
func (e *encoding) add(kind *request, key string, rows []body.Row) {
	r := e.request(kind, key, rows)
	if why := r.flaw(); why != "" {
		e.alone(kind, key, rows, why)
		return
	}
	limit := destinations.Smaller(kind.bytes, e.limit)
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
		e.add(kind, key, chunk)
	}
}

// alone rejects an event that cannot be sent; several are tried one by one, since only one of them may be to blame.
func (e *encoding) alone(kind *request, key string, rows []body.Row, why string) {
	if len(rows) == 1 {
		e.verdicts[rows[0].Sending] = destinations.Worse(e.verdicts[rows[0].Sending], destinations.Verdict{Kind: destinations.Reject, Why: why})
		return
	}
	for i := range rows {
		e.add(kind, key, rows[i:i+1])
	}
}

func (e *encoding) request(kind *request, key string, rows []body.Row) *Request {
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
	r := &Request{Method: kind.method, kind: kind, key: key, rows: rows, URL: kind.address}
	switch {
	case kind.dynamic:
		r.URL = f.Text(kind.url)
	case e.Masked:
		r.URL = kind.shown
	}
	r.URL = addQuery(r.URL, kind.query, f)
	if !kind.body.Empty() {
		r.Body, r.brokenLine = kind.encodeBody(f)
		if len(r.Body) > 0 {
			r.Headers = append(r.Headers, event.Header{Name: "Content-Type", Value: kind.content})
		}
	}
	kind.addHeaders(r, f)
	kind.auth.fill(r, f)
	r.notes = notes
	return r
}
