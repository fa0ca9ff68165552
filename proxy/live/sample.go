package live

import (
	"sync/atomic"
	"time"
)

const (
	mostSampled = 60          // events a second: more than a person can read
	sampleBurst = time.Second // as many as are due in this time may come at once
)

// sample draws mostSampled events a second, evenly. Of fewer it draws all.
type sample struct {
	due atomic.Int64 // when all that was drawn is due, in nanoseconds since 1970
}

// draw reports whether events that come together are in the sample.
func (s *sample) draw(events int, now time.Time) bool {
	at := now.UnixNano()
	for {
		due := s.due.Load()
		from := max(due, at)
		if from > at+int64(sampleBurst) {
			return false
		}
		if s.due.CompareAndSwap(due, from+int64(events)*int64(time.Second)/mostSampled) {
			return true
		}
	}
}
