package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/queue/format"
	"headgate/queue/stored"
	"headgate/queue/stream"
)

// DeadLetter is an event that was rejected: the destination will never accept it, or its retries ran out.
type DeadLetter struct {
	ID      string // unique for this cursor
	Bytes   []byte
	State   format.State
	Why     string
	When    time.Time // when it was rejected
	Since   time.Time // when it first failed
	Attempt int       // how often a delivery was attempted
}

// ErrNoDeadLetter is returned for an id that does not, or no longer, name a dead letter.
var ErrNoDeadLetter = errors.New("no such dead letter")

func deadLetterID(seq uint64, item int) string { return number(seq) + "-" + strconv.Itoa(item) }

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func parseDeadLetterID(id string) (seq uint64, item int, err error) {
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

func letter(r *format.Record, seq uint64, i int) DeadLetter {
	it := &r.Items[i]
	return DeadLetter{ID: deadLetterID(seq, i), Bytes: it.Bytes, State: it.State, Why: it.Why, When: r.When, Since: it.Since, Attempt: it.Attempt}
}

// DeadLetters calls fn with the dead letters, oldest first, after the one with that ID ("" is the start), until fn returns false.
func (c *Cursor) DeadLetters(ctx context.Context, after string, fn func(DeadLetter) bool) error {
	var from uint64
	skip := -1
	if after != "" {
		var err error
		if from, skip, err = parseDeadLetterID(after); err != nil {
			return err
		}
	}
	removed := c.removed()
	return stored.Each(ctx, c.ledgers.store, stream.DeadLetters, subjectOf(format.DeadLetterRecord, stream.Any, c.name), from, func(m stream.Message) bool {
		r, err := format.DecodeRecord(m.Data)
		if err != nil || slices.Contains(removed, m.Seq) {
			return true
		}
		for i := range r.Items {
			if m.Seq == from && i <= skip {
				continue
			}
			if !fn(letter(r, m.Seq, i)) {
				return false
			}
		}
		return true
	})
}

// removed are the dead-letter records that are finished but not yet deleted.
func (c *Cursor) removed() []uint64 {
	c.ledgers.mu.Lock()
	defer c.ledgers.mu.Unlock()
	var seqs []uint64
	for _, led := range c.ledgers.kept {
		seqs = append(seqs, led.deadDone...)
	}
	return seqs
}

// DeadLetter returns one dead letter.
func (c *Cursor) DeadLetter(ctx context.Context, id string) (DeadLetter, error) {
	seq, item, err := parseDeadLetterID(id)
	if err != nil {
		return DeadLetter{}, err
	}
	r, _, err := c.deadLetterRecord(ctx, seq)
	if err != nil {
		return DeadLetter{}, err
	}
	if item >= len(r.Items) {
		return DeadLetter{}, fmt.Errorf("%w: %q", ErrNoDeadLetter, id)
	}
	return letter(r, seq, item), nil
}

// deadLetterRecord returns a record of this cursor's dead letters and the writer to whose ledger it belongs.
func (c *Cursor) deadLetterRecord(ctx context.Context, seq uint64) (*format.Record, string, error) {
	m, err := c.ledgers.store.Get(ctx, stream.DeadLetters, seq)
	if err == nil {
		names := stream.Names(m.Subject) // of the writer and the cursor
		if len(names) != 2 || m.Subject != subjectOf(format.DeadLetterRecord, names[0], c.name) || slices.Contains(c.removed(), seq) {
			return nil, "", fmt.Errorf("%w: %s", ErrNoDeadLetter, number(seq))
		}
		r, err := format.DecodeRecord(m.Data)
		return r, names[0], err
	}
	if errors.Is(err, stream.ErrNone) {
		err = ErrNoDeadLetter
	}
	return nil, "", fmt.Errorf("read dead letter %s: %w", number(seq), err)
}

// RetryDeadLetters makes dead letters pending again, due now. It returns how many.
func (c *Cursor) RetryDeadLetters(ctx context.Context, ids ...string) (int, error) {
	return c.takeOut(ctx, ids, func(taken []format.RecordItem) []*format.Record {
		now := c.ledgers.now()
		return []*format.Record{{Kind: format.RetryRecord, When: now, Due: now, Items: taken}}
	})
}

// DropDeadLetters deletes dead letters. They stay counted as rejected. It returns how many.
func (c *Cursor) DropDeadLetters(ctx context.Context, ids ...string) (int, error) {
	return c.takeOut(ctx, ids, nil)
}

// takeOut removes letters from their records: the rest of each record is rewritten, together with the records that the taken become.
func (c *Cursor) takeOut(ctx context.Context, ids []string, becomes func([]format.RecordItem) []*format.Record) (int, error) {
	items := map[uint64][]int{}
	var seqs []uint64
	for _, id := range ids {
		seq, item, err := parseDeadLetterID(id)
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
		n, err := c.takeOutOf(ctx, seq, items[seq], becomes)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (c *Cursor) takeOutOf(ctx context.Context, seq uint64, which []int, becomes func([]format.RecordItem) []*format.Record) (int, error) {
	c.moving.Lock() // two operators must not take the same letter at once
	defer c.moving.Unlock()
	r, writer, err := c.deadLetterRecord(ctx, seq)
	if err != nil {
		return 0, err
	}
	pos := c.positionOf(writer)
	if pos == nil {
		return 0, fmt.Errorf("dead letter %s belongs to %s, whose ledger another process keeps", number(seq), writer)
	}
	var taken, rest []format.RecordItem
	for i, it := range r.Items {
		if slices.Contains(which, i) {
			taken = append(taken, it)
		} else {
			rest = append(rest, it)
		}
	}
	if len(taken) < len(which) {
		return 0, fmt.Errorf("%w: %s has %d", ErrNoDeadLetter, number(seq), len(r.Items))
	}
	var records []*format.Record
	if becomes != nil {
		records = becomes(taken)
	}
	if len(rest) > 0 {
		records = append(records, &format.Record{Kind: format.DeadLetterRecord, When: r.When, Items: rest})
	}
	o := &op{position: pos, records: records, lasting: true, done: make(chan error, 1)}
	o.apply = func(seqs []uint64) {
		pos.account.Dead -= uint64(len(r.Items))
		if becomes == nil {
			pos.account.Dropped += uint64(len(taken))
		}
		pos.ledger.deadDone = append(pos.ledger.deadDone, seq)
		pos.receiveLocked(records, seqs)
	}
	if err := pos.ledger.do(ctx, o); err != nil {
		return 0, err
	}
	return len(taken), nil
}
