package alerts

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	// alone is the longest span that may show that nothing comes any more: longer ones still hold what came before.
	alone = 3 * time.Hour
	// surge is how many times the usual is too much, within surgeSpan.
	surge     = 5
	surgeSpan = time.Hour
	// enough events have to be usual before those of all kinds are compared: a visitor makes many at once.
	alikeOfAll = 20
)

// volumes finds sites whose events, or whose conversions of one kind, come less than they usually do at this time of the week, or
// many times more. The shortest span in which that is certain counts.
func volumes(f *Facts, c *Config) (out []Finding) {
	for i := range f.Volumes {
		flow := &f.Volumes[i]
		one := Finding{Kind: Volume, Site: flow.Site, About: flow.Event}
		fired, told := false, false
		for k := range flow.Windows {
			w := &flow.Windows[k]
			usual, known := w.usual()
			switch {
			case known && w.fell(usual, flow, c):
				one.Cause, fired = fewer(flow, w, usual)+refusals(f), true
				one.Stake = flow.stake(int64(usual) - w.Now)
			case known && w.rose(usual, flow, c):
				one.Cause, fired = more(flow, w, usual), true
			case !known && w.silent(flow, c):
				one.Cause, fired = silence(flow, w)+refusals(f), true
			}
			if fired {
				break
			}
			told = told || w.Span <= alone && (w.Now > 0 || known && usual >= flow.needs(c))
		}
		one.Next = "Look at the site's last release, its tags, the name server and what stands before Headgate; /live shows what comes."
		one.Unsure = !fired && !told
		if fired || one.Unsure {
			out = append(out, one)
		}
	}
	return out
}

// usual is what came in the same span of earlier weeks: the lower of the middle ones, so that a week of a sale or one with an outage
// counts for nothing.
func (w *Window) usual() (n float64, known bool) {
	if len(w.Usual) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(w.Usual))
	return float64(sorted[(len(sorted)-1)/2]), true
}

func (f *Flow) alike() float64 {
	if f.Event == "" {
		return alikeOfAll
	}
	return alikePurchases
}

// needs is how many have to be usual for a silence to be no accident.
func (f *Flow) needs(c *Config) float64 { return max(float64(c.Usual), sure*sure*f.alike()) }

func (w *Window) fell(usual float64, f *Flow, c *Config) bool {
	missing := usual - float64(w.Now)
	return usual >= float64(c.Usual) && missing >= usual*float64(c.Drop) && missing >= sure*math.Sqrt(usual*f.alike())
}

func (w *Window) rose(usual float64, f *Flow, c *Config) bool {
	return w.Span == surgeSpan && usual >= f.needs(c) && float64(w.Now) >= surge*usual
}

// silent reports whether nothing came where something came on each of the last days: weekends may be quieter, but not that quiet.
func (w *Window) silent(f *Flow, c *Config) bool {
	return w.Span <= alone && w.Now == 0 && len(w.Before) > 0 && float64(slices.Min(w.Before)) >= f.needs(c)
}

func (f *Flow) stake(missing int64) *Stake {
	if f.Event == "" {
		return nil
	}
	return &Stake{Count: missing, Value: math.Round(float64(missing)*f.Value*100) / 100, Currency: f.Of}
}

// noun is what flows, in words.
func (f *Flow) noun(n int64) string {
	switch {
	case f.Event == "" && n == 1:
		return "event"
	case f.Event == "":
		return "events"
	}
	return f.Event
}

func from(site string) string {
	if site == "" {
		return "came"
	}
	return "came from " + site
}

func fewer(f *Flow, w *Window, usual float64) string {
	if w.Now == 0 {
		return fmt.Sprintf("No %s %s in the last %s; %.0f are usual at this time of the week.", f.noun(1), from(f.Site), span(w.Span), usual)
	}
	return fmt.Sprintf("Only %d %s %s in the last %s; %.0f are usual at this time of the week.", w.Now, f.noun(w.Now), from(f.Site), span(w.Span), usual)
}

func more(f *Flow, w *Window, usual float64) string {
	return fmt.Sprintf("%d %s %s in the last %s; %.0f are usual at this time of the week. A tag may fire twice, or a program sends them.", w.Now, f.noun(w.Now), from(f.Site), span(w.Span), usual)
}

func silence(f *Flow, w *Window) string {
	return fmt.Sprintf("No %s %s in the last %s; on each of the last days there were %d or more at this time.", f.noun(1), from(f.Site), span(w.Span), slices.Min(w.Before))
}

// refusals says what is turned away meanwhile, where that is more than usual.
func refusals(f *Facts) string {
	var most *Share
	for i := range f.Refused {
		r := &f.Refused[i]
		usually := float64(r.UsualNow) / float64(max(1, r.Days))
		if r.Now > 10 && float64(r.Now) > 3*usually && (most == nil || r.Now > most.Now) {
			most = r
		}
	}
	if most == nil {
		return ""
	}
	return fmt.Sprintf(" Meanwhile %d hits were turned away in an hour for the reason %s.", most.Now, most.About)
}
