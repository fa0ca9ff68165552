// Package signals reads what a hit says of consent: the page's statement, consent tools' cookies, TCF, GPP, US Privacy, GPC, Google's
// consent mode. Each signal becomes a Reading: what it grants and refuses by purpose, and what is wrong with it.
//
// It promises that what cannot be read grants nothing, and that the order of cookies and parameters makes no difference. It
// concludes nothing: which reading counts, where and for how long is decided by consent.
package signals

import (
	"strings"

	"headgate/consent/cmp"
	"headgate/event/wire"
)

// Vocabulary is what the words of standards, consent tools and pages mean at a site. It is safe for concurrent use once it is
// compiled.
type Vocabulary struct {
	Purposes []Purpose
	Ranks    map[string]int         // family of a signal → its place in `sources`
	Maps     map[string]CategoryMap // consent tool → the site's own map
	P1Free   map[string]bool        // publisher countries where TCF purpose 1 needs no consent

	cookies  map[string]*Format
	prefixes []prefixed
	mayBe    sieve
}

// Compile learns the cookies of the standards and of consent tools; ownCookie returns the name that a site has given a tool's
// cookie, "" for the usual. It returns the names of all tools.
func (v *Vocabulary) Compile(ownCookie func(tool string) string) (tools []string) {
	v.Maps = map[string]CategoryMap{}
	v.cookies = map[string]*Format{
		"euconsent-v2": &tcfFormat, "eupubconsent-v2": &tcfFormat,
		"addtl_consent": &acFormat, "OTAdditionalConsentString": &acFormat,
		"usprivacy": &uspFormat, "us_privacy": &uspFormat,
		"IABGPP_HDR_GppString": &gppFormat, "IABGPP_GppSID": &companion,
		"_c": compactFormat,
	}
	tools = []string{FamilyEvent, compactFormat.source}
	for i := range cmp.Tools {
		t := &cmp.Tools[i]
		tools = append(tools, t.Name)
		f := formatOf(t)
		for _, name := range t.Cookies {
			v.cookies[name] = f
		}
		for _, name := range t.Beside {
			v.cookies[name] = &companion
		}
		for _, prefix := range t.Prefixes {
			v.prefixes = append(v.prefixes, prefixed{prefix, f})
		}
		if own := ownCookie(t.Name); own != "" {
			v.cookies[own] = f
		}
	}
	for name := range v.cookies {
		v.mayBe.addName(name)
	}
	for _, one := range v.prefixes {
		v.mayBe.addPrefix(one.prefix)
	}
	return tools
}

// CategoryMap is what a site's own categories, services or vendors mean.
type CategoryMap map[string]PurposeSet

// UnreadCookies calls found with the name of each cookie of a header that looks like the answer of a consent tool and that is
// not read: a tool that is not known, or one whose cookie the site has given a name of its own. Names are shown as the
// site chose them; what looks like the id of a visitor in one is replaced by *.
func (v *Vocabulary) UnreadCookies(header string, found func(name string)) {
	for header != "" {
		var name string
		var ok bool
		if name, _, header, ok = wire.CutCookie(header); ok && cmp.LooksLikeConsent(name) && v.Cookie(name) == nil {
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
	format *Format
}

// Cookie returns how a cookie is read, nil when it is no signal.
func (v *Vocabulary) Cookie(name string) *Format {
	if v.mayBe.name(name) {
		if f := v.cookies[name]; f != nil {
			return f
		}
	}
	if v.mayBe.prefix(name) {
		for i := range v.prefixes {
			if strings.HasPrefix(name, v.prefixes[i].prefix) {
				return v.prefixes[i].format
			}
		}
	}
	return nil
}
