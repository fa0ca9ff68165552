// Package evidence reads the facts that alerts are found by out of the counts of the last weeks. What is compared is of the same time of
// the day or of the week, so that nights and weekends are no alarms.
//
// It promises to read and change nothing: times and counts are brought to it. It decides nothing.
package evidence

import (
	"time"

	"headgate/alerts"
)

// Usual reads everything that is compared with other days: all facts but the destinations. It reads a good hundred hours.
func Usual(b Book, now time.Time) (*alerts.Facts, error) {
	now = now.Truncate(time.Minute)
	g := &gathered{now: now, began: b.Began(), volumes: map[flowKey]*volume{}, shares: map[shareKey]*alerts.Share{}}
	if err := g.readVolumes(b); err != nil {
		return nil, err
	}
	if err := g.readShares(b); err != nil {
		return nil, err
	}
	return g.facts(), nil
}
