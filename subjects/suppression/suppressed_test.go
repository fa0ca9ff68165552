package suppression

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
)

// suppress puts a subject on the list for good: nothing is sent any more. It returns when that is on disk, and known to
// the cluster if there is one.
func (s *List) suppress(subject people.Subject, kind, why string, now time.Time) error {
	_, err := s.Suppress(Line{Subject: subject.String(), Kind: kind, When: now, Why: why})
	return err
}

func TestYesAndNoInTurnMakeNeitherTheListNorItsFileGrow(t *testing.T) {
	k := newKeeper(t, t.TempDir(), nil)
	gone, now := someone("gone")
	off, _ := someone("off")
	if err := k.suppress(off, "client_id", "", now); err != nil {
		t.Fatal(err)
	}
	line, most := 0, 0
	for i := range 4 * idleLines {
		l := Line{Subject: gone.String(), Kind: "client_id", When: now.Add(time.Duration(i) * time.Second).UTC(), Only: []string{"ads"}, Withdraw: true}
		stop, err := l.stop()
		if err != nil {
			t.Fatal(err)
		}
		k.Stops.Add(stop)
		body := mustJSON(t, l)
		line = len(body)
		if _, err := k.chain.Write([]byte(body)); err != nil { // as add does, without waiting for the disk each time
			t.Fatal(err)
		}
		k.tidy()
		most = max(most, k.chain.Lines())
	}
	if stops := k.Stops.Of(gone); len(stops) != 1 {
		t.Errorf("%d entries", len(stops))
	}
	if most > idleLines+10 {
		t.Errorf("the file has had %d lines of %d bytes", most, line)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	again := newKeeper(t, k.folder, nil)
	last := again.Stops.Of(gone)
	if len(last) != 1 || !last[0].Withdrawn.Equal(now.Add((4*idleLines-1)*time.Second)) || len(again.Stops.Of(off)) != 1 {
		t.Errorf("read again: %+v", last)
	}
	again.kill()
}

func TestKeyedEntriesOfAnotherKeyAreNamed(t *testing.T) {
	folder := t.TempDir()
	said := new(bytes.Buffer)
	open := func(key string) *List {
		s, err := Open(t.Context(), folder, []byte(key), nil, time.Now(), time.Now, slog.New(slog.NewTextHandler(said, nil)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open("one")
	who := people.Who{ClientID: "c1"}
	id := s.Stops.Hasher.Append(nil, &who)[0]
	if _, err := s.Suppress(s.Hashed(id, "ticket 7", time.Now())); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open("one")
	if len(s.Stops.OfHash(id.Hash)) != 1 || said.Len() > 0 {
		t.Errorf("read again: %v, said %s", s.Stops.OfHash(id.Hash), said)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open("two")
	if !strings.Contains(said.String(), "made with another key") {
		t.Errorf("said: %s", said)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
