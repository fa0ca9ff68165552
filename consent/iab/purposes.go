package iab

import (
	"math/bits"
	"strconv"
)

// AllPurposes is the mask of every purpose that TCF has room for.
const AllPurposes = 1<<24 - 1

// Purposes returns the mask of some purposes.
func Purposes(numbers ...int) (m uint32) {
	for _, n := range numbers {
		m |= 1 << (n - 1)
	}
	return m
}

// purposeNames are short names of the purposes, by their number less 1: https://iabeurope.eu/iab-europe-transparency-consent-framework-policies/
var purposeNames = [...]string{"storage on the device", "selecting ads", "profiles for ads", "ads by profile", "profiles for content",
	"content by profile", "measuring ads", "measuring content", "knowing audiences", "improving services", "selecting content"}

// AppendPurpose writes a purpose by its number and in words: "7 measuring ads".
func AppendPurpose(b []byte, n int) []byte {
	b = strconv.AppendInt(b, int64(n), 10)
	if n <= len(purposeNames) {
		b = append(append(b, ' '), purposeNames[n-1]...)
	}
	return b
}

// AppendPurposes writes the purposes of a mask: "TCF purposes 1 storage on the device, 7 measuring ads".
func AppendPurposes(b []byte, mask uint32) []byte {
	b = append(b, "TCF purpose"...)
	if bits.OnesCount32(mask) > 1 {
		b = append(b, 's')
	}
	for n, first := 1, true; n <= 24; n++ {
		if mask&Purposes(n) == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		b = append(b, ' ')
		b = AppendPurpose(b, n)
		first = false
	}
	return b
}
