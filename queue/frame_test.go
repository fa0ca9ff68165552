package queue

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"testing"
	"time"
)

func someFrame() []byte {
	names := []string{"ga4", "", "meta", "archive"}
	one, two := newRoster([]string{"meta", "ga4", "archive"}, []int{2, 0, 3}), newRoster([]string{"archive"}, []int{3})
	var w frameWriter
	w.add(&Entry{Bytes: []byte("first"), Roster: one, States: []State{Due, Denied, DueRedacted}})
	w.add(&Entry{Roster: one, States: []State{Filtered, Denied, Filtered}})
	w.add(&Entry{Bytes: []byte("second"), Roster: two, States: []State{Due}})
	w.add(&Entry{})
	before := tally{100, []counts{{10, 1, 5}, {}, {20, 0, 0}, {30, 30, 0}}}
	return bytes.Clone(w.seal(7, time.Unix(1700000000, 5), names, before))
}

func TestAFrameSaysWhatWasPutIn(t *testing.T) {
	f, err := decodeFrame(someFrame())
	if err != nil {
		t.Fatal(err)
	}
	if f.number != 7 || f.before != 100 || f.accepted != 4 || !f.time.Equal(time.Unix(1700000000, 5)) {
		t.Errorf("%+v", f)
	}
	for name, want := range map[string]cursorTally{
		"ga4":     {"ga4", counts{10, 1, 5}, counts{0, 0, 2}},
		"meta":    {"meta", counts{20, 0, 0}, counts{1, 0, 0}},
		"archive": {"archive", counts{30, 30, 0}, counts{2, 1, 0}},
		"other":   {name: "other"},
	} {
		if got := f.cursor(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	got := ""
	for i, e := range f.entries {
		got += fmt.Sprintf("%s %v ga4 %v meta %v archive %v; ", e.bytes, f.rosters[e.roster], f.state(i, "ga4"), f.state(i, "meta"), f.state(i, "archive"))
	}
	want := "first [meta ga4 archive] ga4 denied meta due archive due_redacted; second [archive] ga4 filtered meta filtered archive due; "
	if got != want {
		t.Errorf("entries are\n%s, want\n%s", got, want)
	}
}

func TestNoDamagedFrameIsTaken(t *testing.T) {
	whole := someFrame()
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			if _, err := decodeFrame(b); !errors.Is(err, errFrame) {
				t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
			}
		}
		if _, err := decodeFrame(whole[:i]); !errors.Is(err, errFrame) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
}

func someRecord() *record {
	at := time.Unix(1700000000, 0)
	return &record{kind: retryRecord, when: at, due: at.Add(time.Minute), items: []recordItem{
		{origin{9, 3}, DueRedacted, 2, at.Add(-time.Hour), "429 slow down", []byte("event")},
		{origin: origin{1 << 40, 255}},
	}}
}

func TestARecordSaysWhatWasPutIn(t *testing.T) {
	r := someRecord()
	got, err := decodeRecord(r.encode())
	if err != nil {
		t.Fatal(err)
	}
	r.items[1].bytes = []byte{}
	if !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, want %+v", got, r)
	}
	whole := r.encode()
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 4
		if _, err := decodeRecord(b); !errors.Is(err, errRecord) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
}

func TestACheckpointSaysWhatWasPutIn(t *testing.T) {
	c := &checkpoint{Writer: "w", Number: 5, Cursors: []laneState{{Name: "a", Ahead: [][4]uint64{{3, 4, 40, 2}}, Account: account{Dead: 3}}}, RetryDone: []uint64{8}}
	b, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeCheckpoint(b)
	if err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("%+v, %v", got, err)
	}
	for i := range b {
		d := bytes.Clone(b)
		d[i] ^= 1
		if _, err := decodeCheckpoint(d); !errors.Is(err, errCheckpoint) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
}

func TestTheMarkSurvivesADamagedSlot(t *testing.T) {
	dir := t.TempDir()
	m, s, err := openMark(dir, "w")
	if err != nil || s.number != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	names := []string{"a", "", "b"}
	for n := range uint64(9) {
		m.write(n+1, names, &tally{n * 10, []counts{{n, 1, 2}, {}, {3, 4, n}}})
	}
	latest := 1 - m.slot
	if _, err := m.file.WriteAt([]byte("garbage"), latest*markSlot+10); err != nil {
		t.Fatal(err)
	}
	m.close()
	m, s, err = openMark(dir, "w")
	if err != nil || s.number != 8 || s.accepted != 70 || s.of["b"] != (counts{3, 4, 7}) || len(s.of) != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	m.write(12, names, &tally{accepted: 1})
	m.close()
	if m, s, err = openMark(dir, "w"); err != nil || s.number != 12 {
		t.Fatalf("%+v, %v", s, err)
	}
	m.close()
}

func FuzzDecode(f *testing.F) {
	f.Add(someFrame())
	f.Add(someRecord().encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		// What fuzzing finds past the checksum matters too, so give it a right one.
		if len(b) > 5 {
			b = seal(b)
		}
		if g, err := decodeFrame(b); err == nil {
			for i := range g.entries {
				_ = g.state(i, "ga4")
			}
			g.items("meta")
		}
		if r, err := decodeRecord(b); err == nil {
			again, err := decodeRecord(r.encode())
			if err != nil || len(again.items) != len(r.items) {
				t.Fatalf("%+v becomes %+v, %v", r, again, err)
			}
		}
		decodeMark(b)
		_, _ = decodeCheckpoint(b)
	})
}

// seal gives bytes a right version and checksum.
func seal(b []byte) []byte {
	b = bytes.Clone(b)
	b[0] = frameVersion
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	return b
}
