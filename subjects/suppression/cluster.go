package suppression

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
	"headgate/subjects/journal"
)

func (l *Line) topic() string {
	if l.Withdraw {
		return topicWithdrawn
	}
	return topicSuppressed
}

// ErrUnshared is returned when an entry is in force here and on disk, but has not reached the other Headgates. It will, after the
// next start at the latest.
var ErrUnshared = errors.New("not available now: the NATS cluster did not take the entry; it is on disk and holds at this Headgate, and will at the others once the cluster answers")

// sharing keeps the lists of all Headgates of a cluster the same. No entry that was confirmed to a caller can be lost, whenever
// a Headgate is killed:
//
//   - A Headgate that adds an entry puts it in force, writes it to its own file, posts it, and then answers. Killed before the
//     file is written, it has promised nothing. Killed before the post, or cut off from the cluster, it has the line in its file,
//     and unite posts what the board lacks.
//   - A Headgate that reads an entry puts it in force, then writes it to its own file. How far it has read is not stored: every
//     start reads the whole board, so an entry that did not reach the file is read again.
//   - unite reads the board before it looks for what the board lacks, and posts that before anything is confirmed. If it is
//     killed in between, the next start still finds the rest missing. Two Headgates that find the same entry missing may both
//     post it: an entry that is known already changes nothing.
//   - A start ends after unite; deliveries and the listener begin only then.
//
// The union wins: a lost board is filled from the files, a lost file from the board.
type sharing struct {
	board    Board
	unshared atomic.Int64 // how many posts have failed since the start

	leave context.CancelFunc
	left  chan struct{} // closed when the listener has ended

	// The rest belongs to the listener: join, then the goroutine that it starts.
	next             uint64        // where the board's news begin
	heard            bool          // something read was written to its own file, and is not synced
	written          journal.Noted // the last of it
	failed           error         // why something read is not in its own file
	full             bool          // that was logged
	warnedUnreadable bool          // that lines cannot be read was logged
}

const (
	listenEvery  = 250 * time.Millisecond
	postedAtOnce = 64 // each waits for most of the cluster's disks
)

// join unites the list with the cluster's and keeps reading the board until Close.
func (s *List) join(ctx context.Context, b Board, old time.Time) error {
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

// post sends an entry that is in its own file to the other Headgates. Without a cluster there are none.
func (s *List) post(l *Line, line []byte) error {
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

// listen reads the other Headgates' entries, and posts those that could not be posted at once.
func (s *List) listen(ctx context.Context) {
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

func (s *List) hearNews(ctx context.Context) (err error) {
	s.sharing.next, err = s.sharing.board.News(ctx, s.sharing.next, func(line []byte) {
		if l, ok := s.understand(line); ok {
			s.hear(l)
		}
	})
	s.keepHeard()
	return err
}

// unite makes its own file and the board hold the same entries.
func (s *List) unite(ctx context.Context) error {
	onBoard := map[entry]bool{} // for each entry of its own file
	err := s.eachOwn(func(l *Line, _ []byte) { onBoard[l.entry()] = false })
	if err != nil {
		return err
	}
	keyed := s.Stops.Hasher.Key == nil
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
	err = s.eachOwn(func(l *Line, line []byte) {
		if there, own := onBoard[l.entry()]; own && !there { // entries that are added at this moment are posted by whoever adds them
			onBoard[l.entry()] = true
			topic, line := l.topic(), slices.Clone(line)
			lacking = append(lacking, func() error { return s.sharing.board.Post(ctx, topic, line) })
		}
	})
	if !keyed { // the board was lost
		lacking = append(lacking, func() error { return postKey(ctx, s.sharing.board, s.Stops.Hasher.Key) })
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

// eachOwn calls fn with the entries of its own file that still say something.
func (s *List) eachOwn(fn func(l *Line, line []byte)) error {
	return s.chain.Each(func(line []byte) {
		if l, _, err := s.parse(line); err == nil && !l.stale(s.now()) {
			fn(l, line)
		}
	})
}

// entry identifies what a line stops: two lines with the same entry stop the same.
type entry [16]byte

func (l *Line) entry() (e entry) {
	text := l.Subject
	if l.Withdraw {
		text += " " + l.When.UTC().Format(time.RFC3339Nano) + " " + strings.Join(l.Only, " ")
	}
	sum := sha256.Sum256([]byte(text))
	copy(e[:], sum[:])
	return e
}

// understand reads a line of the board. Lines that only a newer Headgate understands are not kept.
func (s *List) understand(line []byte) (*Line, bool) {
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

// hear adopts an entry of another Headgate, unless it is known. Like add it puts it in force first. If the file cannot be
// written, the entry is in force anyway, and the next start reads it again.
func (s *List) hear(l *Line) {
	stop, err := l.stop()
	if err != nil || s.holds(stop) {
		return
	}
	s.Stops.Add(stop)
	line, err := json.Marshal(l)
	if err == nil {
		var n journal.Noted
		if n, err = s.chain.Write(line); err == nil {
			s.sharing.written, s.sharing.heard = n, true
		}
	}
	if err != nil {
		s.sharing.failed = err
	}
}

// keepHeard syncs the entries that were read.
func (s *List) keepHeard() {
	x := s.sharing
	if !x.heard && x.failed == nil {
		return
	}
	err := x.failed
	if x.heard {
		err = errors.Join(err, s.chain.Sync(x.written))
	}
	if err != nil && !x.full {
		s.logger.Error("withdrawals told to other Headgates hold here, but could not be written; make room in the data folder", "error", err)
	}
	x.heard, x.failed, x.full = false, nil, err != nil
	s.tidy()
}
