package subjects

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"headgate/queue"
)

// Board is what all Headgates of a cluster share: lines that any of them posts and each of them reads, its own included.
type Board interface {
	// Post returns nil when the line is there for good. After an error it may be there, and may be posted again.
	Post(ctx context.Context, topic string, line []byte) error
	// Read calls fn with all lines whose Post had returned, and returns the place to go on from.
	Read(ctx context.Context, fn func(line []byte)) (next uint64, err error)
	// News calls fn with what is there from a place on, and does not wait. queue.ErrBoardLost: Read again.
	News(ctx context.Context, from uint64, fn func(line []byte)) (next uint64, err error)
	// Forget drops the lines of a topic that were posted before that time.
	Forget(ctx context.Context, topic string, before time.Time) error
}

// The topics of the board: withdrawals are forgotten some day, suppressions never.
const (
	topicSuppressed = "suppressed"
	topicWithdrawn  = "withdrawn"
)

func (l *stopLine) topic() string {
	if l.Withdraw {
		return topicWithdrawn
	}
	return topicSuppressed
}

// ErrUnshared is returned when an entry holds here and is on disk, but the other Headgates do not know it yet. They will: at the
// latest after the next start.
var ErrUnshared = errors.New("not available now: the NATS cluster did not take the entry; it is on disk and holds at this Headgate, and will at the others once the cluster answers")

// sharing is what makes the list of each Headgate of a cluster that of all. Nothing that was answered for can be lost,
// whenever a Headgate is killed:
//
//   - Who adds an entry makes it hold, then keeps it in the own file, then posts it, then answers. Killed before the file, it
//     has promised nothing. Killed before the post, or cut off from the cluster, it has the line in its file, and unite posts
//     what the board has not got.
//   - Who hears an entry makes it hold, then writes it to the own file. It remembers nowhere how far it has read: every start
//     reads the whole board, so what the kill kept out of the file is heard again.
//   - unite reads the board before it looks for what the board lacks, and posts that before it answers for anything. Killed in
//     between, the next start finds the rest lacking still. Two that lack the same on the board may post it twice: an entry is
//     the same for everybody who knows it already.
//   - A start is not over before unite is, and deliveries and the listener begin behind it.
//
// The union wins: a board that was lost is filled from the files, a file that was lost from the board.
type sharing struct {
	board    Board
	unshared atomic.Int64 // how many posts have failed since the start

	leave context.CancelFunc
	left  chan struct{} // closed when nobody listens any more

	// The rest belongs to whoever listens: join, then the goroutine it starts.
	next             uint64 // where the board's news begin
	heard            bool   // something heard was written to the own file, and is not synced
	written          noted  // the last of it
	failed           error  // why something heard is not in the own file
	full             bool   // that was said
	warnedUnreadable bool   // that lines cannot be read was logged
}

const (
	listenEvery  = 250 * time.Millisecond
	postedAtOnce = 64 // each waits for most of the cluster's disks
)

// join makes the list the cluster's, and goes on listening until close.
func (s *suppressed) join(ctx context.Context, b Board, old time.Time) error {
	s.sharing = &sharing{board: b, left: make(chan struct{})}
	if err := s.unite(ctx); err != nil {
		return fmt.Errorf("learn from the NATS cluster who must not be tracked: %w; nothing is accepted or delivered before that", err)
	}
	if err := b.Forget(ctx, topicWithdrawn, old.Add(-withdrawalsKept)); err != nil {
		s.logger.Debug("forget old withdrawals", "error", err) // the next start does it
	}
	ctx, s.sharing.leave = context.WithCancel(context.Background())
	go s.listen(ctx)
	return nil
}

// post tells the other Headgates of an entry that is in the own file. Without a cluster there are none.
func (s *suppressed) post(l *stopLine, line []byte) error {
	if s.sharing == nil {
		return nil
	}
	err := s.sharing.board.Post(context.Background(), l.topic(), line)
	if err == nil {
		return nil
	}
	s.sharing.unshared.Add(1)
	return fmt.Errorf("%w: %w", ErrUnshared, err)
}

// listen hears what the other Headgates are told, and tells them what they could not be told at once.
func (s *suppressed) listen(ctx context.Context) {
	x := s.sharing
	defer close(x.left)
	tick := time.NewTicker(listenEvery)
	defer tick.Stop()
	shared, cut := int64(0), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		failed := x.unshared.Load() // those that fail from now on are not in unite's account
		if failed == shared {
			err = s.hearNews(ctx)
		}
		if failed > shared || errors.Is(err, queue.ErrBoardLost) {
			if err = s.unite(ctx); err == nil {
				shared = failed
			}
		}
		switch {
		case err != nil && !cut && ctx.Err() == nil:
			cut = true
			s.logger.Warn("cut off from the other Headgates of the cluster: withdrawals told there do not stop deliveries here until the cluster answers, nor the other way round", "error", err)
		case err == nil && cut:
			cut = false
			s.logger.Info("what the other Headgates of the cluster were told holds here again")
		}
	}
}

func (s *suppressed) hearNews(ctx context.Context) (err error) {
	s.sharing.next, err = s.sharing.board.News(ctx, s.sharing.next, func(line []byte) {
		if l, ok := s.understand(line); ok {
			s.hear(l)
		}
	})
	s.keepHeard()
	return err
}

// unite makes the own file and the board say the same.
func (s *suppressed) unite(ctx context.Context) error {
	onBoard := map[entry]bool{} // for each entry of the own file
	err := s.eachOwn(func(l *stopLine, _ []byte) { onBoard[l.entry()] = false })
	if err != nil {
		return err
	}
	keyed := s.list.Hasher.Key == nil
	next, err := s.sharing.board.Read(ctx, func(line []byte) {
		keyed = keyed || isKeyLine(line)
		l, ok := s.understand(line)
		if !ok {
			return
		}
		if _, own := onBoard[l.entry()]; own {
			onBoard[l.entry()] = true
		} else {
			s.hear(l)
		}
	})
	if err != nil {
		return err
	}
	s.keepHeard()
	var lacking []func() error
	err = s.eachOwn(func(l *stopLine, line []byte) {
		if there, own := onBoard[l.entry()]; own && !there { // whoever adds others at this moment posts them too
			onBoard[l.entry()] = true
			topic, line := l.topic(), slices.Clone(line)
			lacking = append(lacking, func() error { return s.sharing.board.Post(ctx, topic, line) })
		}
	})
	if !keyed { // the board was lost
		lacking = append(lacking, func() error { return postKey(ctx, s.sharing.board, s.list.Hasher.Key) })
	}
	if err == nil {
		err = someAtOnce(lacking)
	}
	if err == nil {
		s.sharing.next = next
	}
	return err
}

// someAtOnce does all of it, a few at a time, up to the first that fail.
func someAtOnce(work []func() error) error {
	for some := range slices.Chunk(work, postedAtOnce) {
		errs := make([]error, len(some))
		var doing sync.WaitGroup
		for i, do := range some {
			doing.Go(func() { errs[i] = do() })
		}
		doing.Wait()
		for _, err := range errs {
			if err != nil {
				return err // the others say the same
			}
		}
	}
	return nil
}

// eachOwn calls fn with the entries of the own file that still say something.
func (s *suppressed) eachOwn(fn func(l *stopLine, line []byte)) error {
	return s.chain.each(func(line []byte) {
		if l, _, err := s.parse(line); err == nil && !l.stale(s.now()) {
			fn(l, line)
		}
	})
}

// entry tells entries apart: two lines with the same one stop the same.
type entry [16]byte

func (l *stopLine) entry() (e entry) {
	text := l.Subject
	if l.Withdraw {
		text += " " + l.When.UTC().Format(time.RFC3339Nano) + " " + strings.Join(l.Only, " ")
	}
	sum := sha256.Sum256([]byte(text))
	copy(e[:], sum[:])
	return e
}

// understand reads a line of the board. What a newer Headgate may say in other words is nothing that this one could keep.
func (s *suppressed) understand(line []byte) (*stopLine, bool) {
	if isKeyLine(line) {
		return nil, false
	}
	l, _, err := s.parse(line)
	if err != nil {
		if !s.sharing.warnedUnreadable {
			s.logger.Error("the cluster holds entries of the suppression list that this Headgate cannot read: those they name are not suppressed here; run the same version everywhere", "error", err)
		}
		s.sharing.warnedUnreadable = true
	}
	return l, err == nil && !l.stale(s.now())
}

// hear takes an entry of another Headgate up, unless it is known. Like add it makes it hold first. When the file cannot be
// written the entry holds all the same, and the next start hears it again.
func (s *suppressed) hear(l *stopLine) {
	stop, err := l.stop()
	if err != nil || s.holds(stop) {
		return
	}
	s.list.Add(stop)
	line, err := json.Marshal(l)
	if err == nil {
		var n noted
		if n, err = s.chain.write(line); err == nil {
			s.sharing.written, s.sharing.heard = n, true
		}
	}
	if err != nil {
		s.sharing.failed = err
	}
}

// keepHeard puts what was heard on disk.
func (s *suppressed) keepHeard() {
	x := s.sharing
	if !x.heard && x.failed == nil {
		return
	}
	err := x.failed
	if x.heard {
		err = errors.Join(err, s.chain.sync(x.written))
	}
	if err != nil && !x.full {
		s.logger.Error("withdrawals told to other Headgates hold here, but could not be written; make room in the data folder", "error", err)
	}
	x.heard, x.failed, x.full = false, nil, err != nil
	s.tidy()
}
