package kernel

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestADiskThatDoesNotAnswerIsNotWaitedForForEver(t *testing.T) {
	s := NewSyncer(time.Millisecond)
	defer s.Close()
	if s.TakesThread() {
		t.Log("a thread waits for syncs here")
	} else if err := s.await(); !errors.Is(err, errSlow) { // nothing was asked for, so nothing comes
		t.Errorf("it says %v", err)
	}
	never := make(chan struct{})
	if err := within(time.Millisecond, func() error { <-never; return nil }); !errors.Is(err, errSlow) {
		t.Errorf("a thread says %v", err)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if s.limit = time.Minute; s.Sync(f) != nil || !s.TakesThread() {
		t.Error("it does not go on with a thread")
	}
}
