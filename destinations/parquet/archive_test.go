package parquet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parquet-go/parquet-go"
	"go.uber.org/goleak"

	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, change func(*Settings)) *Archive[*event.Event] {
	t.Helper()
	s := Settings{To: t.TempDir(), Rows: 1000, Bytes: 64 << 20, Wait: time.Hour, Partition: "date", Now: func() time.Time { return noon }}
	if change != nil {
		change(&s)
	}
	a := New(s)
	t.Cleanup(a.Close)
	return a
}

func some(n int, from int) []*event.Event {
	events := make([]*event.Event, n)
	for i := range events {
		events[i] = &event.Event{ID: fmt.Sprint("e", from+i), Name: "page_view", Received: noon}
	}
	return events
}

// cancelled is a context that lets nothing wait: what is written is made whole at once.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func write(t testing.TB, a *Archive[*event.Event], events ...*event.Event) {
	t.Helper()
	for i, err := range a.Write(cancelled(), events) {
		if err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
}

// whole lists the finished files below a folder, and fails when there are others.
func whole(t testing.TB, folder string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
			if !strings.HasSuffix(path, ".parquet") || strings.HasPrefix(entry.Name(), ".") {
				t.Errorf("%s was left", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

type named struct {
	ID string `parquet:"id"`
}

// ids reads the ids of all finished files, in the order of the files' names.
func ids(t testing.TB, folder string) (all []string) {
	t.Helper()
	for _, path := range whole(t, folder) {
		list, err := parquet.ReadFile[named](path)
		if err != nil {
			t.Fatalf("read %s: %v", path, err)
		}
		for _, n := range list {
			all = append(all, n.ID)
		}
	}
	return all
}

func TestAFileIsClosedByItsRows(t *testing.T) {
	a := open(t, func(s *Settings) { s.Rows = 10 })
	done := make(chan []error)
	go func() { done <- a.Write(context.Background(), some(7, 0)) }()
	go func() { done <- a.Write(context.Background(), some(13, 7)) }()
	for range 2 {
		if err := errors.Join(<-done...); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(whole(t, a.settings.To)); got != 2 {
		t.Errorf("%d files, want 2", got)
	}
	if got := len(ids(t, a.settings.To)); got != 20 {
		t.Errorf("%d rows, want 20", got)
	}
}

func TestAFileIsClosedByItsSize(t *testing.T) {
	a := open(t, func(s *Settings) { s.Bytes = 1 })
	if err := errors.Join(a.Write(context.Background(), some(5, 0))...); err != nil {
		t.Fatal(err)
	}
	if got := len(ids(t, a.settings.To)); got != 5 {
		t.Errorf("%d rows, want 5", got)
	}
}

func TestAFileIsClosedByTime(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := open(t, func(s *Settings) { s.To, s.Wait = folder, 30*time.Second })
		start := time.Now()
		var writers sync.WaitGroup
		for i := range 3 {
			writers.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				if err := errors.Join(a.Write(context.Background(), some(1, i))...); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(29 * time.Second)
		if left, _ := filepath.Glob(filepath.Join(folder, "*", "*.parquet")); len(left) > 0 {
			t.Errorf("a file is whole too early: %v", left)
		}
		writers.Wait()
		if waited := time.Since(start); waited != 30*time.Second {
			t.Errorf("finished after %s, want 30s after the first row", waited)
		}
	})
	if got := strings.Join(ids(t, folder), " "); got != "e0 e1 e2" {
		t.Errorf("ids are %q", got)
	}
}

func TestAFullCallThatNoneFollowsIsNotKeptWaiting(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := open(t, func(s *Settings) { s.To, s.Batch = folder, 5 })
		start := time.Now()
		first := deliver(a, some(5, 0))
		time.Sleep(patience / 2)
		second := deliver(a, some(5, 5))
		if err := errors.Join(append(<-first, <-second...)...); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != patience/2+patience {
			t.Errorf("finished after %s, want %s after the last call", waited, patience)
		}
	})
	if got := len(whole(t, folder)); got != 1 {
		t.Errorf("%d files, want both calls in one", got)
	}
}

func TestACallThatIsNotFullSaysThatNoMoreIsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, func(s *Settings) { s.Batch = 5 })
		start := time.Now()
		first, second := deliver(a, some(5, 0)), deliver(a, some(4, 5))
		if err := errors.Join(append(<-first, <-second...)...); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != time.Hour {
			t.Errorf("finished after %s, want the file to grow for an hour", waited)
		}
	})
}

func TestAFileIsClosedWhenTheCallerCannotWait(t *testing.T) {
	a := open(t, nil)
	write(t, a, some(3, 0)...)
	if got := len(ids(t, a.settings.To)); got != 3 {
		t.Errorf("%d rows, want 3", got)
	}
}

func TestCloseMakesEveryFileWholeAndTakesNoMore(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := open(t, func(s *Settings) { s.To = folder })
		done := deliver(a, some(3, 0))
		a.Close()
		if err := errors.Join(<-done...); err != nil {
			t.Error(err)
		}
		if err := a.Write(context.Background(), some(1, 0))[0]; !errors.Is(err, errClosed) {
			t.Errorf("a closed archive answers %v", err)
		}
	})
	if got := len(ids(t, folder)); got != 3 {
		t.Errorf("%d rows, want 3", got)
	}
}

// deliver writes in a bubble and returns when the events wait for their file.
func deliver(a *Archive[*event.Event], events []*event.Event) <-chan []error {
	done := make(chan []error, 1)
	go func() { done <- a.Write(context.Background(), events) }()
	synctest.Wait()
	return done
}

func TestAnUnfinishedFileIsHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, nil)
		done := deliver(a, some(3, 0))
		entries, err := os.ReadDir(filepath.Join(a.settings.To, "date=2026-11-22"))
		if err != nil || len(entries) != 1 {
			t.Fatalf("entries %v, error %v", entries, err)
		}
		if name := entries[0].Name(); !strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".parquet") {
			t.Errorf("a reader would open %s", name)
		}
		a.Close()
		<-done
	})
}

func TestPartitionsAreOfTheTimeOfReceipt(t *testing.T) {
	late := time.Date(2026, 11, 23, 1, 30, 0, 0, time.FixedZone("", 2*3600)) // still the 22nd in UTC
	for by, want := range map[string]string{"date": "date=2026-11-22", "hour": "date=2026-11-22/hour=23", "none": "."} {
		a := open(t, func(s *Settings) { s.Partition = by })
		write(t, a, &event.Event{ID: "e", Time: time.Unix(0, 0), Received: late})
		for _, path := range whole(t, a.settings.To) {
			if got, _ := filepath.Rel(a.settings.To, filepath.Dir(path)); got != want {
				t.Errorf("by %s: in %s, want %s", by, got, want)
			}
		}
	}
}

func TestManyDaysAtOnceKeepFewFilesOpen(t *testing.T) {
	const days = openFiles + 4
	a := open(t, nil)
	events := some(days, 0)
	for i, e := range events {
		e.Received = noon.AddDate(0, 0, i)
	}
	a.mu.Lock()
	ready := a.appendLocked(events, make([]*file, days), make([]error, days))
	if len(a.open) != openFiles || len(ready) != days-openFiles {
		t.Errorf("%d open and %d ready, want %d open of %d", len(a.open), len(ready), openFiles, days)
	}
	a.mu.Unlock()
	for _, f := range ready {
		f.finish()
	}
	a.Close()
	if got := len(ids(t, a.settings.To)); got != days {
		t.Errorf("%d rows, want %d", got, days)
	}
}

func TestACrashLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	day := filepath.Join(folder, "date=2026-11-22")
	if err := os.Mkdir(day, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{".a.parquet.unfinished": "PAR1 torn", "keep.parquet": "of somebody", ".hidden": "of somebody"} {
		if err := os.WriteFile(filepath.Join(day, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	write(t, open(t, func(s *Settings) { s.To, s.Partition = folder, "none" }), some(1, 0)...)
	entries, _ := os.ReadDir(day)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != ".hidden keep.parquet" {
		t.Errorf("left: %s", got)
	}
}

func TestASecondWriterLeavesTheFirstOnesFilesAlone(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		first := open(t, func(s *Settings) { s.To = folder })
		done := deliver(first, some(2, 0))
		second := open(t, func(s *Settings) { s.To = folder })
		write(t, second, some(2, 2)...)
		first.Close()
		if err := errors.Join(<-done...); err != nil {
			t.Error(err)
		}
	})
	if got := len(ids(t, folder)); got != 4 {
		t.Errorf("%d rows, want 4", got)
	}
}

func TestAFileThatVanishedIsNotDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, nil)
		done := deliver(a, some(2, 0))
		if err := os.RemoveAll(filepath.Join(a.settings.To, "date=2026-11-22")); err != nil {
			t.Fatal(err)
		}
		a.Close()
		for i, err := range <-done {
			if err == nil {
				t.Errorf("event %d counts as delivered", i)
			}
		}
	})
}

func TestAFailedWriteFailsAllOfItsFileAndNoOther(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := open(t, func(s *Settings) { s.To = folder })
		done := deliver(a, some(2, 0))
		a.mu.Lock()
		broken := a.open["date=2026-11-22"]
		broken.temp.Close() // stands for a disk that fails
		a.mu.Unlock()
		a.finish(broken)
		for i, err := range <-done {
			if err == nil {
				t.Errorf("event %d counts as delivered", i)
			}
		}
		write(t, a, some(2, 2)...)
	})
	if got := strings.Join(ids(t, folder), " "); got != "e2 e3" {
		t.Errorf("ids are %q", got)
	}
}

func TestAFolderThatIsAFileNeedsAPerson(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	a := open(t, func(s *Settings) { s.To = path })
	err := a.Write(context.Background(), some(1, 0))[0]
	if err == nil || !misplaced(err) {
		t.Errorf("error %v is not one for a person", err)
	}
	if misplaced(fs.ErrClosed) {
		t.Error("any error is one for a person")
	}
}

func TestParallelWritersLoseNothing(t *testing.T) {
	a := open(t, func(s *Settings) { s.Rows, s.Wait = 50, time.Millisecond })
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 20 {
				if err := errors.Join(a.Write(context.Background(), some(7, (w*20+i)*7))...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	seen := map[string]bool{}
	for _, id := range ids(t, a.settings.To) {
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
	}
	if len(seen) != 8*20*7 {
		t.Errorf("%d events, want %d", len(seen), 8*20*7)
	}
}

func TestEveryFieldHasItsColumn(t *testing.T) {
	e := full(1)
	a := open(t, nil)
	write(t, a, e, &event.Event{ID: "bare", Received: noon})
	data, err := os.ReadFile(whole(t, a.settings.To)[0])
	if err != nil {
		t.Fatal(err)
	}
	r := parquet.NewReader(bytes.NewReader(data))
	defer r.Close()
	got := make([]parquet.Row, 2)
	if n, err := r.ReadRows(got); n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
	columns := r.Schema().Columns()
	if first := strings.Join(columns[0], "."); first != "id" {
		t.Errorf("the first column is %s: the order is not the vocabulary's", first)
	}
	for _, v := range got[0] {
		if path := strings.Join(columns[v.Column()], "."); v.IsNull() {
			t.Errorf("%s is null in an event that says everything", path)
		}
	}
	for _, v := range got[1] {
		path := strings.Join(columns[v.Column()], ".")
		if always := path == "id" || path == "received" || v.Kind() == parquet.Boolean; v.IsNull() == always {
			t.Errorf("%s is %v in an event that says next to nothing", path, v)
		}
	}
}

// full is an event that says something in every field.
func full(n int) *event.Event {
	e := &event.Event{}
	for i := range event.Fields {
		f := &event.Fields[i]
		fill(f.Ref(e), fmt.Sprintf("%s %d", f.Path, n))
	}
	e.Items = make([]event.Item, 2)
	for k := range event.ItemFields {
		f := &event.ItemFields[k]
		for i := range e.Items {
			fill(f.Ref(&e.Items[i]), fmt.Sprintf("%s %d.%d", f.Path, n, i))
		}
	}
	return e
}

func fill(ref any, text string) {
	switch p := ref.(type) {
	case *string:
		*p = text
	case *bool:
		*p = true
	case *int64:
		*p = 7
	case *event.Number:
		*p = event.Num(1.5)
	case *time.Time:
		*p = noon.Add(123 * time.Millisecond)
	case *event.Map:
		p.Set("key", event.String(text))
		p.Set("value", event.Float(2.5))
	}
}

func TestRowsReadBackAsTheyWereSaid(t *testing.T) {
	type item struct {
		ID       string   `parquet:"id"`
		Price    *float64 `parquet:"price,optional"`
		Quantity *float64 `parquet:"quantity,optional"`
		Params   *string  `parquet:"params,optional"`
	}
	type row struct {
		ID      string     `parquet:"id"`
		Time    *time.Time `parquet:"time,optional,timestamp(millisecond)"`
		URL     *string    `parquet:"page_url,optional"`
		Engaged bool       `parquet:"session_engaged"`
		Number  *int64     `parquet:"session_number,optional"`
		Params  *string    `parquet:"params,optional"`
		Items   []item     `parquet:"items,list"`
	}
	price := 9.99
	e := &event.Event{ID: "p1", Time: noon.Add(5 * time.Millisecond), Received: noon, Page: event.Page{URL: "https://shop.example/ä?\xff"}}
	e.Session.Engaged, e.Session.Number = true, 3
	e.Params.Set("value", event.Float(20))
	e.Params.Set("note", event.String("a \"b\"\x00"))
	e.Items = []event.Item{
		{ID: "sku1", Price: event.Num(price), Quantity: event.Num(0)},
		{ID: "sku2", Params: event.Map{{Key: "size", Value: event.String("XL")}}},
	}
	a := open(t, nil)
	write(t, a, e, &event.Event{ID: "p2", Received: noon})
	got, err := parquet.ReadFile[row](whole(t, a.settings.To)[0])
	if err != nil || len(got) != 2 {
		t.Fatal(len(got), err)
	}
	r := got[0]
	switch {
	case !r.Time.Equal(e.Time), r.Time.Location() != time.UTC && r.Time.UTC() != e.Time:
		t.Errorf("time %v", r.Time)
	case *r.URL != "https://shop.example/ä?\uFFFD":
		t.Errorf("url %q", *r.URL)
	case !r.Engaged, *r.Number != 3:
		t.Errorf("session %v %v", r.Engaged, *r.Number)
	case *r.Params != `{"value":20,"note":"a \"b\"\u0000"}`:
		t.Errorf("params %s", *r.Params)
	case len(r.Items) != 2, *r.Items[0].Price != price, *r.Items[0].Quantity != 0, r.Items[0].Params != nil:
		t.Errorf("items %+v", r.Items)
	case r.Items[1].Price != nil, *r.Items[1].Params != `{"size":"XL"}`:
		t.Errorf("second item %+v", r.Items[1])
	}
	if bare := got[1]; bare.Time != nil || bare.URL != nil || bare.Engaged || bare.Params != nil || len(bare.Items) != 0 {
		t.Errorf("an event that says nothing: %+v", bare)
	}
}

func BenchmarkWrite(b *testing.B) {
	events := make([]*event.Event, 5000)
	for i := range events {
		events[i] = full(i)
	}
	a := open(b, func(s *Settings) { s.Rows = 50_000 })
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += len(events) {
		a.mu.Lock()
		ready := a.appendLocked(events[:min(len(events), b.N-i)], make([]*file, len(events)), make([]error, len(events)))
		a.mu.Unlock()
		for _, f := range ready {
			f.finish()
		}
	}
	a.Close()
}
