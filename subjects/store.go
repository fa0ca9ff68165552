// Package subjects holds people's rights: who must not be tracked, who withdrew consent, the receipts of who chose what, and
// what happens when someone asks for their data or for its deletion, themselves or through a shop.
//
// It promises that a withdrawal or a suppression is on disk before it is confirmed, that no such entry is lost unnoticed, and
// that in a cluster all Headgates have the same list. It knows people by hashes only; other than the log, nothing that it
// writes holds an id in clear.
package subjects

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"headgate/consent"
	"headgate/subjects/receipts"
	"headgate/subjects/steady"
	"headgate/subjects/suppression"
)

// Store is what the data folder holds about people's choices: who must not be tracked, who withdrew what, and the receipts of
// who chose what. It outlives the configuration in force.
type Store struct {
	suppressed *suppression.List
	receipts   *receipts.Receipts
	choices    *choices
	allowance  *allowance
	clock      *steady.Clock
	rotation   []byte // the key of the rotating ids of redacted events
	language   func() Language
	now        func() time.Time
	logger     *slog.Logger
	drops      drops
	requests   requests
	rights     atomic.Pointer[Rights] // who carries requests out; nil until a proxy runs

	noted chan note     // choices seen in events, on their way to the disk
	stop  chan struct{} // closed when no more come
	done  chan struct{} // closed when the last of them is written
}

// Board is what all Headgates of a cluster share.
type Board = suppression.Board

// ErrUnshared is returned when an entry is in force here and on disk, but has not reached the other Headgates yet.
var ErrUnshared = suppression.ErrUnshared

// Language reads e-mail addresses and phone numbers in the spellings that people and vendors use.
type Language interface {
	// HashedEmails returns the spellings of an address whose hashes may stand for it.
	HashedEmails(address string) []string
	// InternationalPhone returns a number with a plus sign and its country's code, "" when that is not clear.
	InternationalPhone(number, country string) string
}

// Options are what a store is opened with.
type Options struct {
	Folder   string          // of the data
	Board    Board           // shared with the other Headgates of a cluster; nil without one
	Keep     time.Duration   // how long receipts are kept
	Purposes []string        // of the configuration
	Language func() Language // that of the configuration in force; first called after Open
	Dropped  func(reason string, choices int)
	Now      func() time.Time
	Logger   *slog.Logger
}

// Open reads what a data folder holds, and in a cluster, the entries that other Headgates have received since.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{choices: newChoices(), allowance: newAllowance(), language: o.Language, now: o.Now, logger: o.Logger, drops: drops{count: o.Dropped},
		requests: requests{path: requestsFile(o.Folder), keep: o.Keep, logger: o.Logger},
		noted:    make(chan note, notes), stop: make(chan struct{}), done: make(chan struct{})}
	s.choices.setPurposes(o.Purposes)
	for _, reason := range []string{droppedByAddress, droppedByAll, droppedByDisk} {
		o.Dropped(reason, 0) // so that the first is a rise
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, err
	}
	if err := s.openClock(o.Folder, o.Now); err != nil {
		return nil, err
	}
	var err error
	if s.rotation, err = suppression.Key(o.Folder, suppression.RotationKey); err != nil {
		return nil, fmt.Errorf("read the key of rotating ids: %w", err)
	}
	key, err := suppression.Key(o.Folder, suppression.SubjectsKey)
	if err == nil && o.Board != nil {
		key, err = suppression.SharedKey(ctx, o.Folder, o.Board, key)
	}
	if err != nil {
		return nil, fmt.Errorf("read the subjects' key: %w", err)
	}
	if s.suppressed, err = suppression.Open(ctx, o.Folder, key, o.Board, s.clock.Now(), o.Now, o.Logger); err != nil {
		return nil, err
	}
	s.suppressed.Stops.Hasher.Phone = func(number, country string) string { return s.language().InternationalPhone(number, country) }
	if s.receipts, err = receipts.Open(o.Folder, o.Keep, s.clock.Now, s.choices.recall); err != nil {
		return nil, errors.Join(fmt.Errorf("read the receipts: %w", err), s.suppressed.Close())
	}
	go s.writeNotes()
	return s, nil
}

func (s *Store) openClock(folder string, now func() time.Time) error {
	newest, err := receipts.Newest(folder)
	if err != nil {
		return fmt.Errorf("read the receipts: %w", err)
	}
	var jumped bool
	if s.clock, jumped, err = steady.Open(folder, newest, now); err != nil {
		return fmt.Errorf("read the time of the last run: %w", err)
	}
	if jumped {
		s.logger.Warn("the clock is far ahead of the last run: nothing is removed for its age until the time is certain; set the machine's clock if it is wrong",
			"clock", now(), "last_run", s.clock.Now())
	}
	return nil
}

// Serve gives a policy the suppression list and the key of rotating ids, before it is in force.
func (s *Store) Serve(policy *consent.Policy) {
	policy.Suppression = &s.suppressed.Stops
	policy.Personal.Key = s.rotation
	s.choices.setPurposes(policy.Purposes())
}

// Damage says what was wrong with the suppression list at the start, "" when nothing was.
func (s *Store) Damage() string { return s.suppressed.Damage }

// Close writes what is still to be written. Choices noticed afterwards are left to the subject's next event.
func (s *Store) Close() error {
	close(s.stop)
	<-s.done
	return errors.Join(s.receipts.Close(), s.suppressed.Close(), s.requests.close())
}

// VerifyReceipts reads all receipts of a data folder and returns how many there are; the error names the first that does
// not follow the one before it. It may be run while the process is running.
func VerifyReceipts(data string) (n int, err error) { return receipts.Verify(data) }

// VerifySuppressed reads the suppression list of a data folder and returns how many entries it has; the error says what is wrong
// with it. It may be run while the process is running.
func VerifySuppressed(data string) (n int, err error) { return suppression.Verify(data) }
