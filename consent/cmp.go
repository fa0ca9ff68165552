package consent

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
)

// categoryMap is what a site's own categories, services or vendors mean.
type categoryMap map[string]set

// tool is a consent management platform whose cookie can be read.
type tool struct {
	name     string
	cookies  []string // exact names
	prefixes []string
	beside   []string // cookies that read looks at too
	read     func(c *claims, name, value string)
}

// tools are the consent tools, one file per family of formats.
var tools = slices.Concat(listTools, boolTools, bannerTools, serviceTools, platformTools, opaqueTools)

// claims is what a consent tool's cookie says, in the tool's own words.
type claims struct {
	in     *inputs
	tool   string // whose cookie it is, where the name alone does not tell
	list   []claim
	preset bool      // nobody has answered yet
	when   time.Time // when somebody did
	place  string    // where the tool believes the visitor to be
	fault  string    // why it cannot be read, or not all of it: then only what it refuses counts
	says   string    // for a person
	silent string    // why it says nothing, although it can be read
	usp    string    // a US Privacy string inside
	tc     string    // a TC string inside
	rest   bool      // what is not claimed was refused
}

// claim is one category, service or vendor.
type claim struct {
	id       string // as the tool calls it: C0004
	category string // what that usually means: marketing; "" when only the site knows
	granted  bool
}

func (c *claims) add(id, category string, granted bool) {
	c.list = append(c.list, claim{id, category, granted})
}

// compileCMPs reads the site's own maps and cookie names.
func (p *Policy) compileCMPs(sites document.Ordered[CMP], ms *document.Mistakes) {
	p.maps = map[string]categoryMap{}
	p.cookies = map[string]*format{
		"euconsent-v2": &tcfFormat, "eupubconsent-v2": &tcfFormat,
		"addtl_consent": &acFormat, "OTAdditionalConsentString": &acFormat,
		"usprivacy": &uspFormat, "us_privacy": &uspFormat,
		"IABGPP_HDR_GppString": &gppFormat, "IABGPP_GppSID": &companion,
		"_c": &compactFormat,
	}
	known := []string{familyEvent, compactFormat.source}
	for i := range tools {
		t := &tools[i]
		known = append(known, t.name)
		f := t.format()
		for _, name := range t.cookies {
			p.cookies[name] = f
		}
		for _, name := range t.beside {
			p.cookies[name] = &companion
		}
		for _, prefix := range t.prefixes {
			p.prefixes = append(p.prefixes, prefixed{prefix, f})
		}
		if site, ok := sites.Get(t.name); ok && site.Cookie.Value != "" {
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
		if !slices.Contains(known, e.Key) && !forwarded[e.Key] {
			ms.Add(e.At, fmt.Sprintf("no consent tool is called %q", e.Key), suggestion(e.Key, known))
			continue
		}
		own := categoryMap{}
		for _, m := range e.Value.Map {
			for _, w := range m.Value {
				if i := p.index(w.Value); i >= 0 {
					own[m.Key] |= 1 << i
				} else {
					ms.Add(w.At, fmt.Sprintf("no purpose is called %q", w.Value), document.DidYouMean(w.Value, p.Purposes()))
				}
			}
		}
		p.maps[e.Key] = own
	}
}

// format returns how the tool's cookie becomes a reading.
func (t *tool) format() *format {
	return &format{source: t.name, family: familyCMP, read: func(r *reader, s reading) {
		c := claims{in: r.in}
		t.read(&c, s.name, s.value)
		r.claims(s, &c)
	}}
}

// claims turns the words of a consent tool into purposes.
func (r *reader) claims(s reading, c *claims) {
	s.when, s.place, s.says = c.when, c.place, c.says
	s.source = cmp.Or(c.tool, s.source)
	if c.silent != "" {
		s.aside = "says nothing by itself: " + c.silent
		r.add(s)
		return
	}
	if c.fault != "" {
		s.doubt("unreadable: " + c.fault)
	}
	if c.preset {
		s.presets = ^set(0)
		s.says = joined(s.says, "not answered yet")
	}
	sale := s
	r.claimed(&s, &sale, c)
	if sale.optOut {
		sale.says = joined(sale.says, saleOptOut)
		r.add(sale)
	}
	if !sale.optOut || s.granted|s.denied != 0 {
		r.add(s)
	}
	if c.tc != "" {
		r.tcString(reading{source: familyTCF, family: familyTCF, name: s.name, value: c.tc, fault: s.fault}, c.tc)
	}
	if c.usp != "" {
		readUSP(r, reading{source: familyUSP, family: familyUSP, name: s.name, value: c.usp, fault: s.fault})
	}
}

// saleOptOut is what a reading says that refuses the sale or sharing of data: the same statement as a US Privacy string
// of 1YYN, so that it refuses the same.
const saleOptOut = "the sale or sharing of data is opted out of"

// claimed gives each claim to the reading of answers, or to the one of the opt-out from the sale of data.
func (r *reader) claimed(s, sale *reading, c *claims) {
	own := r.policy.maps[s.source]
	var unmapped []string
	for _, one := range c.list {
		tail := "=0"
		if one.granted {
			tail = "=1"
		}
		if t := googleTypeOf(one.category); t != 0 && own[one.id] == 0 {
			s.setType(r.policy, t, one.granted, one.id, tail)
			continue
		}
		purposes := r.policy.purposesOf(own, one.id, one.category)
		if purposes == 0 && len(unmapped) < 12 {
			unmapped = append(unmapped, one.id)
		}
		if purposes == 1<<sharing && !one.granted {
			sale.optOut = true
			sale.set(r.policy.optOuts(), false, one.id, tail)
			continue
		}
		s.set(purposes, one.granted, one.id, tail)
	}
	if c.rest && len(unmapped) == 0 {
		s.set((1<<len(builtInPurposes)-1)&^(1<<necessary|1<<sharing|s.granted|s.denied), false, "not among what was accepted", "")
	}
	if len(unmapped) > 0 {
		s.says = joined(s.says, "no purpose is mapped to "+strings.Join(unmapped, ", "))
	}
}

// parseJSON reads JSON; what is none is null.
func parseJSON(s string) event.Value {
	v, err := event.ParseJSON([]byte(s))
	if err != nil {
		return event.Value{}
	}
	return v
}

// object reads a cookie that holds a JSON object, and notes the fault when it does not. Of one that was cut off or is damaged
// it returns what is before that.
func (c *claims) object(value string) event.Map { return c.objectOf(plain(value)) }

func (c *claims) objectOf(text string) event.Map {
	v := parseJSON(text)
	if v.Kind() != event.Object {
		c.fault = "no JSON object"
		v = parseJSON(wholeJSON(text))
	}
	return v.Object()
}

// wholeJSON returns what a JSON text holds before it is cut off or damaged, closed so that it is JSON again.
func wholeJSON(text string) string {
	const mostDepth = 32
	d := json.NewDecoder(strings.NewReader(text))
	var open, closing []byte // the brackets that are open, and those that close what is whole
	end, key := 0, false
	for {
		token, err := d.Token()
		if err != nil || len(open) > mostDepth {
			slices.Reverse(closing)
			return text[:end] + string(closing)
		}
		if key && token != json.Delim('}') {
			key = false // the value follows
			continue
		}
		switch token {
		case json.Delim('{'):
			open = append(open, '}')
		case json.Delim('['):
			open = append(open, ']')
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		key = len(open) > 0 && open[len(open)-1] == '}'
		end, closing = int(d.InputOffset()), append(closing[:0], open...)
	}
}

// answered reads when somebody answered: a time as text, or unix seconds or milliseconds.
func answered(v event.Value) time.Time {
	if v.Kind() == event.Text {
		if n, ok := event.NumberText(v.Text()); ok {
			v = n
		}
	}
	t, ok := event.ParseTime(v)
	if !ok {
		return time.Time{}
	}
	return t
}
