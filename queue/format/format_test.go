package format

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
	one, two := NewRoster([]string{"meta", "ga4", "archive"}, []int{2, 0, 3}), NewRoster([]string{"archive"}, []int{3})
	var w FrameBuilder
	w.Add([]byte("first"), one, []State{Due, Denied, DueRedacted})
	w.Add(nil, one, []State{Filtered, Denied, Filtered})
	w.Add([]byte("second"), two, []State{Due})
	w.Add(nil, nil, nil)
	before := Tally{100, []Counts{{10, 1, 5}, {}, {20, 0, 0}, {30, 30, 0}}}
	return bytes.Clone(w.Seal(7, time.Unix(1700000000, 5), names, before))
}

func TestAFrameSaysWhatWasPutIn(t *testing.T) {
	f, err := DecodeFrame(someFrame())
	if err != nil {
		t.Fatal(err)
	}
	if f.Number != 7 || f.Before != 100 || f.Accepted != 4 || !f.Time.Equal(time.Unix(1700000000, 5)) {
		t.Errorf("%+v", f)
	}
	for name, want := range map[string]CursorTally{
		"ga4":     {"ga4", Counts{10, 1, 5}, Counts{0, 0, 2}},
		"meta":    {"meta", Counts{20, 0, 0}, Counts{1, 0, 0}},
		"archive": {"archive", Counts{30, 30, 0}, Counts{2, 1, 0}},
		"other":   {Name: "other"},
	} {
		if got := f.Cursor(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	got := ""
	for i, e := range f.Entries {
		got += fmt.Sprintf("%s %v ga4 %v meta %v archive %v; ", e.Bytes, f.Rosters[e.Roster], f.State(i, "ga4"), f.State(i, "meta"), f.State(i, "archive"))
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
			if _, err := DecodeFrame(b); !errors.Is(err, ErrFrame) {
				t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
			}
		}
		if _, err := DecodeFrame(whole[:i]); !errors.Is(err, ErrFrame) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
}

func someRecord() *Record {
	at := time.Unix(1700000000, 0)
	return &Record{Kind: RetryRecord, When: at, Due: at.Add(time.Minute), Items: []RecordItem{
		{Origin{9, 3}, DueRedacted, 2, at.Add(-time.Hour), "429 slow down", []byte("event")},
		{Origin: Origin{1 << 40, 255}},
	}}
}

func TestARecordSaysWhatWasPutIn(t *testing.T) {
	r := someRecord()
	got, err := DecodeRecord(r.Encode())
	if err != nil {
		t.Fatal(err)
	}
	r.Items[1].Bytes = []byte{}
	if !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, want %+v", got, r)
	}
	whole := r.Encode()
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 4
		if _, err := DecodeRecord(b); !errors.Is(err, ErrRecord) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
}

func TestACheckpointSaysWhatWasPutIn(t *testing.T) {
	c := &Checkpoint{Writer: "w", Number: 5, Cursors: []CursorState{{Name: "a", Ahead: [][4]uint64{{3, 4, 40, 2}}, Account: Account{Dead: 3}}}, RetryDone: []uint64{8}}
	b, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeCheckpoint(b)
	if err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("%+v, %v", got, err)
	}
	for i := range b {
		d := bytes.Clone(b)
		d[i] ^= 1
		if _, err := DecodeCheckpoint(d); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
}

func TestSumsSayWhatWasPutIn(t *testing.T) {
	b := AppendSums([]byte("before"), 8, []string{"a", "", "b"}, &Tally{70, []Counts{{7, 1, 2}, {}, {3, 4, 7}}})[len("before"):]
	s, ok := DecodeSums(append(b, "behind"...))
	if !ok || s.Number != 8 || s.Accepted != 70 || s.Of["b"] != (Counts{3, 4, 7}) || len(s.Of) != 2 {
		t.Errorf("%+v, %v", s, ok)
	}
	for i := range b {
		d := bytes.Clone(b)
		d[i] ^= 1
		if s, ok := DecodeSums(d); ok {
			t.Fatalf("byte %d changed: %+v", i, s)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(someFrame())
	f.Add(someRecord().Encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		// What fuzzing finds past the checksum matters too, so give it a right one.
		if len(b) > 5 {
			b = seal(b)
		}
		if g, err := DecodeFrame(b); err == nil {
			for i := range g.Entries {
				_ = g.State(i, "ga4")
			}
			g.Cursor("meta")
		}
		if r, err := DecodeRecord(b); err == nil {
			again, err := DecodeRecord(r.Encode())
			if err != nil || len(again.Items) != len(r.Items) {
				t.Fatalf("%+v becomes %+v, %v", r, again, err)
			}
		}
		DecodeSums(b)
		_, _ = DecodeCheckpoint(b)
	})
}

// seal gives bytes a right version and checksum.
func seal(b []byte) []byte {
	b = bytes.Clone(b)
	b[0] = frameVersion
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	return b
}
