package layout

import (
	"math"

	"headgate/event"
	"headgate/event/wording"
)

func (r *reader) record(c *event.Record, version byte) {
	coded := version > sentences
	c.Country, c.Region, c.Rule, c.Model = r.word(), r.word(), r.word(), r.word()
	c.Monitor, c.Conflict.Words = r.bool(), r.word()
	if coded {
		c.Conflict.Purpose, c.Conflict.Granted, c.Conflict.Denied = r.byte(), r.byte(), r.byte()
	}
	c.States = make([]event.State, r.count(4))
	for i := range c.States {
		if coded {
			c.States[i] = r.state()
		} else {
			c.States[i] = event.State{Purpose: r.word(), State: r.word(), Basis: r.word(), Source: r.word()}
		}
	}
	c.Signals = make([]event.Signal, r.count(4))
	for i := range c.Signals {
		if coded {
			c.Signals[i] = r.signal(version)
		} else {
			c.Signals[i] = event.Signal{Source: r.word(), Name: r.word(), Value: r.word(), Says: r.word(), Aside: wording.ReadAside(r.word()), When: r.instant()}
		}
	}
}

func (r *reader) signal(version byte) (s event.Signal) {
	s.Source, s.Name, s.Value = r.word(), r.word(), r.text()
	marks := r.byte()
	if marks&saysOfPurposes != 0 {
		s.Granted, s.Denied, s.Preset = r.uint32(), r.uint32(), r.uint32()
	}
	for i, text := range [...]*string{&s.Part, &s.Says} {
		if marks&(hasTypes<<i) != 0 {
			*text = r.word()
		}
	}
	if marks&hasAside != 0 {
		s.Aside = r.aside(version)
	}
	if marks&hasWhen != 0 {
		s.When = r.instant()
	}
	return s
}

func (r *reader) aside(version byte) event.Aside {
	if version <= asideInWords {
		return wording.ReadAside(r.word())
	}
	why := event.Aside{Kind: event.AsideKind(r.byte()), Part: r.word()}
	if why.Kind == event.NotAside || why.Kind > event.AsideSilent {
		r.fail()
		return event.Aside{}
	}
	return why
}

func (r *reader) state() (s event.State) {
	s.Purpose = r.word()
	said := r.byte()
	c := &s.Cause
	c.Kind, c.Note = event.CauseKind(r.byte()), event.NoteKind(r.byte())
	if c.Kind > event.NothingRecorded || c.Note > event.PartOnly {
		r.fail()
		*c = event.Cause{}
	}
	s.State, s.Basis = r.numbered(stateWords[:], said>>4), r.numbered(basisWords[:], said&0x0f)
	switch c.Kind {
	case event.InWords:
		s.Source = r.word()
	case event.Always, event.ByRule, event.NothingRecorded:
	default:
		c.Signal = r.citation()
	}
	if c.Note != event.NoNote {
		c.Noted = r.citation()
	}
	return s
}

// numbered reads a word that may have a number of its own.
func (r *reader) numbered(list []string, number byte) string {
	switch {
	case number == inWords:
		return r.word()
	case int(number) < len(list):
		return list[number]
	}
	r.fail()
	return ""
}

func (r *reader) citation() (c event.Citation) {
	c.Signal = r.byte()
	marks := r.byte()
	c.Publisher, c.Refused = marks&ofPublisher != 0, marks&isRefused != 0
	if marks&hasTCF != 0 {
		c.TCF = r.uint32()
	}
	if marks&hasPart != 0 {
		c.Part, c.Tail = r.word(), r.word()
	}
	return c
}

func (r *reader) uint32() uint32 {
	x := r.uvarint()
	if x > math.MaxUint32 {
		r.fail()
		return 0
	}
	return uint32(x)
}

func (r *reader) outcome() (o event.Outcome) {
	o.Destination = r.word()
	marks := r.byte()
	o.Action, o.Own = event.Action(marks&actionMask), marks&ownRule != 0
	o.Reason = event.Reason(r.word())
	if o.Action == event.Redact {
		o.Profile = r.word()
	}
	for _, one := range [...]struct {
		mark byte
		text *string
	}{{hasText, &o.Text}, {hasBecause, &o.Because}, {hasInstead, &o.Instead}} {
		if marks&one.mark != 0 {
			*one.text = r.word()
		}
	}
	if marks&hasFlags != 0 {
		if n := r.count(2); n > 0 {
			o.Flags = make([]event.Flag, n)
		}
		for i := range o.Flags {
			o.Flags[i] = event.Flag{Purpose: r.word(), Sets: r.word()}
		}
	}
	if marks&hasCitation != 0 {
		n := r.byte()
		if int(n) > len(o.Cites) {
			r.fail()
			n = 0
		}
		for i := range n {
			o.Cites[i] = r.byte()
		}
	}
	return o
}

// outcomeWithSentence reads an outcome of the first two versions.
func (r *reader) outcomeWithSentence() (o event.Outcome) {
	o.Destination = r.word()
	if o.Action = event.Action(r.byte()); o.Action > event.Filter {
		r.bad = true
		o.Action = event.Filter
	}
	o.Reason, o.Because, o.Profile = event.Reason(r.word()), r.word(), r.word()
	return o
}
