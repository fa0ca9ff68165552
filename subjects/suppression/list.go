// Package suppression keeps the list of those who must not be tracked, or withdrew consent, and the key of the hashes that it knows them
// by; in a cluster all Headgates have the same list and the same key.
//
// It promises that an entry is in force and on disk before it is confirmed, and that none is lost unnoticed. It never knows who anybody
// is, and never sees an event.
package suppression

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/subjects/journal"
)

// List keeps the suppression list on disk: a line of JSON per entry, synced before the entry holds, in a chain of which a
// line that is lost is noticed and restored. It knows people by hashes only. The list itself is shared by all plans, so that it
// survives reloads. In a cluster all Headgates have the same list, each with a file of its own.
type List struct {
	Stops   people.Suppression
	chain   *journal.Chain
	Damage  string // what was wrong with the files at the start, in words
	now     func() time.Time
	logger  *slog.Logger
	sharing *sharing // nil without a cluster

	mu          sync.Mutex
	unconfirmed map[event.IdentifierHash]bool // suppressions that no caller has been told are stored
	compactAt   int                           // how many lines make the file worth compacting
}

// Line is one entry as it stands in the file.
type Line struct {
	Subject  string    `json:"subject"`            // SHA-256 in hex, or a keyed hash, which is half as long
	Key      string    `json:"key,omitempty"`      // of a keyed hash: tells its key from others
	Kind     string    `json:"kind"`               // client_id, user_id, email or phone
	When     time.Time `json:"when"`               //
	Why      string    `json:"why"`                // who asked for it
	Only     []string  `json:"purposes,omitempty"` // of a withdrawal: what was withdrawn
	Withdraw bool      `json:"withdrawal,omitempty"`
}

// withdrawalsKept is how long a withdrawal is remembered. It concerns only what arrived before it: nothing that old is
// pending in the log, and older dead letters should no longer be sent.
const withdrawalsKept = 400 * 24 * time.Hour

// idleLines is how many obsolete lines the file may hold beyond the number of current ones before it is compacted.
const idleLines = 1024

// Open reads the list of a data folder, and in a cluster what the others know; b is nil without one. Withdrawals that
// are stale at that time are forgotten. Lines that cannot be read are kept as they are and named in the log: who they were
// about is not known.
func Open(ctx context.Context, folder string, key []byte, b Board, old time.Time, now func() time.Time, logger *slog.Logger) (*List, error) {
	s := &List{now: now, logger: logger, unconfirmed: map[event.IdentifierHash]bool{}}
	s.Stops.Hasher.Key = key
	if err := s.read(suppressedFile(folder), old); err != nil || b == nil {
		return s, err
	}
	if err := s.join(ctx, b, old); err != nil {
		return nil, errors.Join(err, s.chain.Close())
	}
	return s, nil
}

// suppressedFile is the list's file in a data folder.
func suppressedFile(folder string) string { return filepath.Join(folder, "suppressed.jsonl") }

// Verify reads the suppression list of a data folder and returns how many entries it has; the error says what is wrong
// with it. It may be run while the process is running.
func Verify(data string) (n int, err error) { return journal.Verify(suppressedFile(data)) }

func (s *List) read(path string, old time.Time) error {
	var stops []people.Stop
	unreadable, foreign, stale := 0, 0, 0
	c, damaged, err := journal.OpenChain(path, func(line []byte) {
		l, stop, err := s.parse(line)
		switch {
		case err != nil:
			unreadable++
		case l.stale(old):
			stale++
		default:
			if l.Key != "" && l.Key != s.keyName() {
				foreign++
			}
			stops = append(stops, stop)
		}
	})
	if err != nil {
		return fmt.Errorf("read the suppression list: %w", err)
	}
	s.chain = c
	if damaged.Restored > 0 || damaged.Changed {
		s.Damage = fmt.Sprintf("the suppression list was damaged: %d entries were restored from its copy", damaged.Restored)
		logger := s.logger.With("file", path, "restored", damaged.Restored)
		logger.Error("the suppression list was damaged and has been made whole from its copy; find out who or what changes files in the data folder")
	}
	if unreadable > 0 {
		s.logger.Error("lines of the suppression list cannot be read: those they name are not suppressed; restore the file from a backup",
			"file", path, "lines", unreadable)
	}
	if foreign > 0 {
		s.logger.Error("entries of the suppression list were made with another key and match nobody; restore "+SubjectsKey+" from a backup",
			"file", path, "entries", foreign)
	}
	if len(stops) > 0 {
		s.Stops.Replace(stops)
	}
	s.compactAt = 2*(c.Lines()-stale) + idleLines
	if stale > c.Lines()-stale {
		err = s.compact(old)
	}
	return err
}

// parse reads a line.
func (s *List) parse(line []byte) (l *Line, stop people.Stop, err error) {
	l = &Line{}
	if err = json.Unmarshal(line, l); err == nil {
		stop, err = l.stop()
	}
	return l, stop, err
}

// compact takes those lines out of the file that say nothing beside the others, or are stale.
func (s *List) compact(old time.Time) error {
	kept := 0
	err := s.chain.Compact(func(bodies [][]byte) [][]byte {
		var said people.Suppression
		said.Hasher.Key = s.Stops.Hasher.Key
		bodies = slices.Clone(bodies)
		slices.Reverse(bodies) // of what is said twice the newest counts
		bodies = slices.DeleteFunc(bodies, func(line []byte) bool {
			l, stop, err := s.parse(line)
			return err == nil && (l.stale(old) || !said.Add(stop))
		})
		slices.Reverse(bodies)
		kept = len(bodies)
		return bodies
	})
	if err != nil {
		return fmt.Errorf("compact the suppression list: %w", err)
	}
	s.mu.Lock()
	s.compactAt = 2*kept + idleLines
	s.mu.Unlock()
	return nil
}

// tidy compacts the file when it has grown enough. What cannot be compacted is as good as before.
func (s *List) tidy() {
	s.mu.Lock()
	due := s.chain.Lines() > s.compactAt
	if due {
		s.compactAt *= 2 // one at a time
	}
	s.mu.Unlock()
	if !due {
		return
	}
	if err := s.compact(time.Time{}); err != nil {
		s.logger.Warn("the suppression list could not be compacted; make room in the data folder", "error", err)
	}
}

func (l *Line) stop() (people.Stop, error) {
	stop := people.Stop{Purposes: l.Only}
	if l.Withdraw {
		stop.Withdrawn = l.When
	}
	var known bool
	if stop.Subject, known = people.ParseSubject(l.Subject); known {
		return stop, nil
	}
	if n, err := hex.Decode(stop.Hash[:], []byte(l.Subject[:min(len(l.Subject), 2*len(stop.Hash))])); err != nil || 2*n != len(l.Subject) || n != len(stop.Hash) {
		return people.Stop{}, fmt.Errorf("%q is no hash", l.Subject)
	}
	stop.Subject = people.Subject{}
	return stop, nil
}

// stale reports whether a line is obsolete.
func (l *Line) stale(now time.Time) bool { return l.Withdraw && now.Sub(l.When) > withdrawalsKept }

// keyName tells the key of keyed hashes from others.
func (s *List) keyName() string {
	hash := s.Stops.Hasher.Hash(people.Subject{})
	return hex.EncodeToString(hash[:4])
}

// Hashed is the line that suppresses someone of whom only a keyed hash is known.
func (s *List) Hashed(id event.Identifier, why string, now time.Time) Line {
	return Line{Subject: hex.EncodeToString(id.Hash[:]), Key: s.keyName(), Kind: id.Kind.String(), When: now, Why: why}
}

// Suppress suppresses those of the lines who are not suppressed yet, and returns how many they were.
func (s *List) Suppress(lines ...Line) (added int, err error) {
	var due []Line
	var hashes []event.IdentifierHash
	s.mu.Lock()
	for _, l := range lines {
		stop, err := l.stop()
		if err != nil {
			s.mu.Unlock()
			return 0, err
		}
		hash := stop.Hash
		if l.Key == "" {
			hash = s.Stops.Hasher.Hash(stop.Subject)
		}
		known := slices.ContainsFunc(s.Stops.OfHash(hash), func(k people.Stop) bool { return k.Withdrawn.IsZero() })
		if !known || s.unconfirmed[hash] {
			s.unconfirmed[hash] = true
			due, hashes = append(due, l), append(hashes, hash)
		}
	}
	s.mu.Unlock()
	if len(due) == 0 {
		return 0, nil
	}
	if err := s.add(due...); err != nil {
		return len(due), err
	}
	s.mu.Lock()
	for _, hash := range hashes {
		delete(s.unconfirmed, hash)
	}
	s.mu.Unlock()
	return len(due), s.chain.Mark()
}

// Withdraw stops what arrived before now and needs one of the purposes. It returns when that is on disk, and known to the
// cluster if there is one.
func (s *List) Withdraw(subject people.Subject, kind, why string, purposes []string, now time.Time) error {
	return s.add(Line{Subject: subject.String(), Kind: kind, When: now, Why: why, Only: purposes, Withdraw: true})
}

// add puts entries in force at once, and then stores them: a moment between the two can only stop too much. They are posted even
// when the local disk is full. The error is ErrUnshared when only the other Headgates do not have them.
func (s *List) add(lines ...Line) error {
	bodies := make([][]byte, len(lines))
	for i := range lines {
		l := &lines[i]
		l.When = l.When.UTC()
		stop, err := l.stop()
		if err == nil {
			bodies[i], err = json.Marshal(l)
		}
		if err != nil {
			return err
		}
		s.Stops.Add(stop)
	}
	kept := s.chain.Append(bodies...)
	var shared []func() error
	for i := range lines {
		shared = append(shared, func() error { return s.post(&lines[i], bodies[i]) })
	}
	told := someAtOnce(shared)
	if kept != nil {
		return kept
	}
	s.tidy()
	return told
}

// holds reports whether the list says all that an entry says.
func (s *List) holds(stop people.Stop) bool {
	known := s.Stops.OfHash(stop.Hash)
	if stop.Subject != (people.Subject{}) {
		known = s.Stops.Of(stop.Subject)
	}
	return slices.ContainsFunc(known, func(k people.Stop) bool { return k.Covers(&stop) })
}

// Close stops listening to the others, and closes the files.
func (s *List) Close() error {
	if s.sharing != nil {
		s.sharing.leave()
		<-s.sharing.left
	}
	return s.chain.Close()
}
