package disk

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"headgate/queue/stream"
)

type files = map[string][]byte

// stopped is a store of the retries in small segments, of which each state of the folder can be looked at.
type stopped struct {
	t   *testing.T
	s   *Store
	j   *journal
	dir string
}

func newStopped(t *testing.T, messages int) *stopped {
	x := &stopped{t: t, dir: InMemory(t)}
	x.s = opened(t, x.dir, &damages{}, quickly)
	x.j = x.s.journals[stream.Retries]
	x.j.segmentBytes = firstRecord + 5*1100 // five messages
	for range messages {
		x.publish()
	}
	return x
}

func quickly(o *Options) { o.NoSync = true }

func (x *stopped) publish() {
	x.t.Helper()
	published(x.t, x.s, stream.RetrySubject("w", "c"), []byte("m "+strings.Repeat("x", 1000)))
}

func (x *stopped) remove(seqs ...uint64) {
	x.t.Helper()
	if err := x.s.Remove(x.t.Context(), stream.Retries, seqs...); err != nil {
		x.t.Fatal(err)
	}
}

func (x *stopped) now() files { return readFiles(x.t, x.dir) }

// finished is the last segment with its summary, which begins at.
func (x *stopped) finished() (whole []byte, at int64) {
	x.t.Helper()
	if err := x.j.end().finish(x.j.file); err != nil {
		x.t.Fatal(err)
	}
	return x.now()[retrySegment(x.j.end().base)], x.j.end().size
}

func retrySegment(base uint64) string { return fmt.Sprintf("retries/%020d.seg", base) }
func retryRemoved(base uint64) string { return fmt.Sprintf("retries/%020d.removed", base) }

// with returns the files and one more.
func with(f files, name string, b []byte) files {
	f = maps.Clone(f)
	f[name] = b
	return f
}

func without(f files, name string) files {
	f = maps.Clone(f)
	delete(f, name)
	return f
}

// all is the sequences from one to another.
func all(from, to uint64) (seqs []uint64) {
	for ; from <= to; from++ {
		seqs = append(seqs, from)
	}
	return seqs
}

// shrunk is the folder before and after the second segment is written anew without 7 to 10.
func (x *stopped) shrunk() (f struct{ before, after files }) {
	x.t.Helper()
	x.remove(7, 8)
	x.listRemoved(3, 5)
	f.before = x.now()
	x.remove(9)
	x.remove(10)
	f.after = x.now()
	if len(f.after[retrySegment(6)]) >= len(f.before[retrySegment(6)]) || f.after[retryRemoved(6)] != nil {
		x.t.Fatal("it is not written anew")
	}
	return f
}

// listRemoved lists messages of the second segment as removed, and does no more.
func (x *stopped) listRemoved(from, to uint32) {
	x.t.Helper()
	s := &segment{path: filepath.Join(x.dir, retrySegment(6)), base: 6, seal: x.j.segments[1].seal}
	if err := s.saveRemoved(spans{{from, to}}, false); err != nil {
		x.t.Fatal(err)
	}
}
