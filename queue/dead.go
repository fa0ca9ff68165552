package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/queue/stream"
)

// DeadLetter is an event that a destination refused for good.
type DeadLetter struct {
	ID      string // names it in this cursor
	Bytes   []byte
	State   State
	Why     string
	When    time.Time // when it was given up
	Since   time.Time // when it failed first
	Attempt int       // how often it was tried
}

// ErrNoDeadLetter is for an id that names none, or none any more.
var ErrNoDeadLetter = errors.New("no such dead letter")

func deadID(seq uint64, item int) string { return number(seq) + "-" + strconv.Itoa(item) }

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func parseDeadID(id string) (seq uint64, item int, err error) {
	a, b, ok := strings.Cut(id, "-")
	if ok {
		if seq, err = strconv.ParseUint(a, 10, 64); err == nil {
			if item, err = strconv.Atoi(b); err == nil && item >= 0 {
				return seq, item, nil
			}
		}
	}
	return 0, 0, fmt.Errorf("%w: %q", ErrNoDeadLetter, id)
}

func (r *record) letter(seq uint64, i int) DeadLetter {
	it := &r.items[i]
	return DeadLetter{ID: deadID(seq, i), Bytes: it.bytes, State: it.state, Why: it.why, When: r.when, Since: it.since, Attempt: it.attempt}
}

// Dead calls fn with the dead letters, oldest first, beginning after the one with that ID ("" is the start), until fn says
// false.
func (c *Cursor) Dead(ctx context.Context, after string, fn func(DeadLetter) bool) error {
	var from uint64
	skip := -1
	if after != "" {
		var err error
		if from, skip, err = parseDeadID(after); err != nil {
			return err
		}
	}
	removed := c.removed()
	return each(ctx, c.log.store, stream.DeadLetters, deadRecord.subject(stream.Any, c.name), from, func(m stream.Message) bool {
		r, err := decodeRecord(m.Data)
		if err != nil || slices.Contains(removed, m.Seq) {
			return true
		}
		for i := range r.items {
			if m.Seq == from && i <= skip {
				continue
			}
			if !fn(r.letter(m.Seq, i)) {
				return false
			}
		}
		return true
	})
}

// removed are the dead-letter records that are finished and merely not yet gone.
func (c *Cursor) removed() []uint64 {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	var seqs []uint64
	for _, b := range c.log.books {
		seqs = append(seqs, b.deadDone...)
	}
	return seqs
}

// ShowDead returns one dead letter.
func (c *Cursor) ShowDead(ctx context.Context, id string) (DeadLetter, error) {
	seq, item, err := parseDeadID(id)
	if err != nil {
		return DeadLetter{}, err
	}
	r, _, err := c.deadRecord(ctx, seq)
	if err != nil {
		return DeadLetter{}, err
	}
	if item >= len(r.items) {
		return DeadLetter{}, fmt.Errorf("%w: %q", ErrNoDeadLetter, id)
	}
	return r.letter(seq, item), nil
}

// deadRecord returns a record of this cursor's dead letters and who wrote it.
func (c *Cursor) deadRecord(ctx context.Context, seq uint64) (*record, string, error) {
	m, err := c.log.store.Get(ctx, stream.DeadLetters, seq)
	if err == nil {
		names := stream.Names(m.Subject) // of the writer and the cursor
		if len(names) != 2 || m.Subject != deadRecord.subject(names[0], c.name) || slices.Contains(c.removed(), seq) {
			return nil, "", fmt.Errorf("%w: %s", ErrNoDeadLetter, number(seq))
		}
		r, err := decodeRecord(m.Data)
		return r, names[0], err
	}
	if errors.Is(err, stream.ErrNone) {
		err = ErrNoDeadLetter
	}
	return nil, "", fmt.Errorf("read dead letter %s: %w", number(seq), err)
}

// RetryDead makes dead letters pending again, due now. It returns how many.
func (c *Cursor) RetryDead(ctx context.Context, ids ...string) (int, error) {
	return c.takeDead(ctx, ids, func(ln *lane, taken []recordItem) []*record {
		now := c.log.now()
		return []*record{{kind: retryRecord, when: now, due: now, items: taken}}
	})
}

// DropDead throws dead letters away. They stay counted as rejected. It returns how many.
func (c *Cursor) DropDead(ctx context.Context, ids ...string) (int, error) {
	return c.takeDead(ctx, ids, nil)
}

// takeDead takes letters out of their records: the rest of each record is written anew, with what becomes of the taken.
func (c *Cursor) takeDead(ctx context.Context, ids []string, becomes func(*lane, []recordItem) []*record) (int, error) {
	items := map[uint64][]int{}
	var seqs []uint64
	for _, id := range ids {
		seq, item, err := parseDeadID(id)
		if err != nil {
			return 0, err
		}
		if items[seq] == nil {
			seqs = append(seqs, seq)
		}
		if !slices.Contains(items[seq], item) {
			items[seq] = append(items[seq], item)
		}
	}
	done := 0
	for _, seq := range seqs {
		n, err := c.takeDeadOf(ctx, seq, items[seq], becomes)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (c *Cursor) takeDeadOf(ctx context.Context, seq uint64, which []int, becomes func(*lane, []recordItem) []*record) (int, error) {
	c.dealing.Lock() // two operators at once must not take the same letter twice
	defer c.dealing.Unlock()
	r, writer, err := c.deadRecord(ctx, seq)
	if err != nil {
		return 0, err
	}
	ln := c.laneOf(writer)
	if ln == nil {
		return 0, fmt.Errorf("dead letter %s belongs to %s, which is running elsewhere", number(seq), writer)
	}
	var taken, rest []recordItem
	for i, it := range r.items {
		if slices.Contains(which, i) {
			taken = append(taken, it)
		} else {
			rest = append(rest, it)
		}
	}
	if len(taken) < len(which) {
		return 0, fmt.Errorf("%w: %s has %d", ErrNoDeadLetter, number(seq), len(r.items))
	}
	var records []*record
	if becomes != nil {
		records = becomes(ln, taken)
	}
	if len(rest) > 0 {
		records = append(records, &record{kind: deadRecord, when: r.when, items: rest})
	}
	o := &op{lane: ln, records: records, lasting: true, done: make(chan error, 1)}
	o.apply = func(seqs []uint64) {
		ln.account.Dead -= uint64(len(r.items))
		if becomes == nil {
			ln.account.Dropped += uint64(len(taken))
		}
		ln.book.deadDone = append(ln.book.deadDone, seq)
		ln.receive(records, seqs)
	}
	if err := ln.book.do(ctx, o); err != nil {
		return 0, err
	}
	return len(taken), nil
}

// laneOf returns the cursor's lane in a writer's book, nil when the book is not open here.
func (c *Cursor) laneOf(writer string) *lane {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	for _, ln := range c.lanes {
		if ln.book.writer == writer {
			return ln
		}
	}
	return nil
}
