package destinations

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/event"
	"headgate/rules"
)

// Request is one request as Encode makes it: without what only the sender adds, the proof of who we are and compression.
type Request struct {
	Method  string
	URL     string
	Headers event.Headers
	Body    []byte

	kind       *request
	key        string // of batch.by
	rows       []row
	notes      []string // what was changed or left out for the vendor's sake; of a request that is shown
	brokenLine bool     // of a body of lines, one holds a line break
}

// row is one event in a request, under one name of theirs.
type row struct {
	sending int // index in the batch
	event   *event.Event
	theirs  string
	renamed bool // theirs was made valid
	attempt int
}

// Encode turns a batch into requests. It is pure: the same events give the same bytes, and they are not changed. An event
// that cannot be sent at all has its verdict at once; the zero Verdict stands for the others. A driver makes no requests.
func (d *Destination) Encode(batch []Sending) ([]*Request, []Verdict) {
	return d.encode(batch, d.settings.values, false)
}

// Show encodes a batch as it may be shown to a person: secrets, and all that is made of them, are masked. Of a driver it
// shows the row that each event becomes.
func (d *Destination) Show(batch []Sending) []event.Request {
	if d.driver != nil {
		rows := make([]event.Request, len(batch))
		for i := range batch {
			rows[i].Body = rowOf(batch[i].Event).AppendJSON(nil)
			d.hide(&rows[i])
		}
		return rows
	}
	requests, _ := d.encode(batch, d.settings.masked, true)
	f := &frame{machine: d.language.Machine(), masked: true}
	defer f.machine.Release()
	f.env.Settings, f.env.Event = d.settings.masked, emptyEvent()
	shown := make([]event.Request, len(requests))
	for i, r := range requests {
		shown[i] = event.Request{Method: r.Method, URL: r.URL, Headers: r.Headers, Body: r.Body, Notes: r.notes}
		r.kind.auth.show(&shown[i], f)
		d.hide(&shown[i])
	}
	return shown
}

// hide masks what is secret by its value: a secret may have come into a request by a rule, a header or an address.
func (d *Destination) hide(r *event.Request) {
	r.URL = d.masked(r.URL)
	r.Headers = slices.Clone(r.Headers)
	for i := range r.Headers {
		r.Headers[i].Value = d.masked(r.Headers[i].Value)
	}
	r.Body = []byte(d.masked(string(r.Body)))
}

// rowOf is an event as a row of a driver's table: what was said, by column.
func rowOf(e *event.Event) (row event.Map) {
	for i := range event.Fields {
		f := &event.Fields[i]
		if v := e.GetPath(f.Path); !v.IsEmpty() {
			row.Add(f.Column(), v)
		}
	}
	return row
}

func (d *Destination) encode(batch []Sending, settings event.Map, masked bool) (requests []*Request, verdicts []Verdict) {
	machine := d.language.Machine()
	defer machine.Release()
	f := &frame{machine: machine, masked: masked, failed: d.formulaFailed}
	f.env.Settings = settings
	verdicts = make([]Verdict, len(batch))
	rows := make([]row, 0, len(batch))
	now := d.now()
	for i := range batch {
		names, _ := d.theirs(batch[i].Event.Name)
		for _, name := range names {
			one := row{sending: i, event: batch[i].Event, theirs: d.named(name, batch[i].Event.Name), attempt: max(batch[i].Attempt, 1)}
			if one.renamed = one.theirs != name; name == "=" {
				one.renamed = one.theirs != one.event.Name
			}
			if old := d.tooOld(&one, f, now); old.Kind != 0 {
				verdicts[i] = old
				break
			}
			if unfit := d.unfit(&one, f); unfit.Kind != 0 {
				verdicts[i] = worse(verdicts[i], unfit)
				continue
			}
			rows = append(rows, one)
		}
	}
	e := &encoding{frame: f, verdicts: verdicts, limit: d.delivery.Bytes}
	for _, kind := range d.sends {
		for _, group := range e.groups(kind, rows) {
			for chunk := range slices.Chunk(group.rows, kind.most) {
				e.add(kind, group.key, chunk)
			}
		}
	}
	sent := make([]bool, len(batch))
	for _, r := range e.requests {
		for _, row := range r.rows {
			sent[row.sending] = true
		}
	}
	for i := range verdicts {
		if !sent[i] && verdicts[i].Kind == 0 && d.driver == nil {
			verdicts[i] = Verdict{Kind: Reject, Why: d.nowhere(batch[i].Event)}
		}
	}
	return e.requests, verdicts
}

// nowhere says why no request was made of an event that was decided to go here.
func (d *Destination) nowhere(e *event.Event) string {
	if !d.maps(e.Name) {
		return fmt.Sprintf("%s has no name for the event %s any more", d.name, e.Name)
	}
	return "no request of send: takes this event"
}

// tooOld rejects an event that the vendor would no longer take. Some events may be older than max_age says.
func (d *Destination) tooOld(r *row, f *frame, now time.Time) Verdict {
	e, limit := r.event, d.delivery.MaxAge
	if limit == 0 || e.Time.IsZero() || now.Sub(e.Time) <= limit {
		return Verdict{}
	}
	f.at(r)
	for i := range d.ages {
		if f.holds(d.ages[i].when) {
			if limit = d.ages[i].limit; now.Sub(e.Time) <= limit {
				return Verdict{}
			}
			break
		}
	}
	return Verdict{Kind: Reject, Why: fmt.Sprintf("it is %s old, and %s takes none older than %s", now.Sub(e.Time).Round(time.Minute), d.spec.Title, inDays(limit))}
}

// unfit rejects an event that lacks what the file requires.
func (d *Destination) unfit(r *row, f *frame) Verdict {
	if len(d.requires) == 0 {
		return Verdict{}
	}
	f.at(r)
	for i := range d.requires {
		if !f.holds(d.requires[i].that) {
			return Verdict{Kind: Reject, Why: d.requires[i].why}
		}
	}
	return Verdict{}
}

func inDays(d time.Duration) string {
	if days := int(d.Hours() / 24); days >= 1 && time.Duration(days)*24*time.Hour == d {
		if days == 1 {
			return "a day"
		}
		return fmt.Sprintf("%d days", days)
	}
	return d.String()
}

func (d *Destination) formulaFailed(err error) {
	if d.failures.Add(1) == 1 {
		if failure := (*rules.Failure)(nil); errors.As(err, &failure) {
			err = failure.Unquoted()
		}
		d.logger.Warn("a formula of a destination failed and its key was left out; later ones are only counted", "error", err)
	}
}

// encoding is one run of Encode.
type encoding struct {
	*frame

	limit    int // bytes of a body beside the vendor's, 0: none
	requests []*Request
	verdicts []Verdict
}

// group is what shares a key.
type group struct {
	key  string
	rows []row
}

// groups are the rows that a request takes, by its key, in the order in which the keys first appear.
func (e *encoding) groups(kind *request, rows []row) []group {
	if kind.when == nil && kind.by == nil {
		if len(rows) == 0 {
			return nil
		}
		return []group{{rows: rows}}
	}
	var groups []group
	index := map[string]int{}
	for i := range rows {
		e.at(&rows[i])
		if !e.holds(kind.when) {
			continue
		}
		key := e.text(kind.by)
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
func (e *encoding) add(kind *request, key string, rows []row) {
	r := e.request(kind, key, rows)
	if why := r.flaw(); why != "" {
		e.alone(kind, key, rows, why)
		return
	}
	limit := smaller(kind.bytes, e.limit)
	if limit == 0 || len(r.Body) <= limit {
		e.requests = append(e.requests, r)
		return
	}
	if len(rows) == 1 {
		e.verdicts[rows[0].sending] = worse(e.verdicts[rows[0].sending], Verdict{Kind: Reject,
			Why: fmt.Sprintf("it takes %d bytes, and a request may have %d", len(r.Body), limit)})
		return
	}
	parts := min(len(r.Body)/limit+1, len(rows))
	for chunk := range slices.Chunk(rows, (len(rows)+parts-1)/parts) {
		e.add(kind, key, chunk)
	}
}

// alone rejects an event that cannot be sent; several are tried one by one, since only one of them may be to blame.
func (e *encoding) alone(kind *request, key string, rows []row, why string) {
	if len(rows) == 1 {
		e.verdicts[rows[0].sending] = worse(e.verdicts[rows[0].sending], Verdict{Kind: Reject, Why: why})
		return
	}
	for i := range rows {
		e.add(kind, key, rows[i:i+1])
	}
}

func (e *encoding) request(kind *request, key string, rows []row) *Request {
	f := e.frame
	var notes []string
	if e.masked {
		f.machine.Note(&notes)
		defer f.machine.Note(nil)
		for i := range rows {
			if rows[i].renamed {
				f.machine.Renamed(rows[i].event.Name, rows[i].theirs)
			}
		}
	}
	f.rows = rows
	f.at(&rows[0])
	f.env.Batch = nil
	for i := range rows {
		f.env.Batch = append(f.env.Batch, rows[i].event)
	}
	r := &Request{Method: kind.method, kind: kind, key: key, rows: rows, URL: kind.address}
	switch {
	case kind.dynamic:
		r.URL = f.text(kind.url)
	case e.masked:
		r.URL = kind.shown
	}
	r.URL = addQuery(r.URL, kind.query, f)
	if kind.body != nil {
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

func (kind *request) addHeaders(r *Request, f *frame) {
	for _, h := range kind.headers {
		r.Headers = setHeader(r.Headers, h.name, f.text(h.value))
	}
	if kind.spread != nil {
		for _, p := range f.value(kind.spread).Object() {
			r.Headers = setHeader(r.Headers, p.Key, p.Value.Text())
		}
	}
}

// setHeader sets a header, in the place of one with the same name; an empty one is left out.
func setHeader(hs event.Headers, name, value string) event.Headers {
	if value == "" {
		return hs
	}
	for i := range hs {
		if strings.EqualFold(hs[i].Name, name) {
			hs[i].Value = value
			return hs
		}
	}
	return append(hs, event.Header{Name: name, Value: value})
}

// addQuery adds parameters to an address that may have some; empty ones are left out, lists are repeated.
func addQuery(address string, query []pair, f *frame) string {
	for _, p := range query {
		v := f.value(p.value)
		for _, one := range v.List() {
			address = addParam(address, p.name, one.Text())
		}
		address = addParam(address, p.name, v.Text())
	}
	return address
}

func addParam(address, name, value string) string {
	if value == "" {
		return address
	}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + queryEscape(name) + "=" + queryEscape(value)
}
