package proxy

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/event"
	"headgate/proxy/door"
)

// lent is the memory that a door lends to one hit after the other.
type lent struct {
	door.Incoming
	lines [4]event.Header
	extra [6]event.Header
	only  [1]event.Event
	texts event.Arena
}

// answered walks a hit and scribbles over all that it was lent, as the next hit does, unless it says that somebody looks at it. It
// returns what the next hit is lent.
func (l *lent) answered(t *testing.T, s *Server, id string) *lent {
	address := netip.MustParseAddr("203.0.113.7")
	l.texts = event.Arena{}
	l.lines = [4]event.Header{{Name: "host", Value: "t.shop.example"}, {Name: "user-agent", Value: "agent of " + id}}
	l.Incoming = door.Incoming{Extra: l.extra[:0], Hit: event.Hit{Method: "GET", Scheme: "https", Host: "t.shop.example", Path: "/g/collect", Query: pageViewHit + id,
		Headers: l.lines[:2], Peer: address, Address: address, Received: time.Now(), Only: &l.only, Arena: &l.texts}}
	if answer := s.answer(&l.Incoming); answer.Status != 204 {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
	if l.Kept {
		return new(lent)
	}
	const other = "another visitor"
	l.lines = [4]event.Header{{Name: other, Value: other}, {Name: other, Value: other}}
	l.extra = [6]event.Header{{Name: other, Value: other}, {Name: other, Value: other}}
	l.Incoming = door.Incoming{Hit: event.Hit{Query: other, Cookie: other}}
	l.texts = event.Arena{}
	l.only[0] = event.Event{ID: other, Name: other, User: event.User{ClientID: other}, Device: event.Device{UserAgent: other}, Page: event.Page{URL: other}}
	return l
}

// What a hit is lent serves the next one at once, while the log is written, destinations send, the index reads and people watch.
func TestNothingReadsWhatTheNextHitIsLent(t *testing.T) {
	const callers, each = 8, 60
	sink := newSink(t)
	r := start(t, t.TempDir(), sink, "limits: {per_address: 0, volume_per_address: 0}\n")
	walk := func(from int) {
		var all sync.WaitGroup
		for c := range callers {
			all.Go(func() {
				l := new(lent)
				for i := range each {
					l = l.answered(t, r.Server, fmt.Sprintf("%04d", from+c*each+i))
				}
			})
		}
		all.Wait()
	}
	walk(0)
	ctx, cancel := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	for where, some := range map[string]bool{"": true, `request.header("user-agent") != device.user_agent`: false} {
		sightings, err := r.Live(ctx, where, false)
		if err != nil {
			t.Fatal(err)
		}
		watching.Go(func() {
			shown := 0
			for one := range sightings {
				shown++
				if text, err := one.JSON(); err != nil || !ownOnly(string(text), one.Trace.Event) {
					t.Errorf("somebody watching saw %s, %v", text, err)
				}
			}
			if (shown > 0) != some {
				t.Errorf("who watches %q saw %d events", where, shown)
			}
		})
	}
	walk(callers * each)
	events := sink.await(t, 2*callers*each)
	cancel()
	watching.Wait()
	for i := range events {
		if !ownOnly("", &events[i]) {
			t.Errorf("the destination was sent %+v", events[i])
		}
	}
}

// ownOnly reports whether an event is of one hit, and nothing of what it was overwritten with is in a text.
func ownOnly(text string, e *event.Event) bool {
	id, ours := strings.CutPrefix(e.ID, "evt-00000000-")
	return ours && e.Device.UserAgent == "agent of "+id && e.User.ClientID == "1234567890.1787400000" && !strings.Contains(text, "another visitor")
}
