package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"headgate/consent"
)

// suppressed keeps the suppression list on disk: a line of JSON per entry, synced before the entry holds. It knows people
// by hashes only. The list itself is shared by all plans, so that it survives reloads. In a cluster all Headgates have the same
// list, each with a file of its own.
type suppressed struct {
	list    consent.Suppression
	path    string
	journal *journal
	now     func() time.Time
	logger  *slog.Logger
	sharing *sharing // nil without a cluster

	mu   sync.Mutex
	owed map[consent.Subject]bool // suppressions that nobody has been told are kept
}

// stopLine is one entry as it stands in the file.
type stopLine struct {
	Subject  string    `json:"subject"`            // SHA-256 in hex
	Kind     string    `json:"kind"`               // client_id, user_id or email
	When     time.Time `json:"when"`               //
	Why      string    `json:"why"`                // who asked for it
	Only     []string  `json:"purposes,omitempty"` // of a withdrawal: what was withdrawn
	Withdraw bool      `json:"withdrawal,omitempty"`
}

// withdrawalsKept is how long a withdrawal is remembered. It concerns only what arrived before it: nothing that old waits in
// the log, and what lies among the dead letters for longer nobody should send any more.
const withdrawalsKept = 400 * 24 * time.Hour

// openSuppressed reads the list of a data folder, and in a cluster what the others know; b is nil without one. Lines that
// cannot be read are kept as they are and named in the log: who they were about is not known.
func openSuppressed(ctx context.Context, folder string, b board, now func() time.Time, logger *slog.Logger) (*suppressed, error) {
	s, err := readSuppressed(filepath.Join(folder, "suppressed.jsonl"), now, logger)
	if err != nil || b == nil {
		return s, err
	}
	if err := s.join(ctx, b); err != nil {
		return nil, errors.Join(err, s.journal.close())
	}
	return s, nil
}

func readSuppressed(path string, now func() time.Time, logger *slog.Logger) (*suppressed, error) {
	var kept [][]byte
	var stops []consent.Stop
	unreadable, stale := 0, 0
	seen := map[string]bool{}
	j, err := openJournal(path, func(line []byte) {
		var l stopLine
		stop, err := consent.Stop{}, json.Unmarshal(line, &l)
		if err == nil {
			stop, err = l.stop()
		}
		switch {
		case err != nil:
			unreadable++
		case l.stale(now()), !l.Withdraw && seen[l.Subject]:
			stale++
			return
		default:
			seen[l.Subject] = seen[l.Subject] || !l.Withdraw
			stops = append(stops, stop)
		}
		kept = append(kept, line)
	})
	if err != nil {
		return nil, fmt.Errorf("read the suppression list: %w", err)
	}
	if unreadable > 0 {
		logger.Error("lines of the suppression list cannot be read: those they name are not suppressed; restore the file from a backup",
			"file", path, "lines", unreadable)
	}
	if stale > len(kept) {
		if j, err = compact(j, path, kept); err != nil {
			return nil, fmt.Errorf("compact the suppression list: %w", err)
		}
	}
	s := &suppressed{path: path, journal: j, now: now, logger: logger, owed: map[consent.Subject]bool{}}
	if len(stops) > 0 {
		s.list.Replace(stops)
	}
	return s, nil
}

// compact writes the lines that still say something into a new file, which takes the old one's place.
func compact(old *journal, path string, lines [][]byte) (*journal, error) {
	if err := old.close(); err != nil {
		return nil, err
	}
	var text []byte
	for _, line := range lines {
		text = append(append(text, line...), '\n')
	}
	if err := writeWhole(path, text); err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, err
	}
	return openJournal(path, func([]byte) {})
}

func (l *stopLine) stop() (consent.Stop, error) {
	subject, ok := consent.ParseSubject(l.Subject)
	if !ok {
		return consent.Stop{}, fmt.Errorf("%q is no hash", l.Subject)
	}
	stop := consent.Stop{Subject: subject, Purposes: l.Only}
	if l.Withdraw {
		stop.Withdrawn = l.When
	}
	return stop, nil
}

// stale reports whether a line says nothing any more.
func (l *stopLine) stale(now time.Time) bool { return l.Withdraw && now.Sub(l.When) > withdrawalsKept }

// suppress puts a subject on the list for good: nothing is sent any more. It returns when that is on disk, and known to
// the cluster if there is one.
func (s *suppressed) suppress(subject consent.Subject, kind, why string, now time.Time) error {
	s.mu.Lock()
	done := s.holds(consent.Stop{Subject: subject}) && !s.owed[subject]
	if !done {
		s.owed[subject] = true
	}
	s.mu.Unlock()
	if done {
		return nil
	}
	if err := s.add(stopLine{Subject: subject.String(), Kind: kind, When: now, Why: why}); err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.owed, subject)
	s.mu.Unlock()
	return nil
}

// withdraw stops what arrived before now and needs one of the purposes. It returns when that is on disk, and known to the
// cluster if there is one.
func (s *suppressed) withdraw(subject consent.Subject, kind, why string, purposes []string, now time.Time) error {
	return s.add(stopLine{Subject: subject.String(), Kind: kind, When: now, Why: why, Only: purposes, Withdraw: true})
}

// add makes an entry hold at once, and then keeps it: a moment between the two can only stop too much. The others are told
// even when the own disk is full. The error is errUnshared when only they do not know it.
func (s *suppressed) add(l stopLine) error {
	l.When = l.When.UTC()
	stop, err := l.stop()
	if err != nil {
		return err
	}
	line, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if l.Withdraw || !s.holds(stop) { // a suppression that is told again is owed
		s.list.Add(stop)
	}
	kept := s.journal.append(line)
	shared := s.post(&l, line)
	if kept != nil {
		return kept
	}
	return shared
}

// holds reports whether the list has an entry.
func (s *suppressed) holds(stop consent.Stop) bool {
	return slices.ContainsFunc(s.list.Of(stop.Subject), func(known consent.Stop) bool {
		return known.Withdrawn.Equal(stop.Withdrawn) && (stop.Withdrawn.IsZero() || slices.Equal(known.Purposes, stop.Purposes))
	})
}

// close stops listening to the others, and closes the file.
func (s *suppressed) close() error {
	if s.sharing != nil {
		s.sharing.leave()
		<-s.sharing.left
	}
	return s.journal.close()
}
