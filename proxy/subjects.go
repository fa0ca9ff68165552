package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"headgate/consent"
	"headgate/enrich"
	"headgate/event"
	"headgate/sources"
)

// subjects is what the data folder holds about people's choices: who must not be tracked, who withdrew what, and the
// receipts of who chose what. It knows people by hashes only, and outlives plans.
type subjects struct {
	*suppressed
	receipts  *receipts
	choices   *choices
	allowance *allowance
	clock     *steady
	rotation  []byte // the key of the rotating ids of redacted events
	logger    *slog.Logger
	drops     drops

	noted chan note     // choices seen in events, on their way to the disk
	stop  chan struct{} // closed when no more come
	done  chan struct{} // closed when the last of them is written
}

// note is a changed choice that an event showed.
type note struct {
	receipt  consent.Receipt
	id, site string
}

// drops counts the choices that are not written down, and says so once.
type drops struct {
	count func(reason string)
	said  atomic.Bool
}

// notes is how many may wait for the disk. Further ones are left for the subject's next event.
const notes = 4096

// remembersTime is how often the time is kept for the next start.
const remembersTime = time.Hour

// openSubjects reads what a data folder holds, and in a cluster what the other Headgates were told meanwhile. b is nil without
// a cluster.
func openSubjects(ctx context.Context, folder string, b board, keep time.Duration, purposes []string, now func() time.Time, logger *slog.Logger) (*subjects, error) {
	s := &subjects{choices: newChoices(), allowance: newAllowance(), logger: logger,
		noted: make(chan note, notes), stop: make(chan struct{}), done: make(chan struct{})}
	s.drops.count = func(string) {}
	s.choices.setPurposes(purposes)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if err := s.openClock(folder, now); err != nil {
		return nil, err
	}
	var err error
	if s.rotation, err = keyFile(folder, rotationKey); err != nil {
		return nil, fmt.Errorf("read the key of rotating ids: %w", err)
	}
	key, err := keyFile(folder, subjectsKey)
	if err == nil && b != nil {
		key, err = sharedKey(ctx, folder, b, key)
	}
	if err != nil {
		return nil, fmt.Errorf("read the subjects' key: %w", err)
	}
	if s.suppressed, err = openSuppressed(ctx, folder, key, b, s.clock.now(), now, logger); err != nil {
		return nil, err
	}
	if s.receipts, err = openReceipts(folder, keep, s.clock, s.choices.recall); err != nil {
		return nil, errors.Join(fmt.Errorf("read the receipts: %w", err), s.suppressed.close())
	}
	go s.writeNotes()
	return s, nil
}

func (s *subjects) openClock(folder string, now func() time.Time) error {
	newest, err := newestReceipt(folder)
	if err != nil {
		return fmt.Errorf("read the receipts: %w", err)
	}
	var jumped bool
	if s.clock, jumped, err = openSteady(folder, newest, now); err != nil {
		return fmt.Errorf("read the time of the last run: %w", err)
	}
	if jumped {
		s.logger.Warn("the clock is far ahead of the last run: nothing is removed for its age until the time is certain; set the machine's clock if it is wrong",
			"clock", now(), "last_run", s.clock.now())
	}
	return nil
}

// serve makes a plan's policy work with what is known here. The plan is not in force yet.
func (s *subjects) serve(p *Plan) {
	p.Policy.Suppression = &s.list
	p.Policy.Key = s.rotation
	s.choices.setPurposes(p.Policy.Purposes())
}

// noticed takes note of the consent of an event, and of who it is about.
func (s *Server) noticed(w *walker, visit *enrich.Visit, e *event.Event, r *event.Record) {
	s.counts.consent.saw(r)
	if now := chosen(r); s.subjects.news(e, now) {
		seen := sighting{event: e, record: r, choice: now, knownBy: byWord, from: visitorOf(e, w.hit)}
		switch {
		case visit.Owns(e.User.ClientID):
			seen.knownBy = byCookie
		case sources.FromServer(w.hit.Headers, w.plan.serverKeys): // it speaks for many visitors
			seen.knownBy, seen.from = byServer, netip.Addr{}
		}
		if s.subjects.notice(w.plan, seen) {
			s.counts.consent.changes.WithLabelValues("seen").Inc()
		}
	}
	if browsers := s.subjects.list.Unlisted(w.arrived.ids); browsers != nil {
		s.subjects.follow(browsers, e.Received, visitorOf(e, w.hit))
	}
}

// visitorOf is the address of the visitor whom an event is about, as far as it may be believed; else of who sent it.
func visitorOf(e *event.Event, h *event.Hit) netip.Addr {
	if a, err := netip.ParseAddr(e.Device.IP); err == nil {
		return a
	}
	return h.Address
}

// follow puts the browsers on the list that a suppressed person is seen with: what comes from them without a name is
// stopped, too.
func (s *subjects) follow(browsers []event.Identifier, now time.Time, from netip.Addr) {
	if dropped := s.allowance.take(from, now); dropped != "" {
		s.drop(dropped)
		return
	}
	lines := make([]stopLine, len(browsers))
	for i, id := range browsers {
		lines[i] = s.hashed(id, "seen with somebody who is suppressed", now)
	}
	if _, err := s.suppressAll(lines...); err != nil && !errors.Is(err, errUnshared) {
		s.logger.Error("a suppression could not be written: it holds until a restart; make room in the data folder", "error", err)
	}
}

// sighting is an event whose consent is resolved, as subjects look at it.
type sighting struct {
	event   *event.Event
	record  *event.Record
	choice  choice
	knownBy string     // how its client id was known
	from    netip.Addr // whose allowance it is; the zero one is only that of all
}

// news reports whether an event shows a choice that is not known already. A first choice that refuses all is none: there is
// nothing to prove, and nothing to stop.
func (s *subjects) news(e *event.Event, now choice) bool {
	if now == (choice{}) || e.User.ClientID == "" || e.Device.Bot {
		return false
	}
	known, same := s.choices.seen(e.User.ClientID, e.Site, now)
	return !same && (known || now.granted != 0)
}

// notice takes the choice that an event shows for its subject's last, and reports whether it is another than before. Then
// there will be a receipt of it, and what was granted before and is not any more is stopped where it is still pending.
func (s *subjects) notice(p *Plan, seen sighting) bool {
	e, now := seen.event, seen.choice
	dropped := s.allowance.take(seen.from, e.Received)
	before, known, changed := s.choices.change(e.User.ClientID, e.Site, now)
	if !changed {
		return false
	}
	subject := consent.ClientSubject(e.User.ClientID)
	if lost := before.granted & now.denied; known && lost != 0 {
		if err := s.withdraw(subject, event.ClientID.String(), "seen in an event", s.choices.names(lost), e.Received); err != nil && !errors.Is(err, errUnshared) {
			s.logger.Error("a withdrawal of consent could not be written: it holds until a restart; make room in the data folder", "error", err)
			s.choices.forget(e.User.ClientID, e.Site)
		}
	}
	receipt, ok := consent.NewReceipt(seen.record, subject, e.Site, p.Hash, e.Received)
	if !ok {
		return true
	}
	receipt.KnownBy = seen.knownBy
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

// drop counts a choice that is not written down, and says so once.
func (s *subjects) drop(reason string) {
	s.drops.count(reason)
	if !s.drops.said.Swap(true) {
		s.logger.Warn("more choices come than are written down: no receipt is kept of some; headgate_consent_changes_dropped_total counts them", "reason", reason)
	}
}

// writeNotes keeps the receipts of choices that events showed, as many at once as have come, and now and then the time.
func (s *subjects) writeNotes() {
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

func (s *subjects) writeBatch(batch []note) {
	list := make([]consent.Receipt, len(batch))
	for i := range batch {
		list[i] = batch[i].receipt
	}
	if err := s.receipts.keep(list...); err != nil {
		s.logger.Error("receipts of consent could not be written; make room in the data folder", "error", err, "receipts", len(list))
		for i := range batch {
			s.drops.count(droppedByDisk)
			s.choices.forget(batch[i].id, batch[i].site)
		}
	}
}

func (s *subjects) rememberTime() {
	s.clock.now()
	if err := s.clock.save(); err != nil {
		s.logger.Warn("the time could not be kept for the next start", "error", err)
	}
}

// errTooMany refuses a choice of an address that has told too many.
var errTooMany = errors.New("too many choices from one address")

// decided keeps a reported choice, with a receipt, and stops what is pending of what they refused. It
// returns when that is on disk. Without an earlier choice that is known, all that is refused now counts as withdrawn.
func (s *subjects) decided(p *Plan, who []named, knownBy string, e *event.Event, r *event.Record, from netip.Addr) (recorded, changed bool, err error) {
	now := chosen(r)
	for _, n := range who {
		receipt, ok := consent.NewReceipt(r, n.subject, e.Site, p.Hash, e.Received)
		if !ok {
			return false, false, nil
		}
		receipt.KnownBy = knownBy
		if _, same := s.choices.seen(n.key, e.Site, now); !same {
			if dropped := s.allowance.take(from, e.Received); dropped != "" {
				s.drop(dropped)
				return false, changed, errTooMany
			}
		}
		before, known, other := s.choices.change(n.key, e.Site, now)
		lost := now.denied
		if known {
			lost &= before.granted
		}
		if lost != 0 {
			err = s.withdraw(n.subject, n.kind.String(), "told by the page", s.choices.names(lost), e.Received)
		}
		if other && err == nil {
			err = s.receipts.keep(receipt)
		}
		changed = changed || other
		if err != nil {
			s.choices.forget(n.key, e.Site)
			return true, changed, err
		}
	}
	return true, changed, nil
}

// close writes what is still to be written. What somebody notices later is left for another time.
func (s *subjects) close() error {
	close(s.stop)
	<-s.done
	return errors.Join(s.receipts.close(), s.suppressed.close())
}
