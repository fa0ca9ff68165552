package history

import (
	"math"
	"strconv"
	"time"
)

// perDoubling is how many buckets there are between a duration and twice of it: a quantile is right within a tenth.
const perDoubling = 8

const lastBucket = 22 * perDoubling // more than an hour

// Bucket is the What of Latency for a duration.
func Bucket(d time.Duration) string {
	ms := max(1, float64(d)/float64(time.Millisecond))
	return strconv.Itoa(min(lastBucket, int(math.Ceil(perDoubling*math.Log2(ms)))))
}

// Quantile returns the duration that a share q of the requests did not take longer than, from their numbers by bucket; 0 when there
// is none.
func Quantile(buckets map[string]int64, q float64) time.Duration {
	var counts [lastBucket + 1]int64
	total := int64(0)
	for name, n := range buckets {
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(counts) {
			counts[i] += n
			total += n
		}
	}
	seen := int64(0)
	for i, n := range counts {
		if seen += n; n > 0 && float64(seen) >= q*float64(total) {
			return time.Duration(math.Exp2(float64(i)/perDoubling) * float64(time.Millisecond))
		}
	}
	return 0
}
