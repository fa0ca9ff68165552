package delivery

import (
	"slices"
	"strconv"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/proxy/attempts"
	"headgate/proxy/history"
	"headgate/queue"
)

// Recorder is where deliveries note what becomes of events: it is for people to look at, and nothing is decided by it.
type Recorder struct {
	Book    *history.Book
	Answers *attempts.Store
}

// told is what the counts need of an event once it is settled.
type told struct {
	flow       *history.Flow // of its site
	conversion *history.Flow // nil unless it is one
	value      int64         // of a conversion, in millionths
	redacted   bool
	why        string // why it was rejected
}

func (r *Recorder) tell(destination string, d *event.Decision) (t told) {
	t.flow = r.Book.Flow(d.Event.Site, destination)
	if o := d.Outcome(destination); o != nil {
		t.redacted = o.Action == event.Redact
	}
	if value, currency, is := r.Book.ConversionOf(&d.Event); is {
		t.conversion, t.value = r.Book.Conversion(d.Event.Site, destination, d.Event.Name, currency), value
	}
	return t
}

func (t *told) count(state, why string) {
	t.flow.Counter(state, why, "").Add(1)
	if t.conversion != nil {
		t.conversion.Counter(state, why, "").AddValue(t.value)
	}
}

// count counts what became of the events of a settled group.
func (d *Delivery) count(g *openGroup) {
	settled := make([]queue.Outcome, len(g.group.Items))
	for i := range settled {
		settled[i] = delivered
	}
	for _, l := range g.left {
		settled[l.Item] = l.Outcome
	}
	for i := range g.told {
		t := &g.told[i]
		switch settled[i] {
		case delivered:
			why := ""
			if t.redacted {
				why = string(event.Redacted)
			}
			t.count("delivered", why)
		case queue.Reject:
			t.count("rejected", t.why)
		case queue.Deny:
			t.count("denied", string(event.Withdrawn))
		case queue.Duplicate:
			t.count("filtered", string(event.Duplicate))
		case queue.Filter:
			t.count("filtered", string(event.NotWanted))
		}
	}
}

// statusOf is the reason of an event that was rejected.
func statusOf(v destinations.Verdict) string {
	if v.Status > 0 {
		return strconv.Itoa(v.Status)
	}
	return "rejected"
}

// answered notes how the destination answered a batch, each run of events with the same answer together.
func (d *Delivery) answered(batch []item, verdicts []destinations.Verdict, took time.Duration) {
	now := d.now()
	d.record.Book.Counter(history.Key{Kind: history.Latency, Destination: d.name, What: history.Bucket(took)}).Add(1)
	for len(batch) > 0 {
		v, writer := verdicts[0], batch[0].group.group.Writer()
		n := 1
		for n < len(batch) && verdicts[n].Kind == v.Kind && verdicts[n].Status == v.Status && verdicts[n].Why == v.Why && batch[n].group.group.Writer() == writer {
			n++
		}
		a := attempts.Attempt{Time: now, Verdict: v.Kind.String(), Status: v.Status, Took: took}
		if v.Kind != destinations.Delivered {
			a.Why = impersonal(v.Why, batch[:n])
		}
		places := make([]attempts.Place, n)
		for i := range places {
			it := &batch[i].group.group.Items[batch[i].index]
			places[i] = attempts.Place{Group: it.Group(), Index: it.Index()}
			if v.Kind == destinations.Retry {
				batch[i].group.told[batch[i].index].count("retried", retriedFor(v))
			}
		}
		d.record.Answers.Note(d.name, writer, &a, places)
		key := history.Key{Kind: history.Answers, Destination: d.name, What: a.Verdict, Detail: a.Why}
		if v.Status > 0 {
			key.Why = strconv.Itoa(v.Status)
		}
		d.record.Book.Counter(key).Add(int64(n))
		batch, verdicts = batch[n:], verdicts[n:]
	}
}

func retriedFor(v destinations.Verdict) string {
	if v.Status > 0 {
		return strconv.Itoa(v.Status)
	}
	return ""
}

// important are the fields that a destination recognises people and purchases by. Those of purchases are asked of conversions only.
var important = [...]struct {
	path        string
	ofPurchases bool
	has         func(*event.Event) bool
}{
	{"user.email", false, func(e *event.Event) bool { return e.User.Email != "" }},
	{"user.phone", false, func(e *event.Event) bool { return e.User.Phone != "" }},
	{"user.client_id", false, func(e *event.Event) bool { return e.User.ClientID != "" }},
	{"user.user_id", false, func(e *event.Event) bool { return e.User.UserID != "" }},
	{"campaign.click_ids", false, func(e *event.Event) bool { return len(e.Campaign.ClickIDs) > 0 }},
	{"params.value", true, func(e *event.Event) bool { return !e.Params.Get("value").IsEmpty() }},
	{"params.currency", true, func(e *event.Event) bool { return !e.Params.Get("currency").IsEmpty() }},
	{"params.transaction_id", true, func(e *event.Event) bool { return !e.Params.Get("transaction_id").IsEmpty() }},
}

// filled counts which of the important fields events have that are sent for the first time.
func (r *Recorder) filled(destination string, items []item) {
	var of, filled [len(important)]int64
	for i := range items {
		if items[i].sending.Attempt > 1 {
			continue
		}
		e := items[i].sending.Event
		for k := range important {
			if important[k].ofPurchases && e.Name != "purchase" {
				continue
			}
			of[k]++
			if important[k].has(e) {
				filled[k]++
			}
		}
	}
	for k := range important {
		for what, n := range map[string]int64{"of": of[k], "filled": filled[k]} {
			if n > 0 {
				r.Book.Counter(history.Key{Kind: history.Fill, Destination: destination, Of: important[k].path, What: what}).Add(n)
			}
		}
	}
}

// ImportantFields are the paths that fill rates are counted for.
func ImportantFields() []string {
	paths := make([]string, 0, len(important))
	for i := range important {
		paths = append(paths, important[i].path)
	}
	return slices.Clip(paths)
}
