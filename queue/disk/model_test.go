package disk_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"headgate/queue/disk"
	"headgate/queue/stream"
)

var modelSubjects = map[string][]string{
	stream.Log:         {stream.LogSubject("one"), stream.LogSubject("two")},
	stream.Retries:     {stream.RetrySubject("one", "a"), stream.RetrySubject("one", "b"), stream.RetrySubject("two", "a")},
	stream.DeadLetters: {stream.DeadSubject("one", "a"), stream.GoneSubject("one", "a"), stream.GoneSubject("two", "b")},
	stream.Checkpoints: {stream.StateSubject("one"), stream.StateSubject("two")},
}

var modelPatterns = map[string]string{
	stream.Log:         stream.LogSubject(stream.Any),
	stream.Retries:     stream.RetrySubject(stream.Any, "a"),
	stream.DeadLetters: stream.GoneSubject(stream.Any, stream.Any),
	stream.Checkpoints: stream.StateSubject(stream.Any),
}

var modelStreams = []string{stream.Log, stream.Retries, stream.DeadLetters, stream.Checkpoints}

// model is a store and what must be in it.
type model struct {
	t       *testing.T
	o       disk.Options
	store   *disk.Store
	choose  *rand.Rand
	streams map[string]*modelStream
	largest int // bytes of a message
	note    []string
}

type modelStream struct {
	max  int64
	next uint64
	kept []stream.Message
}

func newModel(t *testing.T, c *rand.Rand, key string, noSync bool) *model {
	const maxBytes = 16 << 20
	m := &model{t: t, choose: c, largest: 100 << 10, streams: map[string]*modelStream{
		stream.Log: {max: maxBytes / 4 * 3, next: 1}, stream.Retries: {max: maxBytes / 8, next: 1},
		stream.DeadLetters: {max: maxBytes / 8, next: 1}, stream.Checkpoints: {max: 1 << 40, next: 1},
	}}
	m.o = disk.Options{Dir: disk.InMemory(t), MaxBytes: maxBytes, MaxMessage: 1 << 20, Key: key, NoSync: noSync,
		Damaged: func(what string) { t.Errorf("damage: %s", what) }}
	m.open()
	t.Cleanup(func() {
		m.store.Close()
		if t.Failed() {
			t.Logf("after %d steps, the last of them %s", len(m.note), m.note[max(0, len(m.note)-30):])
		}
	})
	return m
}

func (m *model) open() {
	m.t.Helper()
	s, err := disk.Open(m.t.Context(), m.o)
	if err != nil {
		m.t.Fatal(err)
	}
	m.store = s
}

func (m *model) step() {
	name := modelStreams[m.choose.IntN(len(modelStreams))]
	x := m.streams[name]
	what := m.choose.IntN(100)
	m.note = append(m.note, fmt.Sprintf("%d %s;", what, name))
	switch {
	case what < 50:
		for range 1 + m.choose.IntN(8) {
			m.publish(name, x)
		}
	case what < 65:
		m.remove(name, x)
	case what < 72:
		m.purge(name, x)
	case what < 94:
		m.read(name, x)
	case what < 97:
		m.store.Close()
		m.open()
		m.checkAll()
	default:
		m.crash()
		m.checkAll()
	}
}

func (m *model) publish(name string, x *modelStream) {
	m.t.Helper()
	subjects := modelSubjects[name]
	subject := subjects[m.choose.IntN(len(subjects))]
	size := m.choose.IntN(300)
	if m.choose.IntN(3) == 0 {
		size = m.choose.IntN(m.largest + 1)
	}
	data := bytes.Repeat([]byte{byte(m.choose.IntN(256))}, size)
	var expect stream.Expectation
	wrong := false
	switch off := uint64(m.choose.IntN(8)); {
	case off < 2:
		expect, wrong = stream.After(x.last(subject)+off), off > 0
	case off < 4:
		expect, wrong = stream.AfterAll(x.next-1+off-2), off > 2
	}
	var want error
	switch {
	case wrong:
		want = stream.ErrConflict
	case x.bytes(m.o.Key)+m.taken(subject, data) > x.max:
		want = stream.ErrFull
	}
	seq, err := m.store.Publish(m.t.Context(), subject, data, expect)
	if !says(err, want) || err == nil && seq != x.next {
		m.t.Fatalf("%s: publishing %d bytes after %d returns %d, %v; not %v", name, size, x.next-1, seq, err, want)
	}
	if err != nil {
		return
	}
	got, err := m.store.Get(m.t.Context(), name, seq)
	if err != nil || got.Subject != subject || !bytes.Equal(got.Data, data) || got.Seq != seq {
		m.t.Fatalf("%s: %d comes back as %d of %s with %d bytes, %v", name, seq, got.Seq, got.Subject, len(got.Data), err)
	}
	x.kept, x.next = append(x.kept, got), seq+1
}

// remove removes a run, a random few or nearly all, and some that are not there.
func (m *model) remove(name string, x *modelStream) {
	var seqs []uint64
	gone := map[uint64]bool{}
	share := []int{1, 5, 20}[m.choose.IntN(3)]
	for range m.choose.IntN(3) {
		seqs = append(seqs, uint64(m.choose.IntN(int(x.next)+10)))
	}
	from, to := m.choose.IntN(len(x.kept)+1), m.choose.IntN(len(x.kept)+1)
	for _, k := range x.kept[min(from, to):max(from, to)] {
		if m.choose.IntN(share+1) > 0 {
			seqs = append(seqs, k.Seq)
		}
	}
	for i := len(seqs) - 1; i > 0; i-- {
		k := m.choose.IntN(i + 1)
		seqs[i], seqs[k] = seqs[k], seqs[i]
	}
	for _, seq := range seqs {
		gone[seq] = true
	}
	if err := m.store.Remove(m.t.Context(), name, seqs...); err != nil {
		m.t.Fatal(err)
	}
	x.drop(func(k stream.Message) bool { return gone[k.Seq] })
}

func (m *model) purge(name string, x *modelStream) {
	var subject string
	switch m.choose.IntN(3) {
	case 0:
		subject = modelSubjects[name][m.choose.IntN(2)]
	case 1:
		subject = modelPatterns[name]
	}
	below := uint64(0)
	if n := m.choose.IntN(8); n > 0 {
		below = 1 + uint64(m.choose.IntN(int(x.next)+3))
		if n > 2 && len(x.kept) > 0 { // mostly a few
			below = x.kept[m.choose.IntN(1+len(x.kept)/4)].Seq
		}
	}
	if err := m.store.Purge(m.t.Context(), name, subject, below); err != nil {
		m.t.Fatal(err)
	}
	x.drop(func(k stream.Message) bool { return (below == 0 || k.Seq < below) && like(subject, k.Subject) })
}

// crash goes on with a copy of the folder, as it is while the store is open.
func (m *model) crash() {
	dir := disk.InMemory(m.t)
	if err := os.CopyFS(dir, os.DirFS(m.o.Dir)); err != nil {
		m.t.Fatal(err)
	}
	old, was := m.store, m.o.Dir
	m.o.Dir = dir
	m.open()
	old.Close()
	if err := os.RemoveAll(was); err != nil {
		m.t.Fatal(err)
	}
}

func TestTheStoreIsAsAModelOfIt(t *testing.T) {
	seeds, steps := 8, 200
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, rand.New(rand.NewPCG(uint64(seed), 1)), []string{"", "", "a key of some length"}[seed%3], seed != 4)
			for range steps {
				m.step()
			}
			for range 200 { // more than fit
				m.publish(stream.Retries, m.streams[stream.Retries])
			}
			m.checkAll()
		})
	}
}

func FuzzModel(f *testing.F) {
	f.Add(uint64(1), uint8(100))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint8) {
		m := newModel(t, rand.New(rand.NewPCG(seed, 2)), "", true)
		for range steps {
			m.step()
		}
		m.crash()
		m.checkAll()
	})
}
