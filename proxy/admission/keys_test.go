package admission

import (
	"testing"
	"time"

	"headgate/config"
)

func TestEachKeyHasItsOwnRate(t *testing.T) {
	l := NewKeys(&config.Limits{PerKey: 10})
	now := time.Unix(1, 0)
	ask := func(source string, key int) (passed int) {
		for range 1000 {
			if l.Ask(source, key, now) {
				passed++
			}
		}
		return passed
	}
	for _, c := range []struct {
		source string
		key    int
		passed int
	}{{"segment", 1, 20}, {"segment", 1, 0}, {"segment", 2, 20}, {"events", 1, 20}, {"segment", 0, 1000}} {
		if got := ask(c.source, c.key); got != c.passed {
			t.Errorf("%s, key %d: %d pass, want %d", c.source, c.key, got, c.passed)
		}
	}
	if now = now.Add(time.Second); ask("segment", 1) != 10 {
		t.Error("a second later it is not ten again")
	}
	if len(l.buckets) != 3 {
		t.Errorf("%d keys are remembered", len(l.buckets))
	}
}

func TestWithoutALimitNoKeyIsCounted(t *testing.T) {
	l := NewKeys(&config.Limits{})
	for range 1000 {
		if !l.Ask("segment", 1, time.Unix(1, 0)) {
			t.Fatal("refused")
		}
	}
	if len(l.buckets) != 0 {
		t.Error("a key is remembered")
	}
}
