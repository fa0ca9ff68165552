package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAScenarioThatFailedHasNoFigures(t *testing.T) {
	for text, good := range map[string]bool{
		`{"outcomes": {"max": {"acked": 7}}}`:                                            true,
		`{"outcomes": {"max": {"acked": 7}, "kill": {"error": "it is not ready"}}}`:      false,
		`{"outcomes": {"max": {"acked": 7, "target_died": true, "pss_mb_after": 0}}}`:    false,
		`{"outcomes": {"max": {"acked": 7, "target_died": false, "duplicates": "many"}}`: false,
	} {
		s := &session{folder: t.TempDir()}
		if err := os.Mkdir(s.results(), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.results(), "headgate.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		outcomes, err := s.read("headgate")
		if (err == nil) != good || good && outcomes["max"].Acked != 7 {
			t.Errorf("%s: %v, %v", text, outcomes, err)
		}
	}
}
