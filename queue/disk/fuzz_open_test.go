package disk

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"headgate/queue/stream"
)

// folder is a folder of streams and what is in it.
type folder struct {
	key     string
	files   map[string][]byte // by path, with slashes
	names   []string
	written map[string]map[uint64]stream.Message // by stream; whatever was published
	kept    map[string]map[uint64]string         // what is not removed: the file that it is in
}

const fuzzBytes = 4 << 20

func (f *folder) options(dir string, d *damages) Options {
	return Options{Dir: dir, MaxBytes: fuzzBytes, MaxMessage: 1 << 20, NoSync: true, Key: f.key, Damaged: d.add}
}

// newFolder has several segments of each stream, some of which something was removed from and one that was written anew.
func newFolder(tb testing.TB, key string) *folder {
	f := &folder{key: key, written: map[string]map[uint64]stream.Message{}, kept: map[string]map[uint64]string{}}
	dir := InMemory(tb)
	s, err := Open(tb.Context(), f.options(dir, &damages{}))
	if err != nil {
		tb.Fatal(err)
	}
	for name, subject := range map[string]string{stream.Log: stream.LogSubject("w"), stream.Retries: stream.RetrySubject("w", "c"),
		stream.DeadLetters: stream.DeadSubject("w", "c"), stream.Checkpoints: stream.StateSubject("w")} {
		f.written[name], f.kept[name] = map[uint64]stream.Message{}, map[uint64]string{}
		s.journals[name].segmentBytes = 16 << 10
		for i := range 80 {
			data := bytes.Repeat([]byte(fmt.Sprint(name, i, " ")), 1+i%7*60)
			seq, err := s.Publish(tb.Context(), subject, data, stream.Expectation{})
			if err != nil {
				tb.Fatal(err)
			}
			m, err := s.Get(tb.Context(), name, seq)
			if err != nil {
				tb.Fatal(err)
			}
			f.written[name][seq] = m
		}
		for _, seqs := range [][]uint64{{2, 3, 4, 9}, {78}, {77}} {
			if name == stream.Retries { // nearly all of the first segment
				for seq := uint64(10); seq < 25; seq++ {
					seqs = append(seqs, seq)
				}
			}
			if err := s.Remove(tb.Context(), name, seqs...); err != nil {
				tb.Fatal(err)
			}
		}
		for _, seg := range s.journals[name].segments {
			for seq := seg.base; seq < seg.next; seq++ {
				if !seg.removed.has(uint32(seq - seg.base)) {
					if _, err := s.Get(tb.Context(), name, seq); err == nil {
						f.kept[name][seq] = folders[name] + "/" + filepath.Base(seg.path)
					}
				}
			}
		}
	}
	s.Close()
	f.files = readFiles(tb, dir)
	f.names = slices.Sorted(maps.Keys(f.files))
	return f
}

// spoil changes the files at spots, each of which says where and how, and returns the names of those it has changed. 0 changes nothing.
func (f *folder) spoil(spots []uint64) (files map[string][]byte, spoiled map[string]bool) {
	files, spoiled = maps.Clone(f.files), map[string]bool{}
	for _, spot := range spots {
		name := f.names[int(spot>>56)%len(f.names)]
		b := bytes.Clone(files[name])
		if len(b) == 0 || spot == 0 {
			continue
		}
		at := int(spot>>8&0xffff) % len(b)
		if spot&0x80 != 0 { // counted from the end
			at = len(b) - 1 - at
		}
		value, n := byte(spot>>24), min(int(spot>>32&0xfff), len(b)-at)
		switch spot & 7 {
		case 0, 1, 2:
			b[at] ^= max(value, 1)
		case 3:
			clear(b[at : at+n])
		case 4:
			b = b[:at]
		case 5:
			b = append(b, bytes.Repeat([]byte{value}, n)...)
		case 6:
			copy(b[at:], b[int(value)*256%len(b):])
		default:
			b = slices.Insert(b, at, bytes.Repeat([]byte{value}, n)...)
		}
		files[name], spoiled[name] = b, true
	}
	return files, spoiled
}

// check opens a folder whose files are spoiled, twice.
func (f *folder) check(t *testing.T, spots ...uint64) {
	files, spoiled := f.spoil(spots)
	dir := writeFiles(t, files)
	d := damages{t: t, expected: len(spoiled) > 0}
	var before map[string][]string
	for _, round := range []string{"first", "second"} {
		s, err := Open(t.Context(), f.options(dir, &d))
		if err != nil {
			if round == "second" || !spoiled[keyFile] || err.Error() == "" {
				t.Fatalf("the %s time: %v", round, err)
			}
			return
		}
		after := map[string][]string{}
		for name := range f.written {
			after[name] = f.checkStream(t, s, name, spoiled)
			if before != nil && !slices.Equal(before[name], after[name]) {
				t.Errorf("%s had %v, and has %v", name, before[name], after[name])
			}
			seq := published(t, s, f.written[name][1].Subject, []byte("new"))
			if m, err := s.Get(t.Context(), name, seq); err != nil || string(m.Data) != "new" {
				t.Errorf("what is new in %s cannot be read: %v", name, err)
			}
			after[name] = append(after[name], fmt.Sprint(seq, " new"))
		}
		before = after
		s.Close()
	}
}

// checkStream checks that what is there was written so, and that nothing is missing from files that were left alone.
func (f *folder) checkStream(t *testing.T, s *Store, name string, spoiled map[string]bool) (all []string) {
	got := texts(t, s, name)
	there := map[uint64]bool{}
	for _, x := range got {
		var seq uint64
		var text string
		_, _ = fmt.Sscan(x, &seq, &text)
		m, err := s.Get(t.Context(), name, seq)
		if was, is := f.written[name][seq]; err != nil || text != "new" && (!is || m.Subject != was.Subject || !m.Time.Equal(was.Time) || !bytes.Equal(m.Data, was.Data)) {
			t.Errorf("%s has %q, which was not written: %v", name, x, err)
		}
		there[seq] = true
	}
	for seq, file := range f.kept[name] {
		if !there[seq] && !spoiled[file] {
			t.Errorf("%d of %s is missing, and %s was left alone", seq, name, file)
		}
	}
	for seq := range f.written[name] {
		if _, kept := f.kept[name][seq]; there[seq] && !kept && !slices.ContainsFunc(slices.Collect(maps.Keys(spoiled)), func(x string) bool { return strings.HasPrefix(x, folders[name]+"/") }) {
			t.Errorf("%d of %s is back", seq, name)
		}
	}
	return got
}

func FuzzOpen(f *testing.F) {
	master := newFolder(f, "")
	f.Add(uint64(0), uint64(0), uint64(0))
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 4))
		f.Add(r.Uint64(), r.Uint64(), r.Uint64())
	}
	f.Fuzz(func(t *testing.T, a, b, c uint64) { master.check(t, a, b, c) })
}

func TestAnEncryptedLogWithSpoiledFilesOpens(t *testing.T) {
	master := newFolder(t, "a key of some length")
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			spots := make([]uint64, seed%5)
			for i := range spots {
				spots[i] = r.Uint64()
			}
			master.check(t, spots...)
		})
	}
}
