package session_test

import (
	"strings"
	"testing"
	"time"

	"headgate/enrich/session"
)

var start = time.Unix(1795341600, 0)

const timeout = 30 * time.Minute

func at(after time.Duration) session.Event { return session.Event{At: start.Add(after)} }

func TestASessionEndsAfterAPauseAndByNothingElse(t *testing.T) {
	s := session.State{}.Next(at(0), timeout)
	if s.ID() != "1795341600" || s.Number != 1 || s.Engaged() {
		t.Fatalf("%+v", s)
	}
	for d := time.Duration(0); d < 20*time.Hour; d += timeout { // over midnight
		s = s.Next(at(d), timeout)
	}
	if s.ID() != "1795341600" || s.Number != 1 {
		t.Errorf("events every 30 minutes made %+v", s)
	}
	s = s.Next(at(20*time.Hour+1*time.Second), timeout)
	if s.ID() != "1795413601" || s.Number != 2 {
		t.Errorf("a pause of more than 30 minutes made %+v", s)
	}
}

func TestALateEventDoesNotTurnTheClockBack(t *testing.T) {
	s := session.State{}.Next(at(0), timeout).Next(at(20*time.Minute), timeout).Next(at(5*time.Minute), timeout)
	if got := s.Next(at(45*time.Minute), timeout); got.Number != 1 {
		t.Errorf("%+v", got)
	}
}

func TestWhatMakesASessionEngaged(t *testing.T) {
	view := func(after time.Duration) session.Event { return session.Event{At: start.Add(after), PageView: true} }
	stay := func(d time.Duration) session.Event { return session.Event{At: start, Engagement: d} }
	for _, c := range []struct {
		name   string
		events []session.Event
		want   bool
	}{
		{"one page view", []session.Event{view(0)}, false},
		{"two page views", []session.Event{view(0), view(time.Second)}, true},
		{"two events that are no page views", []session.Event{view(0), at(time.Second)}, false},
		{"ten seconds", []session.Event{stay(10 * time.Second)}, false},
		{"more than ten seconds, in parts", []session.Event{stay(6 * time.Second), stay(4100 * time.Millisecond)}, true},
		{"a negative time", []session.Event{stay(11 * time.Second), stay(-time.Hour)}, true},
		{"two page views of two sessions", []session.Event{view(0), view(time.Hour)}, false},
	} {
		var s session.State
		for _, e := range c.events {
			s = s.Next(e, timeout)
		}
		if s.Engaged() != c.want {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestTheCookieIsOursAndTheClients(t *testing.T) {
	g := session.NewSigner("a secret of the shop's")
	s := session.State{}.Next(at(0), timeout).Next(session.Event{At: start.Add(time.Minute), PageView: true, Engagement: time.Second}, timeout)
	value := g.Write(s, "77.88")
	if back, ok := g.Read(value, "77.88"); !ok || back != s {
		t.Fatalf("%s reads as %+v", value, back)
	}
	if !strings.HasPrefix(value, "1.1795341600.1.1795341660.1.1000.") || len(value) > 70 {
		t.Errorf("the cookie is %s", value)
	}
	other := session.NewSigner("another secret")
	for name, c := range map[string]struct {
		signer        *session.Signer
		value, client string
	}{
		"another client":    {g, value, "77.89"},
		"another secret":    {other, value, "77.88"},
		"another number":    {g, strings.Replace(value, ".1.1795341660", ".9.1795341660", 1), "77.88"},
		"a moved dot":       {g, strings.Replace(value, "77", "7.7", 1) + "x", "77.88"},
		"no signature":      {g, "1.1795341600.1.1795341660.1.1000.", "77.88"},
		"nothing":           {g, "", "77.88"},
		"another version":   {g, "2" + value[1:], "77.88"},
		"too long":          {g, value + strings.Repeat("0", 200), "77.88"},
		"a part of the id":  {g, value, "7.88"},
		"nobody's number 0": {g, g.Write(session.State{Start: 1}, "77.88"), "77.88"},
	} {
		if back, ok := c.signer.Read(c.value, c.client); ok {
			t.Errorf("%s: %s reads as %+v", name, c.value, back)
		}
	}
}
