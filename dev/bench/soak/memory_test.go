package main

import (
	"strings"
	"testing"
)

// runOf is the memory of five minutes with an outage of 20 seconds in every 50, of another size each, and growing by so many KiB a second.
func runOf(leak int64) (m memory) {
	outages := []int64{30, 50, 35, 45, 40, 62}
	for second := range int64(300) {
		held := 70<<20 + second*leak<<10
		if in := second % 50; in >= 30 {
			held += outages[second/50] << 20 * (in - 29) / 20
		}
		m = append(m, held)
	}
	return m
}

func TestTheMemoryIsJudgedByWhatStandsAndByItsHighest(t *testing.T) {
	for name, c := range map[string]struct {
		memory memory
		most   int64
		want   string
	}{
		"outages differ":                 {runOf(0), 200, ""},
		"ids of an hour are remembered":  {runOf(20), 200, ""},
		"it grows by 9 MiB a minute":     {runOf(150), 200, "the memory grew from 88 to 102 MiB"},
		"an outage takes more than ever": {runOf(0), 131, "it took 132 MiB of 131"},
		"it ended at once":               {runOf(0)[:5], 200, "too short"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.memory.judge(c.most)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
