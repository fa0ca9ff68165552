package evidence

import (
	"time"

	"headgate/alerts"
	"headgate/proxy/history"
)

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
