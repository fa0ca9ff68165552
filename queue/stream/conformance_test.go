package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// TestEveryKindOfServerConforms holds the servers that a Store can lead to, to what queue's interface promises. What a cluster of
// several nodes adds is tested by queue, together with what it makes of it.
func TestEveryKindOfServerConforms(t *testing.T) {
	for kind, options := range map[string]func(t *testing.T) Options{
		"embedded":  someOptions,
		"encrypted": func(t *testing.T) Options { o := someOptions(t); o.Key = "a key of some length"; return o },
		"external":  external,
	} {
		for name, run := range map[string]func(t *testing.T, s *Store){
			"a message is read as it was written":          reads,
			"an expectation that does not hold is refused": expects,
			"a subject is read in order":                   inOrder,
			"removed messages are gone":                    removes,
			"a purge leaves what it does not name":         purges,
			"a time finds the first message since":         since,
			"a message too large is refused":               refuses,
			"a closed store says so":                       closes,
		} {
			t.Run(kind+": "+name, func(t *testing.T) {
				t.Parallel()
				s, err := Open(t.Context(), options(t))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(s.Close)
				run(t, s)
			})
		}
	}
}

func someOptions(t *testing.T) Options {
	return Options{Dir: t.TempDir(), Replicas: 1, MaxBytes: 64 << 20, MaxMessage: 1 << 20, LeaseTerm: 10 * time.Second,
		Logger: slog.New(slog.DiscardHandler), Damaged: func(what string) { t.Errorf("damage: %s", what) }}
}

// external is a NATS server of its own on loopback.
func external(t *testing.T) Options { return externalWith(t, 1<<30) }

// externalWith is one with so many bytes of storage.
func externalWith(t *testing.T, bytes int64) Options {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, JetStreamMaxStore: bytes, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(startTimeout) {
		t.Fatal("the server does not start")
	}
	o := someOptions(t)
	o.URL = s.ClientURL()
	return o
}

// logged receives the messages of a logger.
type logged chan string

func (l logged) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

func TestAServerShortOfStorageIsReported(t *testing.T) {
	o := externalWith(t, 32<<20)
	said := make(logged, 10)
	o.Logger = slog.New(slog.NewTextHandler(said, nil))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := Open(ctx, o)
		ended <- err
	}()
	for _, want := range []string{"stream=" + Log, "48 MiB", "queue.max_bytes", "max_file_store"} {
		message := <-said
		if !strings.Contains(message, want) {
			t.Errorf("%q lacks %q", message, want)
		}
		said <- message
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("it was opened")
	}
	if len(said) > 1 {
		t.Errorf("it is logged again: %s, %s", <-said, <-said)
	}
}

func publish(t *testing.T, s *Store, subject, text string) uint64 {
	t.Helper()
	seq, err := s.Publish(t.Context(), subject, []byte(text), Expectation{})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func reads(t *testing.T, s *Store) {
	const writer = "a name.with *signs>"
	before := time.Now()
	seq := publish(t, s, LogSubject(writer), "one")
	publish(t, s, LogSubject("another"), "two")
	for name, get := range map[string]func() (Message, error){
		"Get":  func() (Message, error) { return s.Get(t.Context(), Log, seq) },
		"Last": func() (Message, error) { return s.Last(t.Context(), Log, LogSubject(writer)) },
		"Next": func() (Message, error) { return s.Next(t.Context(), Log, LogSubject(writer), 1) },
	} {
		m, err := get()
		if err != nil || string(m.Data) != "one" || m.Seq != seq || LastName(m.Subject) != writer || m.Time.Before(before.Add(-time.Second)) {
			t.Errorf("%s returns %+v, %v", name, m, err)
		}
	}
	for name, get := range map[string]func() (Message, error){
		"Get":  func() (Message, error) { return s.Get(t.Context(), Log, seq+7) },
		"Last": func() (Message, error) { return s.Last(t.Context(), Log, LogSubject("nobody")) },
		"Next": func() (Message, error) { return s.Next(t.Context(), Log, LogSubject(writer), seq+1) },
	} {
		if m, err := get(); !errors.Is(err, ErrNone) {
			t.Errorf("%s of nothing returns %+v, %v", name, m, err)
		}
	}
}

func expects(t *testing.T, s *Store) {
	subject := StateSubject("one")
	for _, c := range []struct {
		expect func(last uint64) Expectation
		holds  bool
	}{
		{func(uint64) Expectation { return After(0) }, true},
		{func(uint64) Expectation { return After(0) }, false},
		{func(last uint64) Expectation { return After(last) }, true},
		{func(last uint64) Expectation { return After(last + 1) }, false},
		{func(last uint64) Expectation { return AfterAll(last) }, true},
		{func(last uint64) Expectation { return AfterAll(last - 1) }, false},
	} {
		info, err := s.Info(t.Context(), Checkpoints, "")
		if err != nil {
			t.Fatal(err)
		}
		e := c.expect(info.Last)
		seq, err := s.Publish(t.Context(), subject, []byte("x"), e)
		if c.holds && (err != nil || seq != info.Last+1) || !c.holds && !errors.Is(err, ErrConflict) {
			t.Errorf("expecting %+v after %d returns %d, %v", e, info.Last, seq, err)
		}
	}
}

func inOrder(t *testing.T, s *Store) {
	for i := range 2 * ReadAtOnce {
		publish(t, s, LogSubject("one"), fmt.Sprint(i))
		publish(t, s, LogSubject("other"), "not asked for")
	}
	var got []string
	from := uint64(0)
	for {
		some, err := s.Read(t.Context(), Log, LogSubject("one"), from, 10)
		if err != nil || len(some) > 10 {
			t.Fatalf("%d messages, %v", len(some), err)
		}
		if len(some) == 0 {
			break
		}
		for _, m := range some {
			got = append(got, string(m.Data))
			from = m.Seq + 1
		}
	}
	var want []string
	for i := range 2 * ReadAtOnce {
		want = append(want, fmt.Sprint(i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("reads %v", got)
	}
	if some, err := s.Read(t.Context(), Log, LogSubject(Any), 1, 2); err != nil || len(some) != 2 {
		t.Errorf("of all writers it reads %v, %v", some, err)
	}
}

func removes(t *testing.T, s *Store) {
	seq := publish(t, s, RetrySubject("w", "c"), "one")
	for range 2 { // once it is gone, removing it does nothing
		if err := s.Remove(t.Context(), Retries, seq); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get(t.Context(), Retries, seq); !errors.Is(err, ErrNone) {
		t.Errorf("it is still there: %v", err)
	}
}

func purges(t *testing.T, s *Store) {
	for range 3 {
		publish(t, s, DeadSubject("w", "a"), "x")
		publish(t, s, DeadSubject("w", "b"), "x")
	}
	for _, c := range []struct {
		subject string
		below   uint64
		want    map[string]uint64
	}{
		{"", 2, map[string]uint64{DeadSubject("w", "a"): 2, DeadSubject("w", "b"): 3}},
		{DeadSubject("w", "b"), 4, map[string]uint64{DeadSubject("w", "a"): 2, DeadSubject("w", "b"): 2}},
		{DeadSubject("w", "b"), 0, map[string]uint64{DeadSubject("w", "a"): 2}},
	} {
		if err := s.Purge(t.Context(), DeadLetters, c.subject, c.below); err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(t.Context(), DeadLetters, DeadSubject("w", Any))
		if err != nil || fmt.Sprint(info.Subjects) != fmt.Sprint(c.want) {
			t.Errorf("purging %q below %d leaves %v, %v", c.subject, c.below, info.Subjects, err)
		}
	}
}

func since(t *testing.T, s *Store) {
	publish(t, s, LogSubject("one"), "old")
	old, err := s.Last(t.Context(), Log, LogSubject("one"))
	if err != nil {
		t.Fatal(err)
	}
	seq := publish(t, s, LogSubject("one"), "new")
	if got, err := s.FirstSince(t.Context(), Log, old.Time.Add(time.Nanosecond)); err != nil || got != seq {
		t.Errorf("it is %d, %v", got, err)
	}
	if got, err := s.FirstSince(t.Context(), Log, time.Now().Add(time.Hour)); !errors.Is(err, ErrNone) {
		t.Errorf("since the future it is %d, %v", got, err)
	}
}

func refuses(t *testing.T, s *Store) {
	if _, err := s.Publish(t.Context(), LogSubject("one"), make([]byte, 4<<20), Expectation{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("it says %v", err)
	}
	if _, err := s.Publish(t.Context(), LogSubject("one"), bytes.Repeat([]byte("x"), 1<<19), Expectation{}); err != nil {
		t.Error(err)
	}
}

func closes(t *testing.T, s *Store) {
	s.Close()
	if _, err := s.Publish(t.Context(), LogSubject("one"), nil, Expectation{}); !errors.Is(err, ErrClosed) {
		t.Errorf("it says %v", err)
	}
	if s.Broken() || !errors.Is(s.Restart(t.Context()), ErrClosed) {
		t.Error("it can be restarted")
	}
}

// TestABrokenServerIsRestarted has the server report what it reports after a failed write.
func TestABrokenServerIsRestarted(t *testing.T) {
	s, err := Open(t.Context(), someOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	seq := publish(t, s, LogSubject("one"), "before")
	s.inside.log.Errorf("JetStream stream '%s > %s' critical write error: %v", "$G", Log, "no space left")
	if _, err := s.Publish(t.Context(), LogSubject("one"), nil, Expectation{}); !errors.Is(err, ErrDown) || !s.Broken() || s.Alive().Err() == nil {
		t.Fatalf("a broken server says %v", err)
	}
	if err := s.Restart(t.Context()); err != nil || s.Broken() || s.Alive().Err() != nil {
		t.Fatalf("restarted: %v", err)
	}
	if m, err := s.Get(t.Context(), Log, seq); err != nil || string(m.Data) != "before" {
		t.Errorf("after it there is %+v, %v", m, err)
	}
}

func TestNamesOfAnySpellingFitInASubject(t *testing.T) {
	for _, name := range []string{"plain", "with.dot", "with space", "*", ">", "=2E", "ü", "~2"} {
		s := DeadSubject(name, "c."+name)
		if strings.ContainsAny(s, "*> ") || strings.Count(s, ".") != 3 {
			t.Errorf("%q becomes %s", name, s)
		}
		if got := Names(s); len(got) != 2 || got[0] != name || got[1] != "c."+name || LastName(s) != "c."+name {
			t.Errorf("%s is read as %q", s, got)
		}
	}
}
