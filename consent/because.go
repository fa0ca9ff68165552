package consent

import (
	"strings"

	"headgate/event"
)

// Sources of states that are no signal.
const (
	suppressionSource = "the suppression list"
	withdrawalSource  = "a withdrawal"
)

// The beginnings of why a signal grants nothing, which have reason codes of their own, and the end of what is said of a grant
// that nobody made.
const (
	unreadable    = "unreadable"
	olderThan     = "older than "
	byDefaultOnly = " grants it by default only"
)

// refusal returns the reason code and the sentence for purposes that are not granted. The first of them gives the code,
// but for somebody who is suppressed or has withdrawn.
func refusal(r *event.Record, refused []event.State) (event.Reason, string) {
	reason := reasonOf(r, &refused[0])
	for i := range refused {
		if why := reasonOf(r, &refused[i]); why == event.Suppressed || why == event.Withdrawn {
			reason = why
		}
	}
	return reason, sentenceOf(r, refused)
}

// reasonOf returns why one purpose is not granted.
func reasonOf(r *event.Record, s *event.State) event.Reason {
	switch {
	case strings.HasPrefix(s.Source, suppressionSource):
		return event.Suppressed
	case strings.HasPrefix(s.Source, withdrawalSource):
		return event.Withdrawn
	case s.Basis == byChoice:
		return event.PurposeDenied
	case s.Basis == bySignal:
		return optOutReason(r, s)
	case s.Basis == byDefault:
		return event.NoChoice
	}
	for i := range r.Signals {
		if r.Signals[i].Aside != "" && strings.HasPrefix(r.Signals[i].Aside, unreadable) {
			return event.SignalInvalid
		}
	}
	for i := range r.Signals {
		if strings.HasPrefix(r.Signals[i].Aside, olderThan) {
			return event.SignalExpired
		}
	}
	if r.Rule == "unknown" {
		return event.RegionUnknown
	}
	return event.NoChoice
}

// optOutReason tells the opt-out signals apart by the family of the one that the state cites.
func optOutReason(r *event.Record, s *event.State) event.Reason {
	for i := range r.Signals {
		sig := &r.Signals[i]
		if !strings.HasPrefix(s.Source, sig.Name) {
			continue
		}
		switch sig.Source {
		case familyGPC:
			return event.OptedOutGPC
		case familyUSP:
			return event.OptedOutUSP
		case familyGPP:
			return event.OptedOutGPP
		}
	}
	return event.PurposeDenied
}

// sentence says why purposes are granted.
func sentence(states []event.State) string { return sentenceOf(nil, states) }

// sentenceOf writes one clause for each run of purposes that share a cause.
func sentenceOf(r *event.Record, states []event.State) string {
	if len(states) == 1 {
		return states[0].Purpose + ": " + clause(r, &states[0])
	}
	var b strings.Builder
	b.Grow(160) // a sentence is rarely longer
	for i := 0; i < len(states); {
		same := i + 1
		for same < len(states) && states[same].State == states[i].State && states[same].Basis == states[i].Basis &&
			states[same].Source == states[i].Source {
			same++
		}
		if i > 0 {
			b.WriteString("; ")
		}
		for k := i; k < same; k++ {
			if k > i {
				b.WriteString(" and ")
			}
			b.WriteString(states[k].Purpose)
		}
		b.WriteString(": ")
		b.WriteString(clause(r, &states[i]))
		i = same
	}
	return b.String()
}

func clause(r *event.Record, s *event.State) string {
	if s.State == granted {
		switch s.Basis {
		case byChoice:
			return "granted by " + s.Source
		case byDefault:
			if from, why, noted := strings.Cut(s.Source, "; "); noted {
				return "granted by default in " + from + "; " + why
			}
			return "granted by default in " + s.Source + ", and nobody has refused"
		}
		if s.Source == "always" {
			return "needs no choice"
		}
		if rule, why, noted := strings.Cut(s.Source, "; "); noted {
			return rule + " lets it pass until somebody refuses; " + why
		}
		return "nobody has refused, and " + s.Source + " lets it pass until somebody does"
	}
	switch reason := reasonOf(r, s); reason {
	case event.Suppressed, event.Withdrawn:
		return "stopped by " + s.Source
	case event.OptedOutGPC, event.OptedOutUSP, event.OptedOutGPP:
		return "opted out by " + s.Source
	case event.PurposeDenied:
		if s.Basis == bySignal {
			return "opted out by " + s.Source
		}
		return "denied by " + s.Source
	case event.SignalInvalid, event.SignalExpired:
		return "no valid choice, since " + faulty(r, reason) + "; " + firstAsked(s)
	case event.RegionUnknown:
		answer, why := "nobody has answered", ""
		if _, rest, noted := strings.Cut(s.Source, "; "); noted {
			why = " (" + rest + ")"
			if !strings.HasSuffix(rest, byDefaultOnly) {
				answer = "no answer counts"
			}
		}
		return answer + " and the visitor's country is not known, so it is asked first" + why
	}
	switch {
	case s.Basis == byDefault:
		return "nobody has answered, and " + s.Source + " denies it by default"
	case s.Basis == byPolicy && strings.HasPrefix(s.Source, "nothing "):
		return s.Source
	}
	if _, rest, noted := strings.Cut(s.Source, "; "); noted && !strings.HasSuffix(rest, byDefaultOnly) {
		return "no answer counts, and " + firstAsked(s)
	}
	return "nobody has answered, and " + firstAsked(s)
}

func firstAsked(s *event.State) string {
	rule, rest, found := strings.Cut(s.Source, "; ")
	if found {
		return rule + " asks first (" + rest + ")"
	}
	return rule + " asks first"
}

// faulty names the signal that could not be used: "euconsent-v2 is unreadable: ...".
func faulty(r *event.Record, reason event.Reason) string {
	prefix := unreadable
	if reason == event.SignalExpired {
		prefix = olderThan
	}
	for i := range r.Signals {
		if strings.HasPrefix(r.Signals[i].Aside, prefix) {
			return r.Signals[i].Name + " is " + r.Signals[i].Aside
		}
	}
	return "a signal is " + prefix
}
