package disk

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"headgate/queue/stream"
	"headgate/queue/stream/conform"
)

// aloneVariable is set in a process that runs one test.
const aloneVariable = "HEADGATE_DISK_TEST_ALONE"

// alone runs a test in a process of its own, where a limit on files hits no other; it reports whether this is that process.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneVariable) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), aloneVariable+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// TestAfterAFailedWriteNothingIsLostAndAllGoesOn makes writing fail in several ways. Each returns what ends the failure.
func TestAfterAFailedWriteNothingIsLostAndAllGoesOn(t *testing.T) {
	if !alone(t) {
		return
	}
	noRoom := func(more int64) func(*testing.T, *Store, string) func() {
		return func(t *testing.T, s *Store, name string) func() {
			return conform.LimitFiles(t, uint64(s.journals[name].end().size+more))
		}
	}
	for _, c := range []struct {
		name  string
		fails func(t *testing.T, s *Store, name string) (end func())
		heals bool // without an end of the failure
	}{
		{"its file is closed", func(t *testing.T, s *Store, name string) func() {
			if err := s.journals[name].file.Close(); err != nil {
				t.Fatal(err)
			}
			return func() {}
		}, true},
		{"there is no room for a byte", noRoom(0), false},
		{"there is room for half of it", noRoom(500), true},
		{"the segment cannot be finished", func(t *testing.T, s *Store, name string) func() {
			j := s.journals[name]
			j.segmentBytes = j.end().size // the next message rolls
			return conform.LimitFiles(t, uint64(j.end().size+10))
		}, false},
		{"the next segment cannot begin", func(t *testing.T, s *Store, name string) func() {
			j := s.journals[name]
			j.nextup.ready()
			j.nextup, j.ahead, j.segmentBytes = nil, false, j.end().size
			next := segmentPath(j.dir, j.end().next) + newEnding
			if err := os.MkdirAll(next+"/x", 0o700); err != nil { // it cannot be removed
				t.Fatal(err)
			}
			return func() { _ = os.RemoveAll(next) }
		}, false},
	} {
		for _, name := range []string{stream.Log, stream.Retries} {
			t.Run(c.name+" in "+folders[name], func(t *testing.T) { failAndGoOn(t, name, c.fails, c.heals) })
		}
	}
}

func failAndGoOn(t *testing.T, name string, fails func(*testing.T, *Store, string) func(), heals bool) {
	dir, d := t.TempDir(), damages{}
	s := opened(t, dir, &d)
	subject := map[string]string{stream.Log: stream.LogSubject("w"), stream.Retries: stream.RetrySubject("w", "c")}[name]
	large := bytes.Repeat([]byte("x"), 1000)
	var want []string
	publish := func(text string) {
		t.Helper()
		want = append(want, fmt.Sprint(published(t, s, subject, append([]byte(text+" "), large...)), " ", text))
	}
	for i := range 20 {
		publish(fmt.Sprint("before", i))
	}
	end := fails(t, s, name)
	for range 2 {
		if seq, err := s.Publish(t.Context(), subject, append([]byte("failed "), large...), stream.Expectation{}); !errors.Is(err, stream.ErrDown) {
			t.Fatalf("publish returns %d, %v", seq, err)
		}
		if !s.Broken() {
			t.Error("it is not broken")
		}
		if m, err := s.Get(t.Context(), name, 7); err != nil || m.Seq != 7 {
			t.Errorf("an older message is %d, %v", m.Seq, err)
		}
		wantTexts(t, s, name, want...)
	}
	if !heals {
		for range 2 {
			if err := s.Restart(t.Context()); err == nil || !s.Broken() {
				t.Fatalf("restart says %v, and broken is %v", err, s.Broken())
			}
			wantTexts(t, s, name, want...)
		}
	}
	end()
	if err := s.Restart(t.Context()); err != nil || s.Broken() {
		t.Fatalf("restart says %v", err)
	}
	wantTexts(t, s, name, want...)
	for i := range 20 {
		publish(fmt.Sprint("after", i))
	}
	if last := "40 after19"; want[39] != last {
		t.Errorf("the last is %q, not %q", want[39], last)
	}
	wantTexts(t, s, name, want...)
	s.Close()
	s = opened(t, dir, &d)
	wantTexts(t, s, name, want...)
	publish("later")
	wantTexts(t, s, name, want...)
}

// TestAProcessThatEndsWhileItCannotWriteLosesNothing: the failure is never healed.
func TestAProcessThatEndsWhileItCannotWriteLosesNothing(t *testing.T) {
	if !alone(t) {
		return
	}
	dir, d := t.TempDir(), damages{}
	s := opened(t, dir, &d)
	subject := stream.RetrySubject("w", "c")
	published(t, s, subject, []byte("one"))
	free := conform.LimitFiles(t, uint64(s.journals[stream.Retries].end().size+100))
	if _, err := s.Publish(t.Context(), subject, make([]byte, 1000), stream.Expectation{}); !errors.Is(err, stream.ErrDown) {
		t.Fatal(err)
	}
	free()
	s.Close()
	s = opened(t, dir, &d)
	published(t, s, subject, []byte("two"))
	wantTexts(t, s, stream.Retries, "1 one", "2 two")
}

// TestWhatWasWrittenWithoutAnAnswerIsCutOff: its sync has failed, and it is the segment's first.
func TestWhatWasWrittenWithoutAnAnswerIsCutOff(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, &damages{})
	j := s.journals[stream.Retries]
	end := j.end()
	if _, err := j.file.WriteAt(end.seal.append(nil, end.next, 1, kindMessage, stream.RetrySubject("w", "c"), []byte("unanswered")), end.size); err != nil {
		t.Fatal(err)
	}
	_ = j.fail(errors.New("a sync has failed"))
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	wantTexts(t, opened(t, dir, &damages{}), stream.Retries)
}

// TestAPurgeWorksWhileNothingCanBeWritten: it is what makes room. It leaves nothing that it names.
func TestAPurgeWorksWhileNothingCanBeWritten(t *testing.T) {
	if !alone(t) {
		return
	}
	var d damages
	s := opened(t, t.TempDir(), &d)
	j := s.journals[stream.Retries]
	subject := stream.RetrySubject("w", "c")
	j.segmentBytes = 10_000
	for range 50 {
		published(t, s, subject, make([]byte, 1000))
	}
	free := conform.LimitFiles(t, uint64(j.end().size))
	if err := s.Purge(t.Context(), stream.Retries, "", 0); !errors.Is(err, stream.ErrDown) { // there is no room for the next segment
		t.Fatal(err)
	}
	if n := len(j.segments); n != 1 {
		t.Errorf("%d segments are left", n)
	}
	if err := s.Purge(t.Context(), stream.Retries, "", 0); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, s, stream.Retries)
	free()
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seq := published(t, s, subject, []byte("new")); seq != 51 {
		t.Errorf("the next is %d", seq)
	}
	wantTexts(t, s, stream.Retries, "51 new")
}
