package queue

import (
	"testing"

	"headgate/queue/format"
)

func TestTheMarkSurvivesADamagedSlot(t *testing.T) {
	dir := t.TempDir()
	m, s, err := openMark(dir, "w")
	if err != nil || s.Number != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	names := []string{"a", "", "b"}
	for n := range uint64(9) {
		m.write(n+1, names, &format.Tally{Accepted: n * 10, Of: []format.Counts{{Due: n, Redacted: 1, Denied: 2}, {}, {Due: 3, Redacted: 4, Denied: n}}})
	}
	latest := 1 - m.slot
	if _, err := m.file.WriteAt([]byte("garbage"), latest*markSlot+10); err != nil {
		t.Fatal(err)
	}
	m.close()
	m, s, err = openMark(dir, "w")
	if err != nil || s.Number != 8 || s.Accepted != 70 || s.Of["b"] != (format.Counts{Due: 3, Redacted: 4, Denied: 7}) || len(s.Of) != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	m.write(12, names, &format.Tally{Accepted: 1})
	m.close()
	if m, s, err = openMark(dir, "w"); err != nil || s.Number != 12 {
		t.Fatalf("%+v, %v", s, err)
	}
	m.close()
}
