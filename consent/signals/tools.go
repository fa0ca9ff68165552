package signals

import (
	"strings"

	"headgate/consent/cmp"
	"headgate/consent/google"
	"headgate/event"
)

// compactFormat is the value that a snippet on the page sends for a consent tool, as `_c` in a cookie or a parameter.
var compactFormat = formatOf(&cmp.Compact)

// formatOf returns how a tool's cookie becomes a reading.
func formatOf(t *cmp.Tool) *Format {
	return &Format{source: t.Name, family: FamilyCMP, read: func(r *reader, s Reading) {
		a := t.Read(s.Name, s.Value, r.in)
		r.answer(s, &a)
	}}
}

// answer turns the words of a consent tool into purposes.
func (r *reader) answer(s Reading, a *cmp.Answer) {
	s.Source, s.When, s.Place, s.says = a.Tool, a.When, a.Place, a.Says
	if a.Silent != "" {
		s.Aside = event.Aside{Kind: event.AsideSilent, Part: a.Silent}
		r.add(s)
		return
	}
	if a.Fault != "" {
		s.Doubt(event.AsideUnreadable, a.Fault)
	}
	if a.Preset {
		s.Presets = ^PurposeSet(0)
		s.says = joined(s.says, "not answered yet")
	}
	sale := s
	r.claimed(&s, &sale, a)
	if sale.OptOut {
		sale.says = joined(sale.says, saleOptOut)
		r.add(sale)
	}
	if !sale.OptOut || s.Granted|s.Denied != 0 {
		r.add(s)
	}
	if a.TC != "" {
		r.tcString(Reading{Source: FamilyTCF, Family: FamilyTCF, Name: s.Name, Value: a.TC, Fault: s.Fault}, a.TC)
	}
	if a.USP != "" {
		readUSP(r, Reading{Source: FamilyUSP, Family: FamilyUSP, Name: s.Name, Value: a.USP, Fault: s.Fault})
	}
}

// saleOptOut is what a reading says that refuses the sale or sharing of data: the same statement as a US Privacy string
// of 1YYN, so that it refuses the same.
const saleOptOut = "the sale or sharing of data is opted out of"

// claimed gives each claim to the reading of answers, or to the one of the opt-out from the sale of data.
func (r *reader) claimed(s, sale *Reading, a *cmp.Answer) {
	own := r.words.Maps[s.Source]
	var unmapped []string
	for _, one := range a.Claims {
		tail := "=0"
		if one.Granted {
			tail = "=1"
		}
		if t := google.TypeOf(one.Category); t != 0 && own[one.ID] == 0 {
			s.setType(r.words, t, one.Granted, one.ID, tail)
			continue
		}
		purposes := r.words.purposesOf(own, one.ID, one.Category)
		if purposes == 0 && len(unmapped) < 12 {
			unmapped = append(unmapped, one.ID)
		}
		if purposes == 1<<AtSharing && !one.Granted {
			sale.OptOut = true
			sale.set(r.words.OptOuts(), false, one.ID, tail)
			continue
		}
		s.set(purposes, one.Granted, one.ID, tail)
	}
	if a.Rest && len(unmapped) == 0 {
		s.set((1<<len(BuiltInPurposes)-1)&^(1<<AtNecessary|1<<AtSharing|s.Granted|s.Denied), false, "not among what was accepted", "")
	}
	if len(unmapped) > 0 {
		s.says = joined(s.says, "no purpose is mapped to "+strings.Join(unmapped, ", "))
	}
}
