package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"headgate/document"
	"headgate/queue"
)

// testLogger shows what the log says when a test fails.
func testLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", b)
	return len(b), nil
}

func embedded(t testing.TB, dir string) queue.Options {
	c := queue.Default()
	c.MaxBytes = 256 << 20
	return queue.Options{Dir: dir, Config: c, Logger: testLogger(t)}
}

func encrypted(t testing.TB, dir string) queue.Options {
	o := embedded(t, dir)
	o.Config.EncryptionKey = document.NewSecret("a key for the tests only")
	return o
}

func open(t testing.TB, o queue.Options) *queue.Log {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l, err := queue.Open(ctx, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { closeLog(t, l) })
	return l
}

func closeLog(t testing.TB, l *queue.Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// desk is a log with some cursors, and what a test does with them.
type desk struct {
	t       testing.TB
	log     *queue.Log
	roster  *queue.Roster
	cursors map[string]*queue.Cursor
}

func newDesk(t testing.TB, l *queue.Log, names ...string) *desk {
	t.Helper()
	d := &desk{t: t, log: l, cursors: map[string]*queue.Cursor{}}
	var err error
	if d.roster, err = l.Roster(names); err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if d.cursors[n], err = l.Cursor(n); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *desk) entry(text string, states ...queue.State) queue.Entry {
	return queue.Entry{Bytes: []byte(text), Live: text, Roster: d.roster, States: states}
}

func (d *desk) append(entries ...queue.Entry) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := d.log.Append(ctx, entries); err != nil {
		d.t.Fatalf("append: %v", err)
	}
}

// next returns the cursor's next group, nil when there is none within a moment.
func (d *desk) next(cursor string, within time.Duration) *queue.Group {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	g, err := d.cursors[cursor].Next(ctx)
	if err != nil && ctx.Err() == nil {
		d.t.Fatalf("next for %s: %v", cursor, err)
	}
	return g
}

func (d *desk) must(cursor string) *queue.Group {
	d.t.Helper()
	g := d.next(cursor, time.Minute)
	if g == nil {
		d.t.Fatalf("nothing comes for %s: %s", cursor, d.status(cursor))
	}
	return g
}

func (d *desk) none(cursor string) {
	d.t.Helper()
	if g := d.next(cursor, 30*time.Millisecond); g != nil {
		d.t.Fatalf("%s gets %v, want nothing", cursor, texts(g))
	}
}

func (d *desk) settle(g *queue.Group, left ...queue.Left) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := g.Settle(ctx, left...); err != nil {
		d.t.Fatalf("settle: %v", err)
	}
}

func text(it queue.Item) string {
	if it.Live != nil {
		return it.Live.(string)
	}
	return string(it.Bytes)
}

func texts(g *queue.Group) []string {
	var out []string
	for _, it := range g.Items {
		out = append(out, text(it))
	}
	return out
}

// status is a cursor's account in one line, after checking that it adds up.
func (d *desk) status(cursor string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := d.log.Status(ctx)
	if err != nil {
		d.t.Fatalf("status: %v", err)
	}
	for _, c := range s.Cursors {
		if c.Delivered+c.Filtered+c.Denied+c.Rejected+c.Pending != c.Accepted || c.Accepted != s.Accepted || c.Retrying > c.Pending {
			d.t.Fatalf("the sums do not match: %+v", c)
		}
		if c.Name == cursor {
			return fmt.Sprintf("%d = %d delivered %d filtered %d denied %d rejected %d pending (%d retrying)",
				c.Accepted, c.Delivered, c.Filtered, c.Denied, c.Rejected, c.Pending, c.Retrying)
		}
	}
	return "none"
}

func (d *desk) want(cursor, status string) {
	d.t.Helper()
	if got := d.status(cursor); got != status {
		d.t.Fatalf("%s stands at\n\t%s, want\n\t%s", cursor, got, status)
	}
}
