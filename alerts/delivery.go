package alerts

import (
	"fmt"
	"time"
)

// halted finds destinations that refuse our settings.
func halted(f *Facts, _ *Config) (out []Finding) {
	for i := range f.Destinations {
		d := &f.Destinations[i]
		if d.State != "halted" {
			continue
		}
		out = append(out, Finding{Kind: Halted, Destination: d.Name,
			Cause: d.Name + " is halted: it refuses our settings" + inWords(d.Words) + ". Its events are kept.",
			Next:  "Fix the setting that it refuses, mostly an expired token, and reload; deliveries resume by themselves."})
	}
	return out
}

func inWords(words string) string {
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}

const (
	leastAttempts  = 5 // of which some failed
	leastStretches = 3 // of two minutes, that are all bad
)

// failing finds destinations at which too few deliveries succeed, for ten minutes.
func failing(f *Facts, c *Config) (out []Finding) {
	for i := range f.Destinations {
		d := &f.Destinations[i]
		if d.State != "running" {
			continue
		}
		one := Finding{Kind: Failing, Destination: d.Name}
		var all AttemptCount
		bad, good := 0, 0
		for _, a := range d.Attempts {
			all.Delivered, all.Failed = all.Delivered+a.Delivered, all.Failed+a.Failed
			switch of := a.Delivered + a.Failed; {
			case of == 0:
			case part(a.Delivered, of) < float64(c.Success):
				bad++
			default:
				good++
			}
		}
		switch {
		case good > 0:
			continue
		case bad < leastStretches || all.Delivered+all.Failed < leastAttempts:
			one.Unsure = true
		default:
			one.Cause = fmt.Sprintf("For ten minutes only %s of the deliveries to %s succeeded%s.", percent(part(all.Delivered, all.Delivered+all.Failed)), d.Name, inWords(d.Words))
			one.Next = "Look at the vendor's status page. What failed waits on disk and is tried again."
		}
		out = append(out, one)
	}
	return out
}

// lagging finds destinations whose oldest pending event is old. One that a person has paused is left alone.
func lagging(f *Facts, c *Config) (out []Finding) {
	for i := range f.Destinations {
		d := &f.Destinations[i]
		if d.State != "running" || d.Oldest <= c.Lag.Std()+d.Wait {
			continue
		}
		out = append(out, Finding{Kind: Lag, Destination: d.Name,
			Cause: fmt.Sprintf("The oldest event for %s has waited for %s%s.", d.Name, span(d.Oldest), inWords(d.Words)),
			Next:  "The destination is slow or unavailable, or its rate limit is below what comes. Events wait on disk; delivery.retry_for says how long."})
	}
	return out
}

// rejectedSpan is the time over which dead letters are counted.
const rejectedSpan = 30 * time.Minute

// leastRejected is the share of what was settled below which dead letters are noise.
const leastRejected = 0.005

// deadLetters finds destinations that reject more than they used to.
func deadLetters(f *Facts, c *Config) (out []Finding) {
	for i := range f.Destinations {
		d := &f.Destinations[i]
		r := &d.Rejected
		usually := float64(r.UsualNow) / float64(max(1, r.Days))
		if r.Now < int64(c.DeadLetters) || r.now() < leastRejected || float64(r.Now) <= 3*usually {
			continue
		}
		out = append(out, Finding{Kind: DeadLetters, Destination: d.Name,
			Cause: fmt.Sprintf("%s rejected %d events in the last %s, %s of what it was sent%s.", d.Name, r.Now, span(rejectedSpan), percent(r.now()), inWords(d.Why)),
			Next:  "headgate dead list --destination " + d.Name + " shows them with the vendor's words. Fix the mapping, then headgate dead retry."})
	}
	return out
}
