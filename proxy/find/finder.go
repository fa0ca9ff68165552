// Package find looks for events in the log: by what they are about, what was decided and what became of them, through an index that it
// keeps up to date.
//
// It promises that an event is found as soon as it is answered, that nobody who is suppressed is found, and that it holds up
// neither hits nor deliveries: it is one more reader of the log.
package find

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/search"
	"headgate/queue"
)

// Options are what a Finder works with.
type Options struct {
	Folder string // of the index
	Most   int64  // bytes that it may take; 0: the usual
	Log    *queue.Log
	List   func() *people.Suppression // who must not be found, and how identifiers are hashed
	Cursor func(destination string) (*queue.Cursor, bool)
	Now    func() time.Time
	Logger *slog.Logger
}

// Finder looks for events.
type Finder struct {
	Options
	index *search.Index
	news  *queue.Follower

	upTo atomic.Int64 // unix nanoseconds: everything accepted before is in the index

	following sync.Mutex     // one at a time adds to the index
	entries   []search.Entry // memory that is used again
	changes   uint64         // of the suppression list, as far as the index follows
	forgotten map[event.IdentifierHash]bool
}

// Open opens the index.
func Open(ctx context.Context, o Options) (*Finder, error) {
	index, err := search.Open(search.Options{Folder: o.Folder, Most: o.Most, Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	f := &Finder{Options: o, index: index, news: o.Log.Follower(), forgotten: map[event.IdentifierHash]bool{}}
	_, last, err := o.Log.Bounds(ctx)
	if err == nil && index.Next() > last+1 {
		o.Logger.Warn("the search index is of another log; it is made again")
		err = index.Trim(index.Next())
	}
	return f, err
}

// Run keeps the index up to date until ctx ends.
func (f *Finder) Run(ctx context.Context) {
	said, trimmed := "", time.Time{}
	for {
		err := f.CatchUp(ctx)
		if now := f.Now(); err == nil && now.Sub(trimmed) >= trimEvery {
			trimmed = now
			var first uint64
			if first, _, err = f.Log.Bounds(ctx); err == nil {
				err = f.index.Trim(first)
			}
		}
		if err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			f.Logger.Warn("the search index cannot follow the log; it is tried again", "error", err)
		}
		if pause(ctx, gather); ctx.Err() != nil {
			return
		}
		f.news.Wait(ctx, time.Second)
	}
}

// The pace of the index.
const (
	gather    = 20 * time.Millisecond // between two looks at the log: events are added some at a time
	trimEvery = time.Minute
)

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// CatchUp brings the index up to the log's end.
func (f *Finder) CatchUp(ctx context.Context) error {
	f.following.Lock()
	defer f.following.Unlock()
	return f.catchUp(ctx)
}

// hurry is CatchUp unless that is under way or takes long.
func (f *Finder) hurry(ctx context.Context) error {
	const little = 5 * time.Second
	if f.Now().Sub(time.Unix(0, f.upTo.Load())) > little || !f.following.TryLock() {
		return nil
	}
	defer f.following.Unlock()
	return f.catchUp(ctx)
}

func (f *Finder) catchUp(ctx context.Context) error {
	began := f.Now()
	if err := f.forget(); err != nil {
		return err
	}
	var failed error
	entries := f.entries
	defer func() { f.entries = emptied(entries) }()
	list := f.List()
	err := f.news.Follow(ctx, f.index.Next()-1, func(g queue.StoredGroup) bool {
		if len(g.Events) == 0 {
			return ctx.Err() == nil
		}
		entries = entries[:0]
		for i := range g.Events {
			entries = slices.Grow(entries, 1)[:len(entries)+1]
			if !fill(&entries[len(entries)-1], &g.Events[i], list) {
				entries = entries[:len(entries)-1]
			}
		}
		first := &g.Events[0]
		failed = f.index.Add(search.Group{Seq: g.Seq, Writer: first.Writer, Number: first.Group, Time: first.Time}, entries)
		return failed == nil && ctx.Err() == nil
	})
	if err == nil {
		err = failed
	}
	if err == nil && ctx.Err() == nil {
		f.upTo.Store(began.UnixNano())
	}
	return err
}

// emptied keeps the memory of entries without the texts, which belong to events.
func emptied(entries []search.Entry) []search.Entry {
	entries = entries[:cap(entries)]
	for i := range entries {
		clear(entries[i].Outcomes)
		entries[i].Name, entries[i].Site = "", ""
	}
	return entries[:0]
}

// forget takes those out of the index who were suppressed since the last time.
func (f *Finder) forget() error {
	list := f.List()
	changes := list.Changes()
	if changes == f.changes {
		return nil
	}
	var keys []search.Key
	var hashes []event.IdentifierHash
	for _, hash := range list.Suppressed() {
		if !f.forgotten[hash] {
			hashes, keys = append(hashes, hash), append(keys, keyOf(hash))
		}
	}
	if err := f.index.Forget(keys); err != nil {
		return fmt.Errorf("forget who is suppressed: %w", err)
	}
	for _, hash := range hashes {
		f.forgotten[hash] = true
	}
	f.changes = changes
	return nil
}

// Close ends the use of the index.
func (f *Finder) Close() error { return f.index.Close() }

func keyOf(hash event.IdentifierHash) search.Key {
	return search.Key(binary.LittleEndian.Uint64(hash[:]))
}

func idKey(id [16]byte) search.Key { return search.Key(binary.LittleEndian.Uint64(id[:])) }

// The kinds of ids that say nothing about a person by themselves; they are hashed with the same key.
const (
	ofOrder = "order_id:"
	ofClick = "click_id:"
)

func textKey(h *people.Hasher, kind, text string) search.Key {
	return keyOf(h.Hash(people.Subject(sha256.Sum256([]byte(kind + text)))))
}

var stateNames = [...]string{event.Deliver: "due", event.Redact: "due", event.Deny: "denied", event.Filter: "filtered"}

// fill makes e what the index holds of a stored event, in the memory that e has; ok is false for one that nobody may find.
func fill(e *search.Entry, s *queue.Stored, list *people.Suppression) (ok bool) {
	*e = search.Entry{Index: s.Index, Keys: e.Keys[:0], Outcomes: e.Outcomes[:0]}
	if s.Live == nil && layout.IsRefused(s.Bytes, nil) {
		r, err := layout.DecodeRefused(string(s.Bytes))
		if err != nil {
			return false
		}
		e.Name, e.Outcomes, e.Keys = r.Name, appendOutcomes(e.Outcomes, r.Outcomes), append(e.Keys, idKey(r.ID))
		return true
	}
	d, err := layout.Decoded(s.Live, s.Bytes)
	if err != nil {
		return false
	}
	ids := list.Hasher.OfDecision(d)
	if list.Suppresses(ids) {
		return false
	}
	e.Name, e.Site, e.Outcomes = d.Event.Name, d.Event.Site, appendOutcomes(e.Outcomes, d.Outcomes)
	e.Keys = append(e.Keys, idKey(layout.HashID(d.Event.ID)))
	for i := range ids {
		e.Keys = append(e.Keys, keyOf(ids[i].Hash))
	}
	for _, path := range [...]string{"transaction_id", "order_id"} {
		if id := d.Event.Params.Text(path); id != "" {
			e.Keys = append(e.Keys, textKey(&list.Hasher, ofOrder, id))
		}
	}
	for _, click := range d.Event.Campaign.ClickIDs {
		if id := click.Value.Text(); id != "" {
			e.Keys = append(e.Keys, textKey(&list.Hasher, ofClick, id))
		}
	}
	return true
}

func appendOutcomes(out []search.Outcome, list []event.Outcome) []search.Outcome {
	for i := range list {
		reason := string(list[i].Reason)
		if list[i].Action.Due() {
			reason = ""
		}
		out = append(out, search.Outcome{Destination: list[i].Destination, State: stateNames[list[i].Action], Reason: reason})
	}
	return out
}
