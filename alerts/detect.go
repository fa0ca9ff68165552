package alerts

import (
	"slices"
)

// Detect returns what the detectors see that are on.
func Detect(f *Facts, c *Config) []Finding {
	var all []Finding
	for _, detect := range [...]func(*Facts, *Config) []Finding{volumes, halted, failing, lagging, deadLetters, consent, signals, filters,
		fields, funnels, duplicates, clocks, disk, damage, expiries} {
		all = append(all, detect(f, c)...)
	}
	return slices.DeleteFunc(all, func(one Finding) bool { return c.IsOff(one.Kind) })
}
