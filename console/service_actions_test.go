package console_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"headgate/event"
	"headgate/proxy"
	"headgate/proxy/resend"
	"headgate/proxy/status"
	"headgate/subjects"
)

func (m *memory) picked(p resend.Pick) (picked, rest []resend.DeadLetter, err error) {
	name, err := condition(p.Where)
	for _, l := range m.letters {
		if (p.Destination == "" || p.Destination == l.Destination) && (len(p.IDs) == 0 || slices.Contains(p.IDs, l.EventID)) &&
			!l.Rejected.Before(p.Since) && (name == "" || name == l.EventName) {
			picked = append(picked, l)
		} else {
			rest = append(rest, l)
		}
	}
	return picked, rest, err
}

func (m *memory) DeadLetters(_ context.Context, p resend.Pick) (resend.DeadLetters, error) {
	picked, _, err := m.picked(p)
	page := picked
	if p.After != "" {
		page = page[1+slices.IndexFunc(page, func(l resend.DeadLetter) bool { return l.Cursor == p.After }):]
	}
	return resend.DeadLetters{Letters: page[:min(len(page), cmp.Or(p.Limit, len(page)))], Total: len(picked)}, err
}

func (m *memory) DeadLetter(_ context.Context, destination, id string) (resend.DeadLetter, error) {
	picked, _, _ := m.picked(resend.Pick{Destination: destination, IDs: []string{id}})
	if len(picked) == 0 {
		return resend.DeadLetter{}, proxy.ErrNotFound
	}
	picked[0].Trace = traceOf(id, picked[0].EventName)
	return picked[0], nil
}

func (m *memory) RetryDeadLetters(_ context.Context, p resend.Pick) (int, error) {
	picked, rest, err := m.picked(p)
	if err == nil {
		m.letters = rest
	}
	return len(picked), err
}

func (m *memory) DropDeadLetters(ctx context.Context, p resend.Pick) (int, error) {
	return m.RetryDeadLetters(ctx, p)
}

func (m *memory) Backfill(_ context.Context, b resend.Backfill, progress func(resend.Filled)) (resend.Filled, error) {
	m.filled = b
	if _, known := m.account.Destinations[b.To]; !known {
		return resend.Filled{}, proxy.ErrNotFound
	}
	if b.From == "nothing" {
		return resend.Filled{}, fmt.Errorf("%w: nothing keeps nothing", resend.ErrBackfill)
	}
	progress(resend.Filled{Read: 1000, Of: 1500, Delivered: 900, At: "somewhere"})
	if b.To == "archive" {
		return resend.Filled{Read: 1200, Of: 1500}, fmt.Errorf("%w: archive refuses our settings", resend.ErrBackfill)
	}
	return resend.Filled{Read: 1500, Of: 1500, Delivered: 1400, Withheld: 7, Rejected: 1, Why: "too long"}, nil
}

func (m *memory) Replay(_ context.Context, r resend.Replay, progress func(resend.Tally)) (resend.Tally, error) {
	m.replayed = r
	if _, err := condition(r.Where); err != nil {
		return resend.Tally{}, err
	}
	if _, known := m.account.Destinations[r.To]; !known {
		return resend.Tally{}, proxy.ErrNotFound
	}
	progress(resend.Tally{Read: 1000, Of: 1500, Matched: 10})
	if r.To == "archive" {
		return resend.Tally{Read: 1200, Of: 1500, Matched: 11}, fmt.Errorf("read group 7: gone")
	}
	return resend.Tally{Read: 1500, Of: 1500, Matched: 12}, nil
}

func (m *memory) Forget(_ context.Context, name string) (status.Orphan, error) {
	if _, inForce := m.account.Destinations[name]; inForce {
		return status.Orphan{}, fmt.Errorf("forget %s: %w", name, proxy.ErrInForce)
	}
	lost, held := m.account.Orphans[name]
	if !held {
		return lost, proxy.ErrNotFound
	}
	delete(m.account.Orphans, name)
	return lost, nil
}

func (m *memory) Decisions(_ context.Context, since time.Time, fn func([]byte) bool) error {
	if since.After(m.account.Config.LoadedAt) {
		return fmt.Errorf("read group 7: gone")
	}
	fn([]byte("one"))
	fn([]byte(since.Format(time.DateOnly)))
	return nil
}

func (m *memory) Export(_ context.Context, p subjects.Person, fn func(subjects.Held)) error {
	if p.Kind == "name" {
		return subjects.ErrPerson
	}
	fn(subjects.Held{Suppression: &subjects.Suppression{Subject: "5e88"}})
	if p.ID == "broken" {
		return fmt.Errorf("read group 7: gone")
	}
	return nil
}

func (m *memory) Suppress(_ context.Context, p subjects.Person, why string) (subjects.Suppressed, error) {
	m.suppressed = append(m.suppressed, p.Kind+" "+p.ID+": "+why)
	if p.ID == "" {
		return subjects.Suppressed{}, subjects.ErrPerson
	}
	return subjects.Suppressed{Understood: subjects.Understood{Kind: "email", ID: p.ID}, Together: 2}, nil
}

func (m *memory) Delete(ctx context.Context, p subjects.Person, why string) (subjects.Suppressed, []subjects.Erasure, error) {
	done, err := m.Suppress(ctx, p, why)
	if err != nil {
		return done, nil, err
	}
	return done, []subjects.Erasure{{Destination: "meta", Delivered: 2, Advice: "ask them"}}, nil
}

func (m *memory) Requests(context.Context) ([]subjects.Asked, error) {
	return []subjects.Asked{{ID: "a1", Time: noon, Source: "shop", Do: event.AskExport, Reference: "9999", State: "to_do"}}, nil
}

func (m *memory) Settle(_ context.Context, id, by, why string) (subjects.Asked, error) {
	if id != "a1" {
		return subjects.Asked{}, fmt.Errorf("%w: there is none with the id %q", subjects.ErrRequest, id)
	}
	return subjects.Asked{ID: id, State: "done", Settled: &subjects.Settled{Time: noon, By: by, Why: why}}, nil
}

func (m *memory) Link(_ context.Context, p subjects.Person, until time.Time) (string, error) {
	if p.ID == "" {
		return "", subjects.ErrPerson
	}
	return "id=" + p.ID + "&until=" + until.UTC().Format(time.DateOnly), nil
}
