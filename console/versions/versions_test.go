package versions

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func clock() func() time.Time {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return func() time.Time { now = now.Add(time.Second); return now }
}

func open(t *testing.T, folder string) *Store {
	t.Helper()
	s, err := Open(folder, clock())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEachTextCanBeReadAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "versions")
	s := open(t, folder)
	if err := s.Seen("headgate.yaml", []byte("a: 1\nb: 2\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Note("anna", "ticket 7", "headgate.yaml", []byte("a: 1\nb: 3\nc: 4\n")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the same text is no other version
		if err := s.Seen("headgate.yaml", []byte("a: 1\nb: 3\nc: 4\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Seen("headgate.yaml", []byte("a: 1\n")); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(s.index(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"id":"v4","ti`); err != nil { // a crash
		t.Fatal(err)
	}
	f.Close()
	s = open(t, folder)
	var got []string
	for _, v := range s.List() {
		got = append(got, fmt.Sprintf("%s %s|%s +%d -%d", v.ID, v.Who, v.Why, v.Added, v.Removed))
	}
	if want := "v3 |changed on disk +0 -2, v2 anna|ticket 7 +2 -1, v1 |as it was found +2 -0"; strings.Join(got, ", ") != want {
		t.Errorf("versions %s, want %s", strings.Join(got, ", "), want)
	}
	v, text, diff, err := s.Text("v2")
	if err != nil || text != "a: 1\nb: 3\nc: 4\n" || !v.Is([]byte(text)) {
		t.Errorf("v2: %q, %v", text, err)
	}
	if want := "--- a/headgate.yaml\n+++ b/headgate.yaml\n@@ -1,2 +1,3 @@\n a: 1\n-b: 2\n+b: 3\n+c: 4\n"; diff != want {
		t.Errorf("diff\n%s", diff)
	}
	if _, _, _, err := s.Text("v9"); !errors.Is(err, ErrNotFound) {
		t.Errorf("v9: %v", err)
	}
}

func TestOldVersionsAreRemovedWithTheirTexts(t *testing.T) {
	s := open(t, t.TempDir())
	s.most = 10
	for i := range s.most + 20 {
		if _, err := s.Note("anna", "", "headgate.yaml", fmt.Appendf(nil, "a: %d\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	list := s.List()
	if len(list) != s.most || list[0].ID != fmt.Sprintf("v%d", s.most+20) {
		t.Errorf("%d versions, the newest %s", len(list), list[0].ID)
	}
	files, err := os.ReadDir(s.folder)
	if err != nil || len(files) != s.most+2 { // the index, and the text before the oldest
		t.Errorf("%d files, %v", len(files), err)
	}
	if _, _, diff, err := s.Text(list[s.most-1].ID); err != nil || !strings.Contains(diff, "-a: 19") {
		t.Errorf("the oldest: %q, %v", diff, err)
	}
}
