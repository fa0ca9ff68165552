package queue_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"headgate/queue"
)

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// keepingUp is a log with three destinations that keep up, and an event of 1 KB for them.
func keepingUp(b *testing.B) (l *queue.Log, event queue.Entry) {
	o := embedded(b, b.TempDir())
	o.Config.MaxBytes = 20 << 30
	o.Logger = nil
	l = open(b, o)
	d := newDesk(b, l, "a", "b", "c")
	b.Cleanup(drain(d, "a", "b", "c"))
	return l, queue.Entry{Bytes: make([]byte, 1024), Live: "decoded", Roster: d.roster, States: []queue.State{queue.Due, queue.Due, queue.DueRedacted}}
}

// BenchmarkAppend is the door at its limit: many requests at once, each with one event of 1 KB for three destinations that
// keep up.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{64, 512} {
		b.Run(fmt.Sprint(callers, " callers"), func(b *testing.B) {
			l, event := keepingUp(b)
			b.ReportAllocs()
			b.ResetTimer()
			from := cpu()
			var wg sync.WaitGroup
			for c := range callers {
				wg.Add(1)
				go func() {
					defer wg.Done()
					e := []queue.Entry{event}
					for i := c; i < b.N; i += callers {
						if err := l.Append(context.Background(), e); err != nil {
							b.Error(err)
							return
						}
					}
				}()
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64((cpu()-from).Nanoseconds())/float64(b.N)/1000, "cpu-µs/event")
		})
	}
}

// drain takes and settles whatever comes for the cursors, until stop.
func drain(d *desk, cursors ...string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, name := range cursors {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				g, err := d.cursors[name].Next(ctx)
				if err != nil {
					return
				}
				if err := g.Settle(ctx); err != nil {
					d.t.Error(err)
				}
			}
		}()
	}
	return func() { cancel(); wg.Wait() }
}

// BenchmarkAppendPaced is what a request waits for at 2,000 events a second.
func BenchmarkAppendPaced(b *testing.B) {
	l, event := keepingUp(b)
	took := make([]time.Duration, b.N)
	var wg sync.WaitGroup
	b.ResetTimer()
	from, start := cpu(), time.Now()
	for i := range b.N {
		if ahead := time.Duration(i)*500*time.Microsecond - time.Since(start); ahead > 0 {
			time.Sleep(ahead)
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			t := time.Now()
			if err := l.Append(context.Background(), []queue.Entry{event}); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(t)
		}()
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64((cpu()-from).Nanoseconds())/float64(b.N)/1000, "cpu-µs/event")
}

// BenchmarkCatchUp is a cursor that was away and reads the log.
func BenchmarkCatchUp(b *testing.B) {
	for _, each := range []int{3, 256} {
		b.Run(fmt.Sprint("groups of ", each), func(b *testing.B) {
			o := embedded(b, b.TempDir())
			o.Config.MaxBytes = 20 << 30
			o.Config.Sync = "never"
			o.Config.Recent = 0
			o.Logger = nil
			l := open(b, o)
			d := newDesk(b, l, "a")
			body := make([]byte, 1024)
			entries := make([]queue.Entry, each)
			for i := range entries {
				entries[i] = queue.Entry{Bytes: body, Live: body, Roster: d.roster, States: make([]queue.State, 1)}
			}
			for i := 0; i < b.N; i += each {
				d.append(entries...)
			}
			b.ReportAllocs()
			b.ResetTimer()
			from := cpu()
			for got := 0; got < b.N; {
				g := d.must("a")
				got += len(g.Items)
				d.settle(g)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64((cpu()-from).Nanoseconds())/float64(b.N)/1000, "cpu-µs/event")
		})
	}
}
