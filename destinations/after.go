package destinations

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
)

// longestWait caps what a vendor may ask for: the queue's own schedule goes up to half an hour.
const longestWait = 24 * time.Hour

// waitOf reads when to try again: seconds, a duration, a moment in unix time, or a date of HTTP.
func waitOf(v event.Value, now time.Time) time.Duration {
	text := strings.TrimSpace(v.Text())
	var wait time.Duration
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		switch {
		case !(f > 0):
			return 0
		case f > 1e9: // no delay but a moment
			wait = time.Unix(int64(min(f, 1e11)), 0).Sub(now)
		default:
			wait = time.Duration(f * float64(time.Second))
		}
	} else if d, err := document.ParseDuration(text); err == nil {
		wait = d.Std()
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	} else if at, err := time.Parse(time.RFC3339, text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}
