package queue_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"headgate/queue"
	"headgate/queue/disk"
	"headgate/queue/format"
	"headgate/queue/stream"
)

// BenchmarkGroupOfOne is what a group of one event of 1 KB costs, as at low rates, whole and by stage. What the store costs is a
// message that is not synced less what writing it costs; decision 50 has the table of an embedded NATS server.
func BenchmarkGroupOfOne(b *testing.B) {
	ctx := context.Background()
	for _, sync := range []string{"always", "never"} {
		b.Run("append, sync "+sync, func(b *testing.B) {
			o := embedded(b, b.TempDir())
			o.Config.MaxBytes, o.Config.Sync, o.Logger = 20<<30, sync, nil
			d := newDesk(b, open(b, o), "a")
			b.Cleanup(drain(d, "a"))
			entries := []queue.Entry{{Bytes: make([]byte, 1024), Live: "decoded", Roster: d.roster, States: []queue.State{queue.Due}}}
			each(b, func(int) error { return d.log.Append(ctx, entries) })
		})
	}
	for _, sync := range []string{"always", "never"} {
		b.Run("message, sync "+sync, func(b *testing.B) {
			s, err := disk.Open(ctx, disk.Options{Dir: b.TempDir(), MaxBytes: 20 << 30, MaxMessage: 1 << 20, NoSync: sync == "never",
				Logger: slog.New(slog.DiscardHandler), Damaged: func(string) {}})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(s.Close)
			frame := frameOfOne(1)
			each(b, func(int) error {
				_, err := s.Publish(ctx, stream.LogSubject("one"), frame, stream.Expectation{})
				return err
			})
		})
	}
	for _, sync := range []string{"always", "never"} {
		b.Run("file, sync "+sync, func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "plain"))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = f.Close() })
			frame := frameOfOne(1)
			each(b, func(int) error {
				_, err := f.Write(frame)
				if err == nil && sync == "always" {
					err = f.Sync()
				}
				return err
			})
		})
	}
	b.Run("frame", func(b *testing.B) {
		each(b, func(i int) error { frameOfOne(uint64(i)); return nil })
	})
}

// each runs one after the other and reports what each takes of the processor.
func each(b *testing.B, do func(int) error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	from := cpu()
	for i := range b.N {
		if err := do(i); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64((cpu()-from).Nanoseconds())/float64(b.N)/1000, "cpu-µs/op")
}

func frameOfOne(number uint64) []byte {
	var w format.FrameBuilder
	w.Add(make([]byte, 1024), format.NewRoster([]string{"a"}, []int{0}), []queue.State{queue.Due})
	return w.Seal(number, time.Unix(0, 0), []string{"a"}, format.Tally{})
}
