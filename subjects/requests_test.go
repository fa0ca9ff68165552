package subjects

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/event"
)

func TestPrivacyRequestsAreKeptSoLongAndWhole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	noon := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	open := func() *requests {
		rs := &requests{path: requestsFile(folder), keep: 48 * time.Hour, logger: slog.New(slog.DiscardHandler)}
		t.Cleanup(func() { _ = rs.close() })
		return rs
	}
	references := func(now time.Time) (all string) {
		t.Helper()
		list, err := open().list(now)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			all += a.Reference
		}
		return all
	}
	if got := references(noon); got != "" {
		t.Errorf("at first there is %q", got)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("to look makes files: %v %v", left, err)
	}
	if n, err := VerifyRequests(folder); n != 0 || err != nil {
		t.Errorf("nothing is %d requests, %v", n, err)
	}
	rs := open()
	for i, reference := range []string{"a", "b", "c"} {
		if err := rs.add(&Asked{Time: noon.Add(time.Duration(i) * 24 * time.Hour), Source: "shop", Do: event.AskExport, Reference: reference, State: stateToDo}); err != nil {
			t.Fatal(err)
		}
	}
	if err := rs.close(); err != nil {
		t.Fatal(err)
	}
	if got := references(noon.Add(49 * time.Hour)); got != "bc" {
		t.Errorf("two days later there is %q", got)
	}
	if n, err := VerifyRequests(folder); n != 2 || err != nil {
		t.Errorf("%d requests, %v", n, err)
	}
	if err := os.Remove(requestsFile(folder)); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyRequests(folder); err == nil {
		t.Error("nobody notices that the record is gone")
	}
	if got := references(noon.Add(49 * time.Hour)); got != "bc" {
		t.Errorf("from the copy came %q", got)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "requests.jsonl")); err != nil || strings.Count(string(text), "\n") != 2 {
		t.Errorf("the record was not made whole: %q %v", text, err)
	}
}
