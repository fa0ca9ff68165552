package wording

import (
	"cmp"
	"strings"

	"headgate/event"
)

// Sentence says in one plain sentence why the outcome is what it is: "ads: denied by OptanonConsent (C0004=0)". r is the record
// that it was decided by.
func Sentence(o *event.Outcome, r *event.Record) string {
	if o.Because != "" || o.Action == event.Filter {
		return cmp.Or(o.Because, filtered(o))
	}
	var b strings.Builder
	b.Grow(160) // a sentence is rarely longer
	if o.Cites[0] == 0 {
		b.WriteString(uncited(o))
	} else {
		sentence(r, &b, stated(r, o.Cites))
	}
	if o.Action == event.Redact || o.Reason == event.Redacted {
		b.WriteString("; sent " + cmp.Or(o.Instead, o.Profile, o.Text))
	}
	for i := range o.Flags {
		b.WriteString("; sent with " + o.Flags[i].Sets + ", since ")
		sentence(r, &b, []event.State{r.StateOf(o.Flags[i].Purpose)})
	}
	if o.Instead != "" {
		b.WriteString(", and " + o.Profile + " only: a rule copied what " + o.Instead + " takes out and cannot find later")
	}
	if o.Action == event.Deliver && o.Reason != event.Delivered {
		b.WriteString(" (monitored only: delivered anyway)")
	}
	return b.String()
}

// filtered says which filter left the event out.
func filtered(o *event.Outcome) string {
	switch o.Reason {
	case event.BotDropped:
		return "bots: " + o.Text
	case event.DroppedByRule, event.SkippedByRule, event.SampledOut:
		if o.Own {
			return "its own rule: " + o.Text
		}
		return "rule: " + o.Text
	}
	return o.Text
}

// uncited says why where no state of the record does.
func uncited(o *event.Outcome) string {
	if o.Reason == event.Delivered {
		return "needs no consent: " + o.Text
	}
	return o.Text
}

// stated returns the states that are cited.
func stated(r *event.Record, cites event.Cites) []event.State {
	states := make([]event.State, 0, len(cites))
	for _, at := range cites {
		if at > 0 && int(at) <= len(r.States) {
			states = append(states, r.States[at-1])
		}
	}
	return states
}

// Because says in words why purposes are granted or not: those that the record has, then those that it says nothing about.
func Because(r *event.Record, cited event.Cites, missing []string) string {
	states := stated(r, cited)
	for _, purpose := range missing {
		states = append(states, event.Unrecorded(purpose))
	}
	var b strings.Builder
	sentence(r, &b, states)
	return b.String()
}

// sentence writes one clause for each run of purposes that share a cause.
func sentence(r *event.Record, b *strings.Builder, states []event.State) {
	for i := 0; i < len(states); {
		same := i + 1
		for same < len(states) && sameCause(r, &states[same], &states[i]) {
			same++
		}
		if i > 0 {
			b.WriteString("; ")
		}
		if vendor, ok := strings.CutPrefix(states[i].Purpose, event.VendorPrefix); ok {
			b.WriteString(Source(r, &states[i]))
			if states[i].State == event.Granted {
				b.WriteString(" allows " + vendorTitle(vendor))
			}
			i++
			continue
		}
		for k := i; k < same; k++ {
			if k > i {
				b.WriteString(" and ")
			}
			b.WriteString(strings.TrimPrefix(states[k].Purpose, event.PublisherPrefix))
		}
		b.WriteString(": " + clause(r, &states[i]))
		i = same
	}
}

// sameCause reports whether two purposes may be named together.
func sameCause(r *event.Record, s, o *event.State) bool {
	return s.State == o.State && s.Basis == o.Basis && Source(r, s) == Source(r, o) &&
		!strings.HasPrefix(s.Purpose, event.VendorPrefix) && !strings.HasPrefix(o.Purpose, event.VendorPrefix)
}

func clause(r *event.Record, s *event.State) string {
	source := Source(r, s)
	if s.State == event.Granted {
		return grant(s.Basis, source)
	}
	switch reason := r.ReasonFor(s); reason {
	case event.Suppressed, event.Withdrawn:
		return "stopped by " + source
	case event.OptedOutGPC, event.OptedOutUSP, event.OptedOutGPP:
		return "opted out by " + source
	case event.PurposeDenied:
		if s.Basis == event.BySignal {
			return "opted out by " + source
		}
		return "denied by " + source
	case event.SignalInvalid, event.SignalExpired:
		return "no valid choice, since " + faulty(r, reason) + "; " + asksFirst(source)
	case event.RegionUnknown:
		answer, why := "nobody has answered", ""
		if _, rest, noted := strings.Cut(source, "; "); noted {
			why = " (" + rest + ")"
			if !strings.HasSuffix(rest, byDefaultOnly) {
				answer = "no answer counts"
			}
		}
		return answer + " and the visitor's country is not known, so it is asked first" + why
	}
	switch {
	case s.Basis == event.ByDefault:
		return "nobody has answered, and " + source + " denies it by default"
	case s.Basis == event.ByPolicy && strings.HasPrefix(source, "nothing "):
		return source
	}
	if _, rest, noted := strings.Cut(source, "; "); noted && !strings.HasSuffix(rest, byDefaultOnly) {
		return "no answer counts, and " + asksFirst(source)
	}
	return "nobody has answered, and " + asksFirst(source)
}

// grant says why a purpose is granted.
func grant(basis, source string) string {
	switch basis {
	case event.ByChoice:
		return "granted by " + source
	case event.ByDefault:
		if from, why, noted := strings.Cut(source, "; "); noted {
			return "granted by default in " + from + "; " + why
		}
		return "granted by default in " + source + ", and nobody has refused"
	}
	if source == "always" {
		return "needs no choice"
	}
	if rule, why, noted := strings.Cut(source, "; "); noted {
		return rule + " lets it pass until somebody refuses; " + why
	}
	return "nobody has refused, and " + source + " lets it pass until somebody does"
}

func asksFirst(source string) string {
	rule, rest, found := strings.Cut(source, "; ")
	if found {
		return rule + " asks first (" + rest + ")"
	}
	return rule + " asks first"
}

// faulty names the signal that could not be used: "euconsent-v2 is unreadable: ...".
func faulty(r *event.Record, reason event.Reason) string {
	kind := event.AsideUnreadable
	if reason == event.SignalExpired {
		kind = event.AsideExpired
	}
	s := r.FirstAside(kind) // ReasonFor found it
	return s.Name + " is " + Aside(r, s)
}

// byDefaultOnly is the end of what is said of a grant that nobody made.
const byDefaultOnly = " grants it by default only"
