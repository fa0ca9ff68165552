// Package conform is the test that every store of the streams passes: what the interface of package ledger promises, and what a closed
// store says.
package conform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"headgate/queue/ledger"
	"headgate/queue/stream"
)

// Subject is a store under test.
type Subject interface {
	ledger.Store
	Broken() bool
	Restart(ctx context.Context) error
	Close()
}

// Store tests a kind of store. open returns an empty one, which takes messages of 512 KiB and refuses those of 4 MiB.
func Store(t *testing.T, open func(t *testing.T) Subject) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s Subject)
	}{
		{"a message is read as it was written", reads},
		{"an expectation that does not hold is refused", expects},
		{"a subject is read in order", inOrder},
		{"removed messages are gone", removes},
		{"a purge leaves what it does not name", purges},
		{"what a purge leaves begins with its first message", begins},
		{"a time finds the first message since", since},
		{"a message too large is refused", refuses},
		{"a closed store says so", closes},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			t.Cleanup(s.Close)
			c.run(t, s)
		})
	}
}

func publish(t *testing.T, s Subject, subject, text string) uint64 {
	t.Helper()
	seq, err := s.Publish(t.Context(), subject, []byte(text), stream.Expectation{})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func reads(t *testing.T, s Subject) {
	const writer = "a name.with *signs>"
	before := time.Now()
	seq := publish(t, s, stream.LogSubject(writer), "one")
	publish(t, s, stream.LogSubject("another"), "two")
	for name, get := range map[string]func() (stream.Message, error){
		"Get":  func() (stream.Message, error) { return s.Get(t.Context(), stream.Log, seq) },
		"Last": func() (stream.Message, error) { return s.Last(t.Context(), stream.Log, stream.LogSubject(writer)) },
		"Next": func() (stream.Message, error) { return s.Next(t.Context(), stream.Log, stream.LogSubject(writer), 1) },
	} {
		m, err := get()
		if err != nil || string(m.Data) != "one" || m.Seq != seq || stream.LastName(m.Subject) != writer || m.Time.Before(before.Add(-time.Second)) {
			t.Errorf("%s returns %+v, %v", name, m, err)
		}
	}
	for name, get := range map[string]func() (stream.Message, error){
		"Get":  func() (stream.Message, error) { return s.Get(t.Context(), stream.Log, seq+7) },
		"Last": func() (stream.Message, error) { return s.Last(t.Context(), stream.Log, stream.LogSubject("nobody")) },
		"Next": func() (stream.Message, error) {
			return s.Next(t.Context(), stream.Log, stream.LogSubject(writer), seq+1)
		},
	} {
		if m, err := get(); !errors.Is(err, stream.ErrNone) {
			t.Errorf("%s of nothing returns %+v, %v", name, m, err)
		}
	}
}

func expects(t *testing.T, s Subject) {
	subject := stream.StateSubject("one")
	for _, c := range []struct {
		expect func(last uint64) stream.Expectation
		holds  bool
	}{
		{func(uint64) stream.Expectation { return stream.After(0) }, true},
		{func(uint64) stream.Expectation { return stream.After(0) }, false},
		{stream.After, true},
		{func(last uint64) stream.Expectation { return stream.After(last + 1) }, false},
		{stream.AfterAll, true},
		{func(last uint64) stream.Expectation { return stream.AfterAll(last - 1) }, false},
	} {
		info, err := s.Info(t.Context(), stream.Checkpoints, "")
		if err != nil {
			t.Fatal(err)
		}
		e := c.expect(info.Last)
		seq, err := s.Publish(t.Context(), subject, []byte("x"), e)
		if c.holds && (err != nil || seq != info.Last+1) || !c.holds && !errors.Is(err, stream.ErrConflict) {
			t.Errorf("expecting %+v after %d returns %d, %v", e, info.Last, seq, err)
		}
	}
}

func inOrder(t *testing.T, s Subject) {
	for i := range 2 * stream.ReadAtOnce {
		publish(t, s, stream.LogSubject("one"), fmt.Sprint(i))
		publish(t, s, stream.LogSubject("other"), "not asked for")
	}
	var got []string
	from := uint64(0)
	for {
		some, err := s.Read(t.Context(), stream.Log, stream.LogSubject("one"), from, 10)
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
	for i := range 2 * stream.ReadAtOnce {
		want = append(want, fmt.Sprint(i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("reads %v", got)
	}
	if some, err := s.Read(t.Context(), stream.Log, stream.LogSubject(stream.Any), 1, 2); err != nil || len(some) != 2 {
		t.Errorf("of all writers it reads %v, %v", some, err)
	}
}

func removes(t *testing.T, s Subject) {
	seq := publish(t, s, stream.RetrySubject("w", "c"), "one")
	for range 2 { // once it is gone, removing it does nothing
		if err := s.Remove(t.Context(), stream.Retries, seq); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get(t.Context(), stream.Retries, seq); !errors.Is(err, stream.ErrNone) {
		t.Errorf("it is still there: %v", err)
	}
}

func purges(t *testing.T, s Subject) {
	for range 3 {
		publish(t, s, stream.DeadSubject("w", "a"), "x")
		publish(t, s, stream.DeadSubject("w", "b"), "x")
	}
	for _, c := range []struct {
		subject string
		below   uint64
		want    map[string]uint64
	}{
		{"", 2, map[string]uint64{stream.DeadSubject("w", "a"): 2, stream.DeadSubject("w", "b"): 3}},
		{stream.DeadSubject("w", "b"), 4, map[string]uint64{stream.DeadSubject("w", "a"): 2, stream.DeadSubject("w", "b"): 2}},
		{stream.DeadSubject("w", "b"), 0, map[string]uint64{stream.DeadSubject("w", "a"): 2}},
	} {
		if err := s.Purge(t.Context(), stream.DeadLetters, c.subject, c.below); err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(t.Context(), stream.DeadLetters, stream.DeadSubject("w", stream.Any))
		if err != nil || fmt.Sprint(info.Subjects) != fmt.Sprint(c.want) {
			t.Errorf("purging %q below %d leaves %v, %v", c.subject, c.below, info.Subjects, err)
		}
	}
}

func begins(t *testing.T, s Subject) {
	publish(t, s, stream.LogSubject("one"), "old")
	seq := publish(t, s, stream.LogSubject("one"), "new")
	if err := s.Purge(t.Context(), stream.Log, "", seq); err != nil {
		t.Fatal(err)
	}
	m, err := s.Get(t.Context(), stream.Log, seq)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(t.Context(), stream.Log, "")
	if err != nil || info.Messages != 1 || info.First != seq || !info.Oldest.Equal(m.Time) {
		t.Errorf("it says %+v, %v of a message of %v", info, err, m.Time)
	}
}

func since(t *testing.T, s Subject) {
	publish(t, s, stream.LogSubject("one"), "old")
	old, err := s.Last(t.Context(), stream.Log, stream.LogSubject("one"))
	if err != nil {
		t.Fatal(err)
	}
	seq := publish(t, s, stream.LogSubject("one"), "new")
	if got, err := s.FirstSince(t.Context(), stream.Log, old.Time.Add(time.Nanosecond)); err != nil || got != seq {
		t.Errorf("it is %d, %v", got, err)
	}
	if got, err := s.FirstSince(t.Context(), stream.Log, time.Now().Add(time.Hour)); !errors.Is(err, stream.ErrNone) {
		t.Errorf("since the future it is %d, %v", got, err)
	}
}

func refuses(t *testing.T, s Subject) {
	if _, err := s.Publish(t.Context(), stream.LogSubject("one"), make([]byte, 4<<20), stream.Expectation{}); !errors.Is(err, stream.ErrTooLarge) {
		t.Errorf("it says %v", err)
	}
	if _, err := s.Publish(t.Context(), stream.LogSubject("one"), bytes.Repeat([]byte("x"), 1<<19), stream.Expectation{}); err != nil {
		t.Error(err)
	}
}

func closes(t *testing.T, s Subject) {
	s.Close()
	if _, err := s.Publish(t.Context(), stream.LogSubject("one"), nil, stream.Expectation{}); !errors.Is(err, stream.ErrClosed) {
		t.Errorf("it says %v", err)
	}
	if s.Broken() || !errors.Is(s.Restart(t.Context()), stream.ErrClosed) {
		t.Error("it can be restarted")
	}
}
