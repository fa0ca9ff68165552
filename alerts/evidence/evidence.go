// Package evidence reads the facts that alerts are found by out of the counts of the last weeks. What is compared is of the same time of
// the day or of the week, so that nights and weekends are no alarms.
//
// It promises to read and change nothing: times and counts are brought to it. It decides nothing.
package evidence

import (
	"time"

	"headgate/alerts"
	"headgate/proxy/history"
)

// Book has the counts; *history.Book is one.
type Book interface {
	Read(since, until time.Time, wanted func(*history.Key) bool, fn func(at time.Time, k *history.Key, count, value int64)) error
	Began() time.Time
}

const (
	day  = 24 * time.Hour
	week = 7 * day

	weeks = 4 // that volumes are compared with
	days  = 7 // that shares are compared with

	hourly  = 3 * time.Hour // of what is counted by the hour
	longest = 24 * time.Hour
)

// spans are those that volumes are compared over.
var spans = [...]time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, longest}

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

// gathered is what was read so far.
type gathered struct {
	now, began time.Time
	weeks      int // that are known
	volumes    map[flowKey]*volume
	shares     map[shareKey]*alerts.Share
	days       int // that are known
}

type flowKey struct{ site, event string }

// volume is how much came in each span: now, and in weeks or days before.
type volume struct {
	now    [len(spans)]int64
	weeks  [weeks][len(spans)]int64
	days   [days][len(spans)]int64
	count  int64 // conversions of all times
	value  int64
	ofUnit map[string]int64
}

func (g *gathered) volume(site, event string) *volume {
	k := flowKey{site, event}
	v := g.volumes[k]
	if v == nil {
		v = &volume{ofUnit: map[string]int64{}}
		g.volumes[k] = v
	}
	return v
}

// came are events and conversions that were accepted. Alerts of our own are no events of a site.
func came(k *history.Key) bool {
	return k.Destination == "" && k.What == "accepted" && k.Why == "" && (k.Kind == history.Events || k.Kind == history.Conversions)
}

func (g *gathered) readVolumes(b Book) error {
	read := func(until time.Time, longest time.Duration, into func(*volume) *[len(spans)]int64) error {
		return b.Read(until.Add(-longest), until, came, func(at time.Time, k *history.Key, count, value int64) {
			event, unit := "", ""
			if k.Kind == history.Conversions {
				event, unit = k.NameAndCurrency()
			}
			v := g.volume(k.Site, event)
			if k.Kind == history.Conversions {
				v.count, v.value = v.count+count, v.value+value
				v.ofUnit[unit] += count
			}
			counts := into(v)
			for i, span := range spans {
				if !at.Before(until.Add(-span)) {
					counts[i] += count
				}
			}
		})
	}
	if err := read(g.now, longest, func(v *volume) *[len(spans)]int64 { return &v.now }); err != nil {
		return err
	}
	for i := range weeks {
		until := g.now.Add(-time.Duration(i+1) * week)
		if until.Add(-longest).Before(g.began) {
			break
		}
		if err := read(until, longest, func(v *volume) *[len(spans)]int64 { return &v.weeks[i] }); err != nil {
			return err
		}
		g.weeks++
	}
	if g.weeks > 0 {
		return nil
	}
	for i := range days {
		until := g.now.Add(-time.Duration(i+1) * day)
		if until.Add(-hourly).Before(g.began) {
			break
		}
		if err := read(until, hourly, func(v *volume) *[len(spans)]int64 { return &v.days[i] }); err != nil {
			return err
		}
		g.days++
	}
	return nil
}

// flows are the volumes as facts.
func (g *gathered) flows() (out []alerts.Flow) {
	for k, v := range g.volumes {
		f := alerts.Flow{Site: k.site, Event: k.event}
		if v.count > 0 {
			f.Value = float64(v.value) / 1e6 / float64(v.count)
		}
		most := int64(0)
		for unit, n := range v.ofUnit {
			if n > most || n == most && unit < f.Of {
				f.Of, most = unit, n
			}
		}
		for i, span := range spans {
			w := alerts.Window{Span: span, Now: v.now[i]}
			for n := range g.weeks {
				w.Usual = append(w.Usual, v.weeks[n][i])
			}
			if g.weeks == 0 && span <= hourly {
				for n := range g.days {
					w.Before = append(w.Before, v.days[n][i])
				}
			}
			f.Windows = append(f.Windows, w)
		}
		out = append(out, f)
	}
	return out
}
