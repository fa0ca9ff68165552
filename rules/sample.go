package rules

import (
	"strconv"
	"time"

	"headgate/event"
	"headgate/rules/functions"
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
	return float64(functions.Bucket(key, 1e6)) < r.sample*1e6
}
