package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"headgate/queue/stream"
)

// like reports whether a subject is one of a pattern's; no name in the model has a slash or a sign of path.Match.
func like(pattern, subject string) bool {
	ok, err := path.Match(pattern, subject)
	return pattern == "" || ok && err == nil
}

func (x *modelStream) last(subject string) (seq uint64) {
	for _, k := range x.kept {
		if k.Subject == subject {
			seq = k.Seq
		}
	}
	return seq
}

func (x *modelStream) drop(is func(stream.Message) bool) {
	x.kept = slices.DeleteFunc(slices.Clone(x.kept), is)
}

// taken is how many bytes a message takes: the head of its record, and what encryption adds.
func (m *model) taken(subject string, data []byte) int64 {
	return recordSize(m.o.Key, subject, len(data))
}

func recordSize(key, subject string, data int) int64 {
	n := int64(28 + len(subject) + data)
	if key != "" {
		n += 28
	}
	return n
}

func (x *modelStream) bytes(key string) (n int64) {
	for _, k := range x.kept {
		n += recordSize(key, k.Subject, len(k.Data))
	}
	return n
}

func same(a, b stream.Message) bool {
	return a.Seq == b.Seq && a.Subject == b.Subject && a.Time.Equal(b.Time) && bytes.Equal(a.Data, b.Data)
}

// read asks one thing.
func (m *model) read(name string, x *modelStream) {
	t, ctx := m.t, m.t.Context()
	t.Helper()
	seq := uint64(m.choose.IntN(int(x.next) + 2))
	subject := modelSubjects[name][m.choose.IntN(2)]
	find := func(is func(k stream.Message) bool) (found stream.Message, want error) {
		if i := slices.IndexFunc(x.kept, is); i >= 0 {
			return x.kept[i], nil
		}
		return found, stream.ErrNone
	}
	check := func(what string, got stream.Message, err error, is func(k stream.Message) bool) {
		t.Helper()
		if found, want := find(is); !says(err, want) || err == nil && !same(got, found) {
			t.Fatalf("%s: %s of %d, %s returns %d, %v; not %d, %v", name, what, seq, subject, got.Seq, err, found.Seq, want)
		}
	}
	switch m.choose.IntN(5) {
	case 0:
		got, err := m.store.Get(ctx, name, seq)
		check("Get", got, err, func(k stream.Message) bool { return k.Seq == seq })
	case 1:
		got, err := m.store.Last(ctx, name, subject)
		last := x.last(subject)
		check("Last", got, err, func(k stream.Message) bool { return k.Seq == last })
	case 2:
		if m.choose.IntN(2) == 0 {
			subject = modelPatterns[name]
		}
		got, err := m.store.Next(ctx, name, subject, seq)
		check("Next", got, err, func(k stream.Message) bool { return k.Seq >= seq && like(subject, k.Subject) })
	case 3:
		at := time.Now()
		if len(x.kept) > 0 {
			at = x.kept[m.choose.IntN(len(x.kept))].Time.Add(time.Duration(m.choose.IntN(3) - 1))
		}
		got, err := m.store.FirstSince(ctx, name, at)
		found, want := find(func(k stream.Message) bool { return !k.Time.Before(at) })
		if got != found.Seq || !says(err, want) {
			t.Fatalf("%s: since %v it is %d, %v; not %d, %v", name, at, got, err, found.Seq, want)
		}
	default:
		m.readSome(name, x, modelPatterns[name], seq, 1+m.choose.IntN(40))
	}
}

// readSome checks that Read returns no more than was asked for, nothing else, and leaves nothing out.
func (m *model) readSome(name string, x *modelStream, subject string, from uint64, most int) (next uint64) {
	m.t.Helper()
	got, err := m.store.Read(m.t.Context(), name, subject, from, most)
	var want []stream.Message
	for _, k := range x.kept {
		if k.Seq >= from && like(subject, k.Subject) && len(want) < len(got)+1 {
			want = append(want, k)
		}
	}
	if err != nil || len(got) > most || len(got) == 0 && len(want) > 0 || len(want) < len(got) || !slices.EqualFunc(got, want[:len(got)], same) {
		m.t.Fatalf("%s: reading %s from %d returns %d messages, %v; not those of %d", name, subject, from, len(got), err, len(want))
	}
	if len(got) == 0 {
		return 0
	}
	return got[len(got)-1].Seq + 1
}

// checkAll compares all that is there.
func (m *model) checkAll() {
	m.t.Helper()
	for _, name := range modelStreams {
		x := m.streams[name]
		for from := uint64(1); from > 0; {
			from = m.readSome(name, x, "", from, 1000)
		}
		info, err := m.store.Info(m.t.Context(), name, modelPatterns[name])
		if err != nil {
			m.t.Fatal(err)
		}
		counts := map[string]uint64{}
		for _, k := range x.kept {
			if like(modelPatterns[name], k.Subject) {
				counts[k.Subject]++
			}
		}
		if fmt.Sprint(info.Subjects) != fmt.Sprint(counts) || info.Messages != uint64(len(x.kept)) || info.Bytes != uint64(x.bytes(m.o.Key)) || info.Last != x.next-1 {
			m.t.Fatalf("%s is %+v; not %d messages of %d bytes up to %d: %v", name, info, len(x.kept), x.bytes(m.o.Key), x.next-1, counts)
		}
		m.checkFirst(name, x, info)
		for _, subject := range modelSubjects[name] {
			got, err := m.store.Last(m.t.Context(), name, subject)
			if last := x.last(subject); last == 0 != errors.Is(err, stream.ErrNone) || err == nil && got.Seq != last {
				m.t.Fatalf("%s: the last of %s is %d, %v; not %d", name, subject, got.Seq, err, last)
			}
		}
	}
}

// checkFirst: First is exact when nothing is there, and otherwise the lowest that may be there.
func (m *model) checkFirst(name string, x *modelStream, info stream.State) {
	m.t.Helper()
	if len(x.kept) == 0 {
		if info.First != x.next {
			m.t.Fatalf("%s is empty and begins with %d, not %d", name, info.First, x.next)
		}
		return
	}
	if first := x.kept[0]; info.First > first.Seq || info.Oldest.After(first.Time) {
		m.t.Fatalf("%s begins with %d of %v, not %d of %v", name, info.First, info.Oldest, first.Seq, first.Time)
	}
}

func says(err, want error) bool {
	return err == nil && want == nil || want != nil && errors.Is(err, want)
}
