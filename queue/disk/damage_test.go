package disk

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/queue/stream"
)

// TestWhatWasRemovedIsForgottenAndTheRestStays: without the list of what was removed, the summary is not true either.
func TestWhatWasRemovedIsForgottenAndTheRestStays(t *testing.T) {
	x := newStopped(t, 3)
	x.remove(1, 2)
	for range 9 {
		x.publish()
	}
	dir := writeFiles(t, without(x.now(), retryRemoved(1)))
	s := opened(t, dir, &damages{}, quickly)
	if info, err := s.Info(t.Context(), stream.Retries, ""); err != nil || info.Messages != 12 {
		t.Errorf("%+v, %v", info, err)
	}
	if err := s.Remove(t.Context(), stream.Retries, 1, 2, 3); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, s, stream.Retries, "4 m", "5 m", "6 m", "7 m", "8 m", "9 m", "10 m", "11 m", "12 m")
}

// spoiledSegment is a folder whose first segment has messages about two subjects, of which the last about one cannot be read.
func spoiledSegment(t *testing.T) (s *Store, rare string) {
	x := newStopped(t, 1)
	rare = stream.RetrySubject("w", "rare")
	for _, text := range []string{"readable", "spoiled"} {
		published(t, x.s, rare, []byte(text))
	}
	for range 9 {
		x.publish()
	}
	f := x.now()
	f[retrySegment(1)][strings.Index(string(f[retrySegment(1)]), "spoiled")] ^= 1
	return opened(t, writeFiles(t, f), &damages{}, quickly), rare
}

func TestTheLastReadableMessageIsTheLast(t *testing.T) {
	s, rare := spoiledSegment(t)
	if m, err := s.Last(t.Context(), stream.Retries, rare); err != nil || m.Seq != 2 || string(m.Data) != "readable" {
		t.Fatalf("the last is %d %q, %v", m.Seq, m.Data, err)
	}
	if seq, err := s.Publish(t.Context(), rare, nil, stream.After(2)); err != nil || seq != 13 {
		t.Errorf("publishing after it returns %d, %v", seq, err)
	}
}

func TestASegmentWithoutReadableMessagesIsDropped(t *testing.T) {
	s, rare := spoiledSegment(t)
	first := s.journals[stream.Retries].segments[0]
	for seq := first.base; seq < first.next; seq++ {
		if err := s.Remove(t.Context(), stream.Retries, seq); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(first.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	info, err := s.Info(t.Context(), stream.Retries, stream.RetrySubject("w", stream.Any))
	if err != nil || info.Messages != 12-(first.next-first.base) || info.Subjects[rare] > 0 || info.First != first.next {
		t.Errorf("%+v, %v", info, err)
	}
	bytes := int64(0)
	for _, seg := range s.journals[stream.Retries].segments {
		bytes += seg.bytes
	}
	if info.Bytes != uint64(bytes) {
		t.Errorf("%d bytes are counted, and there are %d", info.Bytes, bytes)
	}
}

// TestAnErrorIsNoAnswer: where a subject's last message must be looked for and the disk does not read, nobody is told that there is none.
func TestAnErrorIsNoAnswer(t *testing.T) {
	x := newStopped(t, 12)
	x.remove(12)
	path := filepath.Join(x.dir, retrySegment(6))
	if err := errors.Join(os.Rename(path, path+".away"), os.Mkdir(path, 0o700)); err != nil { // a folder opens and does not read
		t.Fatal(err)
	}
	subject := stream.RetrySubject("w", "c")
	if m, err := x.s.Last(t.Context(), stream.Retries, subject); err == nil || errors.Is(err, stream.ErrNone) {
		t.Errorf("the last is %d, %v", m.Seq, err)
	}
	if seq, err := x.s.Publish(t.Context(), subject, nil, stream.After(5)); err == nil || errors.Is(err, stream.ErrConflict) {
		t.Errorf("publish returns %d, %v", seq, err)
	}
	if err := errors.Join(os.Remove(path), os.Rename(path+".away", path)); err != nil {
		t.Fatal(err)
	}
	if m, err := x.s.Last(t.Context(), stream.Retries, subject); err != nil || m.Seq != 11 {
		t.Errorf("the last is %d, %v", m.Seq, err)
	}
}

func TestASubjectThatDoesNotFitIsRefused(t *testing.T) {
	s := opened(t, InMemory(t), &damages{}, quickly)
	subject := stream.LogSubject(strings.Repeat("x", math.MaxUint16))
	if seq, err := s.Publish(t.Context(), subject, nil, stream.Expectation{}); !errors.Is(err, stream.ErrTooLarge) {
		t.Errorf("it is %d, %v", seq, err)
	}
}
