package disk_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"headgate/queue/disk"
	"headgate/queue/stream"
)

// TestManyAtOnceSeeWhatIsThere has publishers, readers, removers and a purger work at once. What a publisher was told is stored is read as
// it was written until somebody removes it.
func TestManyAtOnceSeeWhatIsThere(t *testing.T) {
	s, err := disk.Open(t.Context(), disk.Options{Dir: disk.InMemory(t), MaxBytes: 8 << 20, MaxMessage: 1 << 20, NoSync: true,
		Damaged: func(what string) { t.Errorf("damage: %s", what) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const publishers, each = 4, 300
	var done atomic.Bool
	var working, watching sync.WaitGroup
	texts := func(writer string, i int) string {
		return fmt.Sprint(writer, i, strings.Repeat("x", i%40*100))
	}
	for p := range publishers {
		working.Go(func() {
			writer := fmt.Sprint("w", p)
			subject := stream.RetrySubject(writer, "c")
			kept := uint64(0)
			for i := range each {
				seq, err := s.Publish(t.Context(), subject, []byte(texts(writer, i)), stream.After(kept))
				if err != nil {
					t.Errorf("%s: %v", writer, err)
					return
				}
				if m, err := s.Last(t.Context(), stream.Retries, subject); err != nil || m.Seq != seq || string(m.Data) != texts(writer, i) {
					t.Errorf("%s: the last is %d, not %d: %v", writer, m.Seq, seq, err)
				}
				if kept = seq; i%10 > 0 {
					if err := s.Remove(t.Context(), stream.Retries, seq); err != nil {
						t.Error(err)
					}
					m, err := s.Last(t.Context(), stream.Retries, subject)
					if kept = m.Seq; err != nil || kept >= seq {
						t.Errorf("%s: without %d the last is %d, %v", writer, seq, kept, err)
					}
				}
				if _, err := s.Publish(t.Context(), stream.LogSubject(writer), []byte(texts(writer, i)), stream.Expectation{}); err != nil && !errors.Is(err, stream.ErrFull) {
					t.Error(err)
				}
			}
		})
	}
	watching.Go(func() { // what is old in the log goes
		for !done.Load() {
			if info, err := s.Info(t.Context(), stream.Log, ""); err != nil || s.Purge(t.Context(), stream.Log, "", info.First+(info.Last-info.First)/2) != nil {
				t.Error("a purge fails")
			}
		}
	})
	for _, name := range []string{stream.Log, stream.Retries} {
		watching.Go(func() {
			for from := uint64(1); !done.Load(); {
				some, err := s.Read(t.Context(), name, "", from, 50)
				if err != nil {
					t.Error(err)
					return
				}
				from = 1
				for _, m := range some {
					names := stream.Names(m.Subject)
					if !strings.HasPrefix(string(m.Data), names[0]) {
						t.Errorf("%s has %.20q", m.Subject, m.Data)
					}
					from = m.Seq + 1
				}
				if len(some) > 0 {
					if _, err := s.FirstSince(t.Context(), name, some[0].Time); err != nil && !errors.Is(err, stream.ErrNone) {
						t.Error(err)
					}
				}
			}
		})
	}
	working.Wait()
	done.Store(true)
	watching.Wait()
	info, err := s.Info(t.Context(), stream.Retries, stream.RetrySubject(stream.Any, "c"))
	if err != nil || info.Messages != publishers*each/10 {
		t.Errorf("%+v, %v", info, err)
	}
}
