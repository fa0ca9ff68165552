package consent

import (
	"fmt"
	"slices"
	"strings"

	"headgate/consent/cmp"
	"headgate/consent/google"
	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
)

// compactFormat is the value that a snippet on the page sends for a consent tool, as `_c` in a cookie or a parameter.
var compactFormat = formatOf(&cmp.Compact)

// categoryMap is what a site's own categories, services or vendors mean.
type categoryMap map[string]set

// compileCMPs reads the site's own maps and cookie names.
func (p *Policy) compileCMPs(sites document.Ordered[CMP], ms *document.Mistakes) {
	p.maps = map[string]categoryMap{}
	p.cookies = map[string]*format{
		"euconsent-v2": &tcfFormat, "eupubconsent-v2": &tcfFormat,
		"addtl_consent": &acFormat, "OTAdditionalConsentString": &acFormat,
		"usprivacy": &uspFormat, "us_privacy": &uspFormat,
		"IABGPP_HDR_GppString": &gppFormat, "IABGPP_GppSID": &companion,
		"_c": compactFormat,
	}
	known := []string{familyEvent, compactFormat.source}
	for i := range cmp.Tools {
		t := &cmp.Tools[i]
		known = append(known, t.Name)
		f := formatOf(t)
		for _, name := range t.Cookies {
			p.cookies[name] = f
		}
		for _, name := range t.Beside {
			p.cookies[name] = &companion
		}
		for _, prefix := range t.Prefixes {
			p.prefixes = append(p.prefixes, prefixed{prefix, f})
		}
		if site, ok := sites.Get(t.Name); ok && site.Cookie.Value != "" {
			p.cookies[site.Cookie.Value] = f
		}
	}
	for name := range p.cookies {
		p.mayBe.addName(name)
	}
	for _, one := range p.prefixes {
		p.mayBe.addPrefix(one.prefix)
	}
	for _, e := range sites {
		if !slices.Contains(known, e.Key) && !cmp.Forwarded(e.Key) {
			ms.Add(e.At, fmt.Sprintf("no consent tool is called %q", e.Key), document.Suggestion(e.Key, known))
			continue
		}
		own := categoryMap{}
		for _, m := range e.Value.Map {
			for _, w := range m.Value {
				if i := p.index(w.Value); i >= 0 {
					own[m.Key] |= 1 << i
				} else {
					ms.Add(w.At, fmt.Sprintf("no purpose is called %q", w.Value), p.suggest(w.Value))
				}
			}
		}
		p.maps[e.Key] = own
	}
}

// formatOf returns how a tool's cookie becomes a reading.
func formatOf(t *cmp.Tool) *format {
	return &format{source: t.Name, family: familyCMP, read: func(r *reader, s reading) {
		a := t.Read(s.name, s.value, r.in)
		r.answer(s, &a)
	}}
}

// answer turns the words of a consent tool into purposes.
func (r *reader) answer(s reading, a *cmp.Answer) {
	s.source, s.when, s.place, s.says = a.Tool, a.When, a.Place, a.Says
	if a.Silent != "" {
		s.aside = saysNothing + " by itself: " + a.Silent
		r.add(s)
		return
	}
	if a.Fault != "" {
		s.doubt(event.Unreadable + ": " + a.Fault)
	}
	if a.Preset {
		s.presets = ^set(0)
		s.says = joined(s.says, "not answered yet")
	}
	sale := s
	r.claimed(&s, &sale, a)
	if sale.optOut {
		sale.says = joined(sale.says, saleOptOut)
		r.add(sale)
	}
	if !sale.optOut || s.granted|s.denied != 0 {
		r.add(s)
	}
	if a.TC != "" {
		r.tcString(reading{source: familyTCF, family: familyTCF, name: s.name, value: a.TC, fault: s.fault}, a.TC)
	}
	if a.USP != "" {
		readUSP(r, reading{source: familyUSP, family: familyUSP, name: s.name, value: a.USP, fault: s.fault})
	}
}

// saleOptOut is what a reading says that refuses the sale or sharing of data: the same statement as a US Privacy string
// of 1YYN, so that it refuses the same.
const saleOptOut = "the sale or sharing of data is opted out of"

// claimed gives each claim to the reading of answers, or to the one of the opt-out from the sale of data.
func (r *reader) claimed(s, sale *reading, a *cmp.Answer) {
	own := r.policy.maps[s.source]
	var unmapped []string
	for _, one := range a.Claims {
		tail := "=0"
		if one.Granted {
			tail = "=1"
		}
		if t := google.TypeOf(one.Category); t != 0 && own[one.ID] == 0 {
			s.setType(r.policy, t, one.Granted, one.ID, tail)
			continue
		}
		purposes := r.policy.purposesOf(own, one.ID, one.Category)
		if purposes == 0 && len(unmapped) < 12 {
			unmapped = append(unmapped, one.ID)
		}
		if purposes == 1<<sharing && !one.Granted {
			sale.optOut = true
			sale.set(r.policy.optOuts(), false, one.ID, tail)
			continue
		}
		s.set(purposes, one.Granted, one.ID, tail)
	}
	if a.Rest && len(unmapped) == 0 {
		s.set((1<<len(builtInPurposes)-1)&^(1<<necessary|1<<sharing|s.granted|s.denied), false, "not among what was accepted", "")
	}
	if len(unmapped) > 0 {
		s.says = joined(s.says, "no purpose is mapped to "+strings.Join(unmapped, ", "))
	}
}

// UnreadCookies calls found with the name of each cookie of a header that looks like the answer of a consent tool and that is
// not read: a tool that is not known, or one whose cookie the site has given a name of its own. Names are shown as the
// site chose them; what looks like the id of a visitor in one is replaced by *.
func (p *Policy) UnreadCookies(header string, found func(name string)) {
	for header != "" {
		var name string
		var ok bool
		if name, _, header, ok = wire.CutCookie(header); ok && cmp.LooksLikeConsent(name) && p.cookie(name) == nil {
			found(cmp.WithoutIDs(name))
		}
	}
}

// sieve rules out most names at the cost of a few bytes looked at: a header has dozens of cookies that are no signals.
type sieve struct {
	names    [1024]bool
	prefixes [256]bool
}

func (s *sieve) addName(name string) { s.names[nameSum(name)] = true }

func (s *sieve) addPrefix(prefix string) { s.prefixes[prefixByte(prefix)] = true }

func (s *sieve) name(name string) bool { return s.names[nameSum(name)] }

func (s *sieve) prefix(name string) bool { return len(name) > 2 && s.prefixes[prefixByte(name)] }

// nameSum mixes the length and three bytes of a name, which is never empty.
func nameSum(name string) uint {
	return (uint(name[0])*31 + uint(name[len(name)/2])*7 + uint(name[len(name)-1])*3 + uint(len(name))*131) % 1024
}

func prefixByte(name string) byte { return name[0]*31 + name[1]*7 + name[2] }

type prefixed struct {
	prefix string
	format *format
}
