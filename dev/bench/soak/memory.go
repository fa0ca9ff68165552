package main

import (
	"errors"
	"fmt"
	"slices"
)

// memory is what the program held, second by second, in bytes. It goes up and down with the outages, by as much again as stands between
// them: the highest of a few looks says more of when they were taken than of the program.
type memory []int64

// growth is how much more may stand in the last third of a run than in the middle one, in percent. Ids and histories fill in the first.
const growth = 15

// standing is what a stretch of the run held for three quarters of its time at least: what grows without end is in it, an outage is not.
func (m memory) standing() int64 {
	sorted := slices.Sorted(slices.Values(m))
	return sorted[len(sorted)/4]
}

// judge fails when the memory has passed a bound in MiB, or when more stands in the last third of the run than in the middle one.
func (m memory) judge(most int64) error {
	third := len(m) / 3
	if third < 2 {
		return errors.New("it was too short to say anything of the memory")
	}
	highest, middle, last := slices.Max(m), m[third:2*third].standing(), m[2*third:].standing()
	fmt.Printf("resident memory: %d MiB at most, of %d; %d stand in the middle third, %d in the last\n", highest>>20, most, middle>>20, last>>20)
	if highest>>20 > most {
		return fmt.Errorf("it took %d MiB of %d", highest>>20, most)
	}
	if last > middle*(100+growth)/100 {
		return fmt.Errorf("the memory grew from %d to %d MiB", middle>>20, last>>20)
	}
	return nil
}
