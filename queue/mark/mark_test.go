package mark

import (
	"testing"

	"headgate/queue/format"
)

func TestTheMarkSurvivesADamagedSlot(t *testing.T) {
	dir := t.TempDir()
	m, s, err := Open(dir, "w")
	if err != nil || s.Number != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	names := []string{"a", "", "b"}
	for n := range uint64(9) {
		m.Write(n+1, names, &format.Tally{Accepted: n * 10, Of: []format.Counts{{Due: n, Redacted: 1, Denied: 2}, {}, {Due: 3, Redacted: 4, Denied: n}}})
	}
	latest := 1 - m.slot
	if _, err := m.file.WriteAt([]byte("garbage"), latest*slotSize+10); err != nil {
		t.Fatal(err)
	}
	m.Close()
	m, s, err = Open(dir, "w")
	if err != nil || s.Number != 8 || s.Accepted != 70 || s.Of["b"] != (format.Counts{Due: 3, Redacted: 4, Denied: 7}) || len(s.Of) != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	m.Write(12, names, &format.Tally{Accepted: 1})
	m.Close()
	if m, s, err = Open(dir, "w"); err != nil || s.Number != 12 {
		t.Fatalf("%+v, %v", s, err)
	}
	m.Close()
}
