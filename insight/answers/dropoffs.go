package answers

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"headgate/alerts"
	"headgate/insight/count"
	"headgate/insight/terms"
)

// Drop-offs are counted in half hours; the others of a day say what is usual. Who came to a step a moment ago may still go on.
const (
	dropWindow = 30 * time.Minute
	dropUsual  = 24 * time.Hour
	patience   = 5 * time.Minute
)

// dropped is when drop-offs were counted last, and what came of it.
type dropped struct {
	mu    sync.Mutex
	by    *Serving
	at    time.Time
	took  time.Duration
	steps []alerts.Step
}

// DropOffs returns how many visitors went on from each step of the funnels of the configuration in the last half hour, and in those of the
// day before. Where a day has so many rows that counting them takes long, the answer is that of a while ago: it takes a twentieth of the
// time at most.
func (an *Answerer) DropOffs(ctx context.Context) (steps []alerts.Step, err error) {
	in := an.serving()
	if in == nil || len(in.Terms.Funnels) == 0 {
		return nil, nil
	}
	last := &an.dropped
	last.mu.Lock()
	defer last.mu.Unlock()
	began := an.now()
	if last.by == in && began.Sub(last.at) < 20*last.took {
		return last.steps, nil
	}
	if steps, err = an.dropOffs(ctx); err == nil {
		last.by, last.at, last.steps = in, an.now(), steps
		last.took = last.at.Sub(began)
	}
	return steps, err
}

func (an *Answerer) dropOffs(ctx context.Context) ([]alerts.Step, error) {
	a, err := an.newAsk(url.Values{}, dropUsual+dropWindow)
	if err != nil {
		return nil, err
	}
	defer a.close()
	var all []*count.DropOff
	columns := []count.Column{count.Device}
	for _, name := range a.Funnels.Keys() {
		f, _ := a.Terms.Funnel(name)
		counter := a.Counter(f, a.view)
		counter.Key = func(r *count.Row) uint32 { return r.Device }
		all = append(all, &count.DropOff{Funnel: counter, Now: a.period.Until - 1, Window: dropWindow.Milliseconds(), Patience: patience.Milliseconds()})
		columns = append(columns, f.Reads()...)
	}
	err = a.scan(ctx, a.period, columns, func(rows []count.Row) {
		for _, d := range all {
			d.Add(rows)
		}
	}, nil)
	if err != nil {
		return nil, err
	}
	var steps []alerts.Step
	for n, name := range a.Funnels.Keys() {
		f, _ := a.Terms.Funnel(name)
		steps = append(steps, a.stepsOf(f, all[n])...)
	}
	return steps, nil
}

func (a *ask) stepsOf(f *terms.CompiledFunnel, d *count.DropOff) (steps []alerts.Step) {
	from := ""
	for k := range f.Steps {
		if f.Steps[k].Optional {
			continue
		}
		if from != "" {
			one := alerts.Step{Funnel: f.Name, From: from, To: f.Steps[k].Event, All: shareOf(d, count.All, k, "")}
			for key := range d.Present {
				if key != count.All && key != 0 {
					one.Devices = append(one.Devices, shareOf(d, key, k, a.text(key)))
				}
			}
			slices.SortFunc(one.Devices, func(x, y alerts.Share) int { return strings.Compare(x.About, y.About) })
			steps = append(steps, one)
		}
		from = f.Steps[k].Event
	}
	return steps
}

func shareOf(d *count.DropOff, key uint32, step int, about string) alerts.Share {
	s := alerts.Share{About: about, Days: 1}
	if all := d.Present[key]; all != nil {
		s.Now, s.Of = int64(all[step].Went), int64(all[step].Came)
	}
	if all := d.Usual[key]; all != nil {
		s.UsualNow, s.UsualOf = int64(all[step].Went), int64(all[step].Came)
	}
	return s
}
