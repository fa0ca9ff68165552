// Package pieces finds the events of a batch that a vendor fails at, by sending it in halves.
package pieces

import (
	"slices"

	"headgate/destinations"
)

// A vendor may answer a batch with a server error because of one event in it. From the third try on such a batch is sent in
// pieces: each piece that fails is halved again as long as that finds others that succeed. Where none of them does, it is the
// vendor that is failing, and the batch waits.
const (
	wholeTries = 2 // that often a batch is sent whole
	mostLevels = 4 // of halving while nothing succeeds: at most 30 requests
)

// Send sends a batch that was refused that often before, and returns a verdict per event. send sends some of them.
func Send[T any](batch []T, refused int, send func([]T) []destinations.Verdict) []destinations.Verdict {
	if refused < wholeTries || len(batch) == 1 {
		return send(batch)
	}
	levels := min(refused-wholeTries+2, mostLevels)
	verdicts := make([]destinations.Verdict, len(batch))
	type piece struct{ from, to int }
	pieces := []piece{{0, len(batch)}}
	for level, alive := 1, false; len(pieces) > 0 && (alive || level <= levels); level++ {
		var failed []piece
		for _, p := range pieces {
			middle := (p.from + p.to) / 2
			for _, half := range []piece{{p.from, middle}, {middle, p.to}} {
				got := send(batch[half.from:half.to])
				copy(verdicts[half.from:half.to], got)
				switch {
				case !AllServerErrors(got):
					alive = true
				case half.to-half.from > 1:
					failed = append(failed, half)
				}
			}
		}
		pieces = failed
	}
	return verdicts
}

// AllServerErrors reports whether all events were refused with a server error that does not say that the vendor is overloaded.
func AllServerErrors(verdicts []destinations.Verdict) bool {
	return !slices.ContainsFunc(verdicts, func(v destinations.Verdict) bool { return !IsServerError(v) })
}

// IsServerError reports whether the vendor failed at an event without saying that it is overloaded.
func IsServerError(v destinations.Verdict) bool {
	return v.Kind == destinations.Retry && v.Status >= 500 && v.Status != 503
}
