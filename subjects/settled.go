package subjects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What people have done about a privacy request is a line of its own in the record, which names the request's line.

// ErrRequest says that a privacy request cannot be settled. The rest of its text says why.
var ErrRequest = errors.New("the privacy request cannot be settled")

// Settled is that a person did what was to do.
type Settled struct {
	Time time.Time `json:"time"`
	By   string    `json:"by"`
	Why  string    `json:"why,omitempty"` // a ticket, what was done
}

// settling is the line.
type settling struct {
	Settles string `json:"settles"` // the id of a request
	Settled
}

const mostWhy = 500 // bytes

// idOf names a request by its line: the record has no numbers that would last.
func idOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:6])
}

// settlingIn returns what a line says of another, nil where it is a request.
func settlingIn(line []byte) *settling {
	var s settling
	if json.Unmarshal(line, &s) != nil || s.Settles == "" {
		return nil
	}
	return &s
}

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

func (a *Asked) settle(by *Settled) { a.State, a.Settled = stateDone, by }
