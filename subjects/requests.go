package subjects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"headgate/event"
)

// ErrRequest says that a privacy request cannot be settled. The rest of its text says why.
var ErrRequest = errors.New("the privacy request cannot be settled")

// errUnheard is returned before anybody serves requests.
var errUnheard = fmt.Errorf("privacy requests are not heard yet: %w", fs.ErrClosed)

// Ask carries out what a proven sender asks for about a person, or writes it down where people have to. It returns when that is
// on disk; after an error the sender is to ask again.
func (s *Store) Ask(ctx context.Context, q event.PrivacyRequest) (state string, err error) {
	r := s.rights.Load()
	if r == nil {
		return "", errUnheard
	}
	return r.ask(ctx, q)
}

// Requests returns the privacy requests that came by senders, the oldest first.
func (r *Rights) Requests(context.Context) ([]Asked, error) {
	return r.store.requests.list(r.store.now())
}

// ask is Ask. One request is carried out at a time: each reads the whole log.
func (r *Rights) ask(ctx context.Context, q event.PrivacyRequest) (state string, err error) {
	r.asking.Lock()
	defer r.asking.Unlock()
	a := &Asked{Time: r.store.now().UTC().Truncate(time.Millisecond), Source: strings.Clone(q.Source), Do: q.Do, Reference: strings.Clone(q.Reference), State: stateToDo}
	var who []*recognised
	for _, one := range q.Person {
		known, err := recognisedAs(r.store.language(), one.Kind, strings.TrimSpace(one.ID), one.Country)
		if err != nil {
			a.Unclear++
			continue
		}
		who = append(who, known)
		a.Person = append(a.Person, AskedPerson{known.kind.String(), known.subject.String()})
	}
	if len(who) > 0 && q.Do != event.AskExport {
		if err := r.carryOut(ctx, a, who); err != nil {
			return "", err
		}
	}
	if err := r.store.requests.add(a); err != nil {
		return "", fmt.Errorf("write a privacy request down: %w", err)
	}
	a.log(r.store.logger)
	if a.State == stateFailed {
		return a.State, fmt.Errorf("%d destinations could not remove what they hold", len(a.Failed))
	}
	return a.State, nil
}

// carryOut suppresses a person under all ids first, so that nothing more is sent, and then has removed what is asked for.
func (r *Rights) carryOut(ctx context.Context, a *Asked, who []*recognised) error {
	people := make([]*stopped, len(who))
	for i, one := range who {
		var err error
		if people[i], err = r.suppressPerson(ctx, one, fmt.Sprintf("asked for by %s: %s", a.Source, a.Do)); err != nil {
			return err
		}
	}
	if a.Do == event.AskDelete {
		for _, one := range people {
			outcomes, err := r.erase(ctx, one)
			if err != nil {
				return err
			}
			for i := range outcomes {
				a.note(&outcomes[i])
			}
		}
	}
	a.At, a.Failed = sorted(a.At), sorted(a.Failed)
	switch {
	case len(a.Failed) > 0:
		a.State = stateFailed
	case len(a.At) == 0 && a.Unclear == 0:
		a.State = stateDone
	}
	return nil
}

const mostWhy = 500 // bytes

// Settle notes that a person did what a privacy request asks for, and returns the request when that is on disk. ErrRequest when
// there is no such request, or nothing to do about it.
func (r *Rights) Settle(_ context.Context, id, by, why string) (Asked, error) {
	r.asking.Lock() // nobody else settles it meanwhile
	defer r.asking.Unlock()
	rs, now := &r.store.requests, r.store.now().UTC().Truncate(time.Millisecond)
	list, err := rs.list(now)
	if err != nil {
		return Asked{}, err
	}
	for i := range list {
		a := &list[i]
		switch {
		case a.ID != id:
			continue
		case a.Settled != nil:
			return *a, fmt.Errorf("%w: %s has settled it on %s", ErrRequest, a.Settled.By, a.Settled.Time.Format(time.DateOnly))
		case a.State == stateDone:
			return *a, fmt.Errorf("%w: it was carried out when it came", ErrRequest)
		}
		done := settling{Settles: id, Settled: Settled{Time: now, By: by, Why: strings.ToValidUTF8(why[:min(len(why), mostWhy)], "")}}
		line, err := json.Marshal(done)
		if err == nil {
			err = rs.addLine(line, now)
		}
		if err != nil {
			return *a, fmt.Errorf("write down that a privacy request is settled: %w", err)
		}
		a.settle(&done.Settled)
		return *a, nil
	}
	return Asked{}, fmt.Errorf("%w: there is none with the id %q; headgate subject requests lists them", ErrRequest, id)
}
