package rules

import (
	"strconv"
	"time"

	"headgate/event"
)

// sampled reports whether an event belongs to the share that is kept, by its visitor, or by itself when nobody is known.
func (r *rule) sampled(e *event.Event) bool {
	if r.sample >= 1 {
		return true
	}
	key := e.User.ClientID
	if key == "" {
		key = e.User.UserID
	}
	if key == "" {
		key = e.ID
	}
	if key == "" {
		key = strconv.FormatInt(e.Time.UnixNano()/int64(time.Microsecond), 10)
	}
	return float64(bucket(key, 1e6)) < r.sample*1e6
}

// bucket sorts a key into one of n, always the same: FNV-1a, mixed so that like keys fall apart.
func bucket(key string, n uint64) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(key); i++ {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return h % n
}
