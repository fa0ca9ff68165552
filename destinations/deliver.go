package destinations

import (
	"context"
	"slices"

	"headgate/event"
	"headgate/event/trace"
)

// Deliver sends events and returns one verdict per event, in order. It returns when everything was answered; what a
// cancelled context leaves unsent is Retry.
func (d *Destination) Deliver(ctx context.Context, batch []Sending) []Verdict {
	d.evaluate(batch)
	verdicts := d.driver.Deliver(ctx, batch)
	for i := range verdicts {
		if verdicts[i].Why != "" {
			verdicts[i].Why = d.hide(verdicts[i].Why)
		}
	}
	return verdicts
}

// Show encodes a batch as it may be shown to a person: secrets, and all that is made of them, are masked. An event that
// cannot be sent at all has its verdict; the zero Verdict stands for the others. For a driver that makes no requests it shows
// the row that each event becomes.
func (d *Destination) Show(batch []Sending) (shown []trace.Request, verdicts []Verdict) {
	d.evaluate(batch)
	if shower, can := d.driver.(Shower); can {
		shown, verdicts = shower.Show(batch)
	} else {
		shown, verdicts = make([]trace.Request, len(batch)), make([]Verdict, len(batch))
		for i := range batch {
			shown[i].Body = d.rowOf(&batch[i]).AppendJSON(nil)
		}
	}
	for i := range shown {
		d.mask(&shown[i])
	}
	return shown, verdicts
}

// mask hides what is secret by its value: a secret may have come into a request by a rule, a header or an address.
func (d *Destination) mask(r *trace.Request) {
	r.URL = d.hide(r.URL)
	r.Headers = slices.Clone(r.Headers)
	for i := range r.Headers {
		r.Headers[i].Value = d.hide(r.Headers[i].Value)
	}
	r.Body = []byte(d.hide(string(r.Body)))
}

// rowOf is an event as a row of a driver's table: what was said, by column.
func (d *Destination) rowOf(s *Sending) (row event.Map) {
	for i := range event.Fields {
		f := &event.Fields[i]
		if v := s.Event.GetPath(f.Path); !v.IsEmpty() {
			row.Add(f.Column(), v)
		}
	}
	for i, v := range s.Own {
		if !v.IsNull() {
			row.Add(d.columns[i].Name, v)
		}
	}
	return row
}
