package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"headgate/event"
)

// reading is one signal that was seen, decoded. Purposes in neither granted nor denied were not mentioned.
type reading struct {
	source string // onetrust, tcf, gpc, ...: as it stands in records
	family string // what `sources` lists it as
	name   string // the cookie, parameter or header
	value  string
	when   time.Time // when the person answered, zero when the signal does not say

	granted, denied set
	presets         set  // of those, what nobody has answered yet: the consent tool's or the tag's own default
	optOut          bool // it can only deny, and only where the region honours its family
	details         []detail

	says  string // for a person, when the purposes do not say it all
	aside string // why it is not used
	place string // where the consent tool believes the visitor to be: DE, US-CA
	tc    *tcString
}

// detail is the part of a signal that speaks of some purposes: "C0004=0".
type detail struct {
	purposes set
	yes      bool
	text     string
}

func (r *reading) set(purposes set, yes bool, text string) {
	if purposes == 0 {
		return
	}
	if yes {
		r.granted |= purposes &^ r.denied
	} else {
		r.denied |= purposes
		r.granted &^= purposes
	}
	r.details = append(r.details, detail{purposes, yes, text})
}

// cited names the signal and the part of it that speaks of a purpose: "OptanonConsent (C0004=0), answered 2026-11-02".
func (r *reading) cited(i int, yes bool) string {
	s := r.name
	for _, d := range r.details {
		if d.purposes.has(i) && d.yes == yes && d.text != "" {
			s += " (" + d.text + ")"
			break
		}
	}
	if !r.when.IsZero() {
		s += ", answered " + r.when.UTC().Format(time.DateOnly)
	}
	return s
}

// cited names the signal and the part of it that a conclusion rests on.
func (c *conclusion) cited(r *reading, i int, yes bool) string {
	if r.tc == nil {
		return r.cited(i, yes)
	}
	name, consents := r.name, r.tc.consents
	if c.publisher && r.tc.publisher.present {
		name, consents = name+", the publisher's part", r.tc.publisher.consents
	}
	return name + " (" + c.policy.tcfDetail(i, r.tc, consents) + "), answered " + r.when.UTC().Format(time.DateOnly)
}

// signal returns the reading as it stands in a record.
func (r *reading) signal(p *Policy) event.Signal {
	return event.Signal{Source: r.source, Name: r.name, Value: shown(r.value), Says: r.said(p), Aside: r.aside, When: r.when}
}

// shown returns a value as it may stand in a record: long ones by their hash.
func shown(value string) string {
	if len(value) <= 64 {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (r *reading) said(p *Policy) string {
	var parts []string
	for _, one := range []struct {
		purposes set
		verb     string
	}{{r.denied &^ r.presets, " denied"}, {r.denied & r.presets, " denied by default"},
		{r.granted &^ r.presets, " granted"}, {r.granted & r.presets, " granted by default"}} {
		if s := p.names(one.purposes); s != "" {
			parts = append(parts, s+one.verb)
		}
	}
	s := strings.Join(parts, ", ")
	if r.says != "" && s != "" {
		return s + " (" + r.says + ")"
	}
	return s + r.says
}

func (p *Policy) names(s set) string {
	var names []string
	for i := range p.purposes {
		if s.has(i) {
			names = append(names, p.purposes[i].name)
		}
	}
	return strings.Join(names, " and ")
}

// reader decodes the inputs of one event into readings.
type reader struct {
	policy   *Policy
	in       *inputs
	readings []reading
}

func (r *reader) add(s reading) { r.readings = append(r.readings, s) }

// unreadable notes a signal that was there but says nothing that can be relied on.
func (r *reader) unreadable(s reading, why string) {
	s.granted, s.denied, s.aside = 0, 0, "unreadable: "+why
	r.add(s)
}
