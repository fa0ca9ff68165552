package suppression

import (
	"context"
	"strings"
	"sync"
	"time"

	"headgate/consent/people"
	"headgate/queue"
)

// shelf is a board in memory whose cluster can be away. The real one is met by the tests of the whole program.
type shelf struct {
	mu    sync.Mutex
	lines []shelved
	away  error
	room  int // how many lines it takes before it is away; 0: any number

	forgot string // the topic of the last Forget
	before time.Time
}

type shelved struct{ topic, line string }

func (b *shelf) Post(_ context.Context, topic string, line []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return b.away
	}
	b.lines = append(b.lines, shelved{topic, string(line)})
	if b.room--; b.room == 0 {
		b.away = errAway
	}
	return nil
}

func (b *shelf) Read(ctx context.Context, fn func(line []byte)) (uint64, error) {
	return b.News(ctx, 1, fn)
}

func (b *shelf) News(_ context.Context, from uint64, fn func(line []byte)) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := uint64(len(b.lines)) + 1
	switch {
	case b.away != nil:
		return from, b.away
	case end < from:
		return from, queue.ErrBoardLost
	}
	for _, one := range b.lines[from-1:] {
		fn([]byte(one.line))
	}
	return end, nil
}

func (b *shelf) Forget(_ context.Context, topic string, before time.Time) error {
	b.forgot, b.before = topic, before
	return nil
}

// be makes the cluster answer or not, and set replaces what the board holds.
func (b *shelf) be(away error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away, b.room = away, 0
}

func (b *shelf) set(lines ...shelved) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = lines
}

func (b *shelf) about(subject people.Subject) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.lines {
		if strings.Contains(one.line, subject.String()) {
			n++
		}
	}
	return n
}
