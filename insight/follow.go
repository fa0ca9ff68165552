package insight

import (
	"context"
	"errors"
	"time"

	"headgate/event"
	"headgate/event/layout"
	"headgate/insight/count"
	"headgate/insight/store"
	"headgate/insight/terms"
	"headgate/queue"
)

// The follower's pace.
const (
	gather    = 100 * time.Millisecond // between two looks at the log: events are counted some at a time
	tendEvery = 10 * time.Second
	again     = time.Second // after an error
)

// run follows the log until Close.
func (i *Insight) run() {
	defer close(i.done)
	i.begin()
	var erased uint64
	var tended, forgot time.Time
	var took time.Duration
	for i.ctx.Err() == nil {
		in := i.serving.Load()
		if in == nil {
			i.pause(again)
			continue
		}
		i.step(in)
		now := i.now()
		if changes := in.policy.Suppression.Changes(); changes != erased && now.Sub(forgot) >= 10*took {
			if _, err := i.Forget(i.ctx); i.report(err) {
				erased = changes
			}
			forgot, took = i.now(), i.now().Sub(now)
		}
		if now.Sub(tended) >= tendEvery {
			i.report(i.store.Tend(i.ctx, in.terms.Keep.Std()))
			tended = i.now()
		}
	}
}

// begin finds out whether the log is the one that the rows came from, and still has what was not read.
func (i *Insight) begin() {
	first, last, err := i.o.Log.Bounds(i.ctx)
	if !i.report(err) {
		return
	}
	position := i.store.Position()
	switch {
	case position > last:
		i.logger.Warn("the log is not the one that insight has counted; what it holds is counted beside what was counted before")
		i.store.Add(nil, 0)
	case position > 0 && first > position+1:
		i.mu.Lock()
		i.missed = first - position - 1
		i.mu.Unlock()
		i.logger.Warn("the log has dropped groups that insight had not counted; run headgate insight rebuild if an archive has them", "groups", first-position-1)
	}
}

// step counts what has come, and waits a moment.
func (i *Insight) step(in *serving) {
	before := i.store.Position()
	err := i.count(in)
	switch {
	case err == nil && i.store.Position()-before < 32:
		i.pause(gather)
	case err != nil && !errors.Is(err, context.DeadlineExceeded) && i.ctx.Err() == nil:
		i.report(err)
		i.pause(again)
	}
}

// count counts the next groups of the log, once there are any.
func (i *Insight) count(in *serving) error {
	position := i.store.Position()
	ctx, cancel := context.WithTimeout(i.ctx, again)
	defer cancel()
	var records []store.Record
	var newest time.Time
	r, changes := reader{in: in, until: i.refilling(position)}, in.policy.Suppression.Changes()
	next, err := i.o.Log.Next(ctx, position, func(s queue.Stored) {
		newest = s.Time
		if record, ok := r.read(&s); ok {
			records = append(records, record)
		}
	})
	if err == nil {
		i.erasing.Lock() // whoever was stopped meanwhile must not be added: then the same is read again
		if i.store.Position() == position && in.policy.Suppression.Changes() == changes {
			i.store.Add(records, next)
		}
		i.erasing.Unlock()
	}
	i.see(i.store.Position(), newest)
	return err
}

func (i *Insight) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-i.ctx.Done():
	}
}

// see notes how far it has come.
func (i *Insight) see(position uint64, newest time.Time) {
	_, last, err := i.o.Log.Bounds(i.ctx)
	i.mu.Lock()
	defer i.mu.Unlock()
	if err == nil {
		i.last = last
	}
	if !newest.IsZero() {
		i.counted = newest
	}
	if i.refill != nil && position >= i.refill.end {
		close(i.refill.done)
		i.refill = nil
	}
}

// report notes and logs what went wrong, once; it returns whether nothing did.
func (i *Insight) report(err error) bool {
	said := ""
	if err != nil && i.ctx.Err() == nil {
		said = err.Error()
	}
	i.mu.Lock()
	news := said != "" && said != i.trouble
	i.trouble = said
	i.mu.Unlock()
	if news {
		i.logger.Error("insight cannot go on: free disk space if there is none; what is counted later is in the log", "error", said)
	}
	return err == nil
}

// reader makes rows of what the log holds.
type reader struct {
	in    *serving
	until int64 // rows before that time are there already; 0: none are
}

// read returns what is kept of an event, and false when that is nothing.
func (r *reader) read(s *queue.Stored) (store.Record, bool) {
	record, ok := r.record(s)
	return record, ok && record.Time >= r.until
}

func (r *reader) record(s *queue.Stored) (store.Record, bool) {
	if s.Live == nil && layout.IsRefused(s.Bytes, nil) {
		f, err := layout.DecodeRefused(string(s.Bytes))
		if err != nil {
			return store.Record{}, false
		}
		if f.DroppedBy != "" && f.DroppedBy != droppedBots || terms.IsMeasurement(f.Name) {
			return store.Record{}, false
		}
		return r.nobody(f.DroppedBy == droppedBots, f.Name, f.Time, "", "")
	}
	d, err := layout.Decoded(s.Live, s.Bytes)
	if err != nil || d.Event.IsAlert() || terms.IsMeasurement(d.Event.Name) || d.DroppedBy != "" && d.DroppedBy != droppedBots {
		return store.Record{}, false
	}
	return r.decided(d)
}

// decided returns what is kept of an event that was decided about.
func (r *reader) decided(d *event.Decision) (store.Record, bool) {
	e := &d.Event
	switch {
	case d.DroppedBy == droppedBots, isBot(e):
		return r.nobody(true, e.Name, e.Time, e.Site, e.Geo.Country)
	case r.in.policy.Judge(&d.Consent, r.in.need).Action != event.Deliver, e.User.ClientID == "":
		return r.nobody(false, e.Name, e.Time, e.Site, e.Geo.Country)
	}
	if r.in.policy.Still(d, r.in.need).Action != event.Deliver {
		return store.Record{}, false // consent was withdrawn, and with it goes what was counted
	}
	f := r.in.terms.FactsOf(e)
	t := &f.Texts
	return store.Record{Visitor: visitorOf(r.in.policy, e.User.ClientID), Time: e.Time.UnixMilli(), ID: shortID(e.ID), Value: f.Value,
		Site: t[count.Site], Event: t[count.Event], Page: t[count.Page], Referrer: t[count.Referrer], Source: t[count.Source], Medium: t[count.Medium],
		Campaign: t[count.Campaign], Country: t[count.Country], Device: t[count.Device], Currency: t[count.Currency], Order: t[count.Order],
		Term: t[count.Term], Items: t[count.Items]}, true
}

// droppedBots is what the bot filter is called where a rule's name would stand.
const droppedBots = "bots"

func isBot(e *event.Event) bool {
	switch e.Traffic.Class {
	case "crawler", "ai_crawler", "agent", "prefetch":
		return true
	}
	return e.Device.Bot
}

// nobody keeps of an event what is about nobody: its name, minute, site and country.
func (r *reader) nobody(bot bool, name string, at time.Time, site, country string) (store.Record, bool) {
	record := store.Record{Visitor: count.Unmeasured, Time: at.Truncate(time.Minute).UnixMilli(), Event: terms.Clip(name, 100), Site: site, Country: country}
	if bot {
		record.Visitor = count.Bot
	}
	return record, bot || r.in.terms.Refused != "drop"
}

// shortID tells events with different ids apart.
func shortID(id string) uint32 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for k := range len(id) {
		h = (h ^ uint64(id[k])) * prime
	}
	if n := uint32(h ^ h>>32); n != 0 || id == "" {
		return n
	}
	return 1
}
