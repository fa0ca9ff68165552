package proxy

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"headgate/consent"
	"headgate/event"
)

// subjects is what the data folder holds about people's choices: who must not be tracked, who withdrew what, and the
// receipts of who chose what. It knows people by hashes only, and outlives plans.
type subjects struct {
	*suppressed
	receipts *receipts
	choices  *choices
	key      []byte // of the rotating ids of redacted events
	logger   *slog.Logger

	noted chan note     // choices seen in events, on their way to the disk
	stop  chan struct{} // closed when no more come
	done  chan struct{} // closed when the last of them is written
}

// note is a changed choice that an event showed.
type note struct {
	receipt  consent.Receipt
	id, site string
}

// notes is how many may wait for the disk. Further ones are left for the subject's next event.
const notes = 4096

// openSubjects reads what a data folder holds, and in a cluster what the other Headgates were told meanwhile. b is nil without
// a cluster.
func openSubjects(ctx context.Context, folder string, b board, keep time.Duration, purposes []string, now func() time.Time, logger *slog.Logger) (*subjects, error) {
	s := &subjects{choices: newChoices(), logger: logger, noted: make(chan note, notes), stop: make(chan struct{}), done: make(chan struct{})}
	s.choices.mean(purposes)
	var err error
	if s.key, err = rotationKey(folder); err != nil {
		return nil, fmt.Errorf("read the key of rotating ids: %w", err)
	}
	if s.suppressed, err = openSuppressed(ctx, folder, b, now, logger); err != nil {
		return nil, err
	}
	if s.receipts, err = openReceipts(folder, keep, now(), s.choices.recall); err != nil {
		return nil, errors.Join(fmt.Errorf("read the receipts: %w", err), s.suppressed.close())
	}
	go s.writeNotes()
	return s, nil
}

// rotationKey reads the key of a data folder, and makes it the first time.
func rotationKey(folder string) ([]byte, error) {
	path := filepath.Join(folder, "rotation.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		return key, writeWhole(path, []byte(hex.EncodeToString(key)+"\n"))
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err == nil && len(key) < 32 {
		err = errors.New("it is too short")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove the file, and a new key is made", path, err)
	}
	return key, nil
}

// serve makes a plan's policy work with what is known here. The plan is not in force yet.
func (s *subjects) serve(p *Plan) {
	p.Policy.Suppression = &s.list
	p.Policy.Key = s.key
	s.choices.mean(p.Policy.Purposes())
}

// noticed takes note of the consent of an event.
func (s *Server) noticed(p *Plan, e *event.Event, r *event.Record) {
	s.counts.consent.saw(r)
	if s.subjects.notice(p, e, r) {
		s.counts.consent.changes.WithLabelValues("seen").Inc()
	}
}

// notice looks at the consent of an event and reports whether its subject chose otherwise than before. Then there will be a
// receipt of it, and what was granted before and is not any more is stopped where it is still pending.
func (s *subjects) notice(p *Plan, e *event.Event, r *event.Record) bool {
	now := chosen(r)
	if now == (choice{}) || e.User.ClientID == "" || e.Device.Bot {
		return false
	}
	before, known, changed := s.choices.change(e.User.ClientID, e.Site, now)
	if !changed {
		return false
	}
	subject := consent.ClientSubject(e.User.ClientID)
	if lost := before.granted & now.denied; known && lost != 0 {
		if err := s.withdraw(subject, "client_id", "seen in an event", s.choices.names(lost), e.Received); err != nil && !errors.Is(err, errUnshared) {
			s.logger.Error("a withdrawal of consent could not be written: it holds until a restart; make room in the data folder", "error", err)
			s.choices.forget(e.User.ClientID, e.Site)
		}
	}
	receipt, ok := consent.NewReceipt(r, subject, e.Site, p.Hash, e.Received)
	if !ok {
		return true
	}
	select {
	case s.noted <- note{receipt, strings.Clone(e.User.ClientID), strings.Clone(e.Site)}:
	default:
		s.choices.forget(e.User.ClientID, e.Site)
	}
	return true
}

// writeNotes keeps the receipts of choices that events showed, as many at once as have come.
func (s *subjects) writeNotes() {
	defer close(s.done)
	for going := true; going || len(s.noted) > 0; {
		var batch []note
		select {
		case first := <-s.noted:
			batch = append(batch, first)
		case <-s.stop:
			going = false
		}
		for len(batch) < notes && len(s.noted) > 0 {
			batch = append(batch, <-s.noted)
		}
		if len(batch) == 0 {
			continue
		}
		list := make([]consent.Receipt, len(batch))
		for i := range batch {
			list[i] = batch[i].receipt
		}
		if err := s.receipts.keep(list...); err != nil {
			s.logger.Error("receipts of consent could not be written; make room in the data folder", "error", err, "receipts", len(list))
			for i := range batch {
				s.choices.forget(batch[i].id, batch[i].site)
			}
		}
	}
}

// decided keeps a choice that somebody told us of, with its receipt, and stops what is pending of what they refused. It
// returns when that is on disk. Without an earlier choice that is known, all that is refused now counts as withdrawn.
func (s *subjects) decided(p *Plan, clientID string, e *event.Event, r *event.Record) (recorded, changed bool, err error) {
	subject := consent.ClientSubject(clientID)
	receipt, ok := consent.NewReceipt(r, subject, e.Site, p.Hash, e.Received)
	if !ok {
		return false, false, nil
	}
	now := chosen(r)
	before, known, changed := s.choices.change(clientID, e.Site, now)
	lost := now.denied
	if known {
		lost &= before.granted
	}
	if lost != 0 {
		err = s.withdraw(subject, "client_id", "told by the page", s.choices.names(lost), e.Received)
	}
	if changed && err == nil {
		err = s.receipts.keep(receipt)
	}
	if err != nil {
		s.choices.forget(clientID, e.Site)
	}
	return true, changed, err
}

// close writes what is still to be written. What somebody notices later is left for another time.
func (s *subjects) close() error {
	close(s.stop)
	<-s.done
	return errors.Join(s.receipts.close(), s.suppressed.close())
}
