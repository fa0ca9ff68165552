package subjects

import (
	"errors"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/subjects/suppression"
)

// note is a changed choice that an event showed.
type note struct {
	receipt  people.Receipt
	id, site string
}

// drops counts the choices that are not recorded, and logs that once.
type drops struct {
	count func(reason string, choices int)
	said  atomic.Bool
}

// notes is how many may wait for the disk. Further ones are recorded with the subject's next event.
const notes = 4096

// remembersTime is how often the time is kept for the next start.
const remembersTime = time.Hour

// Chosen reports whether a record says that someone chose anything.
func (*Store) Chosen(r *event.Record) bool { return chosen(r) != choice{} }

// IsNews reports whether an event shows a choice that is not known already. A first choice that refuses everything is not news:
// there is nothing to prove, and nothing to stop. It is called for every event.
func (s *Store) IsNews(e *event.Event, r *event.Record) bool {
	now := chosen(r)
	if now == (choice{}) || e.User.ClientID == "" || e.Device.Bot {
		return false
	}
	known, same := s.choices.seen(e.User.ClientID, e.Site, now)
	return !same && (known || now.granted != 0)
}

// Notice makes the choice that an event expresses the latest of its client id, and reports whether it differs from the one
// before. If so, a receipt will be written, and pending deliveries that rest on a purpose no longer granted are stopped.
func (s *Store) Notice(seen people.Expression) bool {
	e, now := seen.Event, chosen(seen.Record)
	dropped := s.allowance.take(seen.From, e.Received)
	before, known, changed := s.choices.change(e.User.ClientID, e.Site, now)
	if !changed {
		return false
	}
	subject := people.ClientSubject(e.User.ClientID)
	if lost := before.granted & now.denied; known && lost != 0 {
		if err := s.suppressed.Withdraw(subject, event.ClientID.String(), "seen in an event", s.choices.names(lost), e.Received); err != nil && !errors.Is(err, ErrUnshared) {
			s.logger.Error("a withdrawal of consent could not be written: it holds until a restart; make room in the data folder", "error", err)
			s.choices.forget(e.User.ClientID, e.Site)
		}
	}
	receipt, ok := people.NewReceipt(seen.Record, subject, e.Site, seen.Policy, e.Received)
	if !ok {
		return true
	}
	receipt.KnownBy = seen.KnownBy
	if dropped == "" {
		select {
		case s.noted <- note{receipt, strings.Clone(e.User.ClientID), strings.Clone(e.Site)}:
		default:
			dropped = droppedByDisk
		}
	}
	if dropped != "" {
		s.drop(dropped)
		s.choices.forget(e.User.ClientID, e.Site)
	}
	return true
}

// Follow adds to the list the browsers that a suppressed person is seen with, so that their anonymous events are stopped too.
func (s *Store) Follow(browsers []event.Identifier, now time.Time, from netip.Addr) {
	if dropped := s.allowance.take(from, now); dropped != "" {
		s.drop(dropped)
		return
	}
	lines := make([]suppression.Line, len(browsers))
	for i, id := range browsers {
		lines[i] = s.suppressed.Hashed(id, "seen with somebody who is suppressed", now)
	}
	if _, err := s.suppressed.Suppress(lines...); err != nil && !errors.Is(err, ErrUnshared) {
		s.logger.Error("a suppression could not be written: it holds until a restart; make room in the data folder", "error", err)
	}
}

// Decide records an expressed choice, with a receipt for each chooser, and stops pending deliveries that it refuses. It returns when that is on disk. Without an earlier choice that is known, all that is refused now counts as
// withdrawn. recorded is false when nothing was chosen.
func (s *Store) Decide(who []people.Chooser, x people.Expression) (recorded, changed bool, err error) {
	e, now := x.Event, chosen(x.Record)
	for _, n := range who {
		receipt, ok := people.NewReceipt(x.Record, n.Subject, e.Site, x.Policy, e.Received)
		if !ok {
			return false, false, nil
		}
		receipt.KnownBy = x.KnownBy
		if _, same := s.choices.seen(n.Key, e.Site, now); !same {
			if dropped := s.allowance.take(x.From, e.Received); dropped != "" {
				s.drop(dropped)
				return false, changed, people.ErrTooManyChoices
			}
		}
		before, known, other := s.choices.change(n.Key, e.Site, now)
		lost := now.denied
		if known {
			lost &= before.granted
		}
		if lost != 0 {
			err = s.suppressed.Withdraw(n.Subject, n.Kind.String(), "told by the page", s.choices.names(lost), e.Received)
		}
		if other && err == nil {
			err = s.receipts.Keep(receipt)
		}
		changed = changed || other
		if err != nil {
			if !errors.Is(err, ErrUnshared) { // of that the cluster's listener informs
				s.logger.Error("a choice could not be written; make room in the data folder", "error", err)
			}
			s.choices.forget(n.Key, e.Site)
			return true, changed, err
		}
	}
	return true, changed, nil
}

// drop counts a choice that is not recorded, and logs that once.
func (s *Store) drop(reason string) {
	s.drops.count(reason, 1)
	if !s.drops.said.Swap(true) {
		s.logger.Warn("more choices come than are written down: no receipt is kept of some; headgate_consent_changes_dropped_total counts them", "reason", reason)
	}
}

// writeNotes keeps the receipts of choices that events showed, as many at once as have come, and now and then the time.
func (s *Store) writeNotes() {
	defer close(s.done)
	tick := time.NewTicker(remembersTime)
	defer tick.Stop()
	for going := true; going || len(s.noted) > 0; {
		var batch []note
		select {
		case first := <-s.noted:
			batch = append(batch, first)
		case <-tick.C:
			s.rememberTime()
		case <-s.stop:
			going = false
		}
		for len(batch) < notes && len(s.noted) > 0 {
			batch = append(batch, <-s.noted)
		}
		if len(batch) > 0 {
			s.writeBatch(batch)
		}
	}
	s.rememberTime()
}

func (s *Store) writeBatch(batch []note) {
	list := make([]people.Receipt, len(batch))
	for i := range batch {
		list[i] = batch[i].receipt
	}
	if err := s.receipts.Keep(list...); err != nil {
		s.logger.Error("receipts of consent could not be written; make room in the data folder", "error", err, "receipts", len(list))
		s.drops.count(droppedByDisk, len(batch))
		for i := range batch {
			s.choices.forget(batch[i].id, batch[i].site)
		}
	}
}

func (s *Store) rememberTime() {
	s.clock.Now()
	if err := s.clock.Save(); err != nil {
		s.logger.Warn("the time could not be kept for the next start", "error", err)
	}
}
