package event

import (
	"cmp"
	"strings"
)

// Sentence says in one plain sentence why the outcome is what it is: "ads: denied by OptanonConsent (C0004=0)". r is the record
// that it was decided by.
func (o *Outcome) Sentence(r *Record) string {
	if o.Because != "" || o.Action == Filter {
		return cmp.Or(o.Because, o.filtered())
	}
	var b strings.Builder
	b.Grow(160) // a sentence is rarely longer
	if o.Cites[0] == 0 {
		b.WriteString(o.uncited())
	} else {
		r.sentence(&b, o.cited(r))
	}
	if o.Action == Redact || o.Reason == Redacted {
		b.WriteString("; sent " + cmp.Or(o.Instead, o.Profile, o.Text))
	}
	for i := range o.Flags {
		b.WriteString("; sent with " + o.Flags[i].Sets + ", since ")
		r.sentence(&b, []State{r.purpose(o.Flags[i].Purpose)})
	}
	if o.Instead != "" {
		b.WriteString(", and " + o.Profile + " only: a rule copied what " + o.Instead + " takes out and cannot find later")
	}
	if o.Action == Deliver && o.Reason != Delivered {
		b.WriteString(" (monitored only: delivered anyway)")
	}
	return b.String()
}

// filtered says which filter left the event out.
func (o *Outcome) filtered() string {
	switch o.Reason {
	case BotDropped:
		return "bots: " + o.Text
	case DroppedByRule, SkippedByRule, SampledOut:
		if o.Own {
			return "its own rule: " + o.Text
		}
		return "rule: " + o.Text
	}
	return o.Text
}

// uncited says why where no state of the record does.
func (o *Outcome) uncited() string {
	if o.Reason == Delivered {
		return "needs no consent: " + o.Text
	}
	return o.Text
}

// cited returns the states that the outcome rests on.
func (o *Outcome) cited(r *Record) []State {
	states := make([]State, 0, len(o.Cites))
	for _, at := range o.Cites {
		if at > 0 && int(at) <= len(r.States) {
			states = append(states, r.States[at-1])
		}
	}
	return states
}

// Because says in words why purposes are granted or not: those that the record has, then those that it says nothing about.
func (r *Record) Because(cited Cites, missing []string) string {
	o := Outcome{Cites: cited}
	states := o.cited(r)
	for _, purpose := range missing {
		states = append(states, Unrecorded(purpose))
	}
	var b strings.Builder
	r.sentence(&b, states)
	return b.String()
}

// purpose returns what the record says of a purpose. What it does not say is refused.
func (r *Record) purpose(name string) State {
	for i := range r.States {
		if r.States[i].Purpose == name {
			return r.States[i]
		}
	}
	return Unrecorded(name)
}

// Unrecorded is the state of a purpose that a record says nothing about.
func Unrecorded(purpose string) State {
	return State{Purpose: purpose, State: Denied, Basis: ByPolicy, Cause: Cause{Kind: NothingRecorded}}
}

// sentence writes one clause for each run of purposes that share a cause.
func (r *Record) sentence(b *strings.Builder, states []State) {
	for i := 0; i < len(states); {
		same := i + 1
		for same < len(states) && r.sameCause(&states[same], &states[i]) {
			same++
		}
		if i > 0 {
			b.WriteString("; ")
		}
		if vendor, ok := strings.CutPrefix(states[i].Purpose, VendorPrefix); ok {
			b.WriteString(r.SourceOf(&states[i]))
			if states[i].State == Granted {
				b.WriteString(" allows " + vendorTitle(vendor))
			}
			i++
			continue
		}
		for k := i; k < same; k++ {
			if k > i {
				b.WriteString(" and ")
			}
			b.WriteString(strings.TrimPrefix(states[k].Purpose, PublisherPrefix))
		}
		b.WriteString(": " + r.clause(&states[i]))
		i = same
	}
}

// sameCause reports whether two purposes may be named together.
func (r *Record) sameCause(s, o *State) bool {
	return s.State == o.State && s.Basis == o.Basis && r.SourceOf(s) == r.SourceOf(o) &&
		!strings.HasPrefix(s.Purpose, VendorPrefix) && !strings.HasPrefix(o.Purpose, VendorPrefix)
}

func (r *Record) clause(s *State) string {
	source := r.SourceOf(s)
	if s.State == Granted {
		return grant(s.Basis, source)
	}
	switch reason := r.ReasonFor(s); reason {
	case Suppressed, Withdrawn:
		return "stopped by " + source
	case OptedOutGPC, OptedOutUSP, OptedOutGPP:
		return "opted out by " + source
	case PurposeDenied:
		if s.Basis == BySignal {
			return "opted out by " + source
		}
		return "denied by " + source
	case SignalInvalid, SignalExpired:
		return "no valid choice, since " + r.faulty(reason) + "; " + asksFirst(source)
	case RegionUnknown:
		answer, why := "nobody has answered", ""
		if _, rest, noted := strings.Cut(source, "; "); noted {
			why = " (" + rest + ")"
			if !strings.HasSuffix(rest, ByDefaultOnly) {
				answer = "no answer counts"
			}
		}
		return answer + " and the visitor's country is not known, so it is asked first" + why
	}
	switch {
	case s.Basis == ByDefault:
		return "nobody has answered, and " + source + " denies it by default"
	case s.Basis == ByPolicy && strings.HasPrefix(source, "nothing "):
		return source
	}
	if _, rest, noted := strings.Cut(source, "; "); noted && !strings.HasSuffix(rest, ByDefaultOnly) {
		return "no answer counts, and " + asksFirst(source)
	}
	return "nobody has answered, and " + asksFirst(source)
}

// grant says why a purpose is granted.
func grant(basis, source string) string {
	switch basis {
	case ByChoice:
		return "granted by " + source
	case ByDefault:
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
func (r *Record) faulty(reason Reason) string {
	kind := AsideUnreadable
	if reason == SignalExpired {
		kind = AsideExpired
	}
	s := r.setAside(kind) // ReasonFor found it
	return s.Name + " is " + r.AsideOf(s)
}

// ReasonFor returns why a purpose is not granted.
func (r *Record) ReasonFor(s *State) Reason {
	switch {
	case s.Cause.Kind == OnSuppression, strings.HasPrefix(s.Source, SuppressionSource):
		return Suppressed
	case s.Cause.Kind == OnWithdrawal, strings.HasPrefix(s.Source, WithdrawalSource):
		return Withdrawn
	case s.Basis == ByChoice:
		return PurposeDenied
	case s.Basis == BySignal:
		return r.optOutReason(s)
	case s.Basis == ByDefault:
		return NoChoice
	}
	switch {
	case r.setAside(AsideUnreadable) != nil:
		return SignalInvalid
	case r.setAside(AsideExpired) != nil:
		return SignalExpired
	case r.Rule == UnknownRegion:
		return RegionUnknown
	}
	return NoChoice
}

// optOutReason tells the opt-out signals apart by the family of the one that the state cites.
func (r *Record) optOutReason(s *State) Reason {
	if s.Cause.Kind == BySaying {
		if sig := r.signal(&s.Cause.Signal); sig != nil {
			return sig.optOutReason()
		}
		return PurposeDenied
	}
	for i := range r.Signals { // of an older version, which has words only
		if sig := &r.Signals[i]; strings.HasPrefix(s.Source, sig.Name) {
			if why := sig.optOutReason(); why != PurposeDenied {
				return why
			}
		}
	}
	return PurposeDenied
}

func (s *Signal) optOutReason() Reason {
	switch s.Source {
	case FromGPC:
		return OptedOutGPC
	case FromUSP:
		return OptedOutUSP
	case FromGPP:
		return OptedOutGPP
	}
	return PurposeDenied
}
