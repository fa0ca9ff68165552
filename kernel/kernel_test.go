package kernel_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"headgate/kernel"
)

// pair is two ends of a TCP connection, of which ours is a Conn.
func pair(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	theirs, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	ours = kernel.Conn(accepted)
	t.Cleanup(func() { _ = ours.Close(); _ = theirs.Close() })
	return ours, theirs
}

func TestAConnectionReadsAndWritesMoreThanTheSystemHolds(t *testing.T) {
	ours, theirs := pair(t)
	sent := make([]byte, 16<<20)
	_, _ = rand.Read(sent)                         // it never fails
	go func() { _, _ = io.Copy(theirs, theirs) }() // what is lost on the way is missed below
	written := make(chan error, 1)
	go func() {
		n, err := ours.Write(sent)
		if err == nil && n != len(sent) {
			err = io.ErrShortWrite
		}
		written <- err
	}()
	back := make([]byte, len(sent))
	if _, err := io.ReadFull(ours, back); err != nil || !bytes.Equal(back, sent) {
		t.Errorf("what comes back differs: %v", err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestTheEndOfAConnectionIsSeen(t *testing.T) {
	ours, theirs := pair(t)
	if n, err := ours.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d, %v", n, err)
	}
	if _, err := theirs.Write([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(ours); err != nil || string(got) != "last words" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhoHasResetAConnectionIsWrittenToInVain(t *testing.T) {
	ours, theirs := pair(t)
	if err := theirs.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Close(); err != nil {
		t.Fatal(err)
	}
	var op *net.OpError
	if _, err := ours.Read(make([]byte, 1)); !errors.As(err, &op) || op.Timeout() {
		t.Errorf("a read says %v", err)
	}
	if n, err := ours.Write([]byte("x")); n != 0 || !errors.As(err, &op) {
		t.Errorf("a write says %d, %v", n, err)
	}
}

func TestADeadlineEndsAReadAndAWrite(t *testing.T) {
	ours, _ := pair(t)
	if err := ours.SetDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var slow net.Error
	if _, err := ours.Read(make([]byte, 1)); !errors.As(err, &slow) || !slow.Timeout() {
		t.Errorf("a read says %v", err)
	}
	if n, err := ours.Write(make([]byte, 64<<20)); !errors.As(err, &slow) || !slow.Timeout() || n == 64<<20 {
		t.Errorf("a write says %d, %v", n, err)
	}
}

func TestClosingEndsARead(t *testing.T) {
	ours, _ := pair(t)
	ended := make(chan error)
	go func() {
		_, err := ours.Read(make([]byte, 1))
		ended <- err
	}()
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("it says %v", err)
	}
}

func TestWhatIsWrittenAndSyncedIsInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s := kernel.NewSyncer(time.Minute)
	defer s.Close()
	want := make([]byte, 100*1000)
	for i := range 100 {
		piece := want[i*1000 : (i+1)*1000]
		_, _ = rand.Read(piece) // it never fails
		if err := errors.Join(kernel.WriteAt(f, piece, int64(i)*1000), s.Sync(f)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the file differs: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := kernel.WriteAt(f, want, 0); err == nil {
		t.Error("a closed file is written")
	}
	if err := s.Sync(f); err == nil {
		t.Error("a closed file is synced")
	}
}

// TestASyncThatFailsSaysSo syncs what cannot be: after it, Syncer goes on.
func TestASyncThatFailsSaysSo(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
	s := kernel.NewSyncer(time.Minute)
	defer s.Close()
	if err := s.Sync(w); err == nil {
		t.Error("a pipe is synced")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := s.Sync(f); err != nil {
		t.Error(err)
	}
}
