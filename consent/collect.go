package consent

import (
	"hash/maphash"
	"strings"

	"headgate/consent/iab"
	"headgate/event"
)

// format is one kind of signal: how it is called and read. A format without read is a companion, which another one asks
// for by name.
type format struct {
	source string
	family string
	optOut bool // it can only deny
	read   func(r *reader, s reading)
}

type prefixed struct {
	prefix string
	format *format
}

// input is one raw signal as it came.
type input struct {
	format      *format
	name, value string
}

// inputs are all that a conclusion depends on beside the policy and the time. An ordinary event's fit into the struct
// itself, which stays on the stack.
type inputs struct {
	room            [16]input
	used            int
	more            []input // all of them, once they do not fit
	country, region string
	crowded         bool // more signals than any browser sends
	foreign         bool // sent by a page of another site
}

const maxInputs = 64

func (in *inputs) all() []input {
	if in.more != nil {
		return in.more
	}
	return in.room[:in.used]
}

// maxValue bounds what is decoded of one signal.
const maxValue = iab.MaxLength

func (in *inputs) add(f *format, name, value string) {
	switch {
	case in.more == nil && in.used < len(in.room):
		in.room[in.used] = input{f, name, value}
		in.used++
	case len(in.more) >= maxInputs:
		in.crowded = true
	default:
		if in.more == nil {
			in.more = append(make([]input, 0, maxInputs), in.room[:]...)
		}
		in.more = append(in.more, input{f, name, value})
	}
}

// value returns what came under a name, "" when nothing did.
func (in *inputs) value(name string) string {
	value, _ := in.Cookie(name)
	return value
}

// Cookie returns what came under a name; ok is false when nothing did.
func (in *inputs) Cookie(name string) (value string, ok bool) {
	for _, one := range in.all() {
		if one.name == name {
			return one.value, true
		}
	}
	return "", false
}

// sum hashes the inputs; the names are left to the exact comparison.
func (in *inputs) sum(seed maphash.Seed) uint64 {
	sum := maphash.String(seed, in.country) ^ 3*maphash.String(seed, in.region)
	all := in.all()
	for i := range all {
		sum = sum*31 + maphash.String(seed, all[i].value)
	}
	return sum
}

// clone copies the inputs with their texts, so that a conclusion that is kept does not keep the whole request.
func (in *inputs) clone() inputs {
	all := in.all()
	size := len(in.country) + len(in.region)
	for i := range all {
		size += len(all[i].name) + len(all[i].value)
	}
	var text strings.Builder
	text.Grow(size)
	copied := func(s string) string {
		at := text.Len()
		text.WriteString(s)
		return text.String()[at:]
	}
	out := inputs{more: make([]input, len(all)), country: copied(in.country), region: copied(in.region),
		crowded: in.crowded, foreign: in.foreign}
	for i, one := range all {
		out.more[i] = input{one.format, copied(one.name), copied(one.value)}
	}
	return out
}

// collect gathers the signals of a hit and of an event: the page's statement, headers, cookies, and parameters of the
// query or of the event. It is run for every event and allocates nothing for an ordinary one.
func (p *Policy) collect(in *inputs, h *event.Hit, e *event.Event) {
	for i := range e.Consent {
		in.add(&pageFormat, e.Consent[i].Key, statedText(e.Consent[i].Value))
	}
	for i := range h.Headers {
		switch h.Headers[i].Name {
		case "sec-gpc":
			in.add(&gpcFormat, gpcName, h.Headers[i].Value)
		case "dnt":
			in.add(&dntFormat, "DNT", h.Headers[i].Value)
		}
	}
	p.collectCookies(in, h.Cookie)
	if !p.collectParams(in, e.Params) {
		collectQuery(in, h.Query)
	}
}

func (p *Policy) collectCookies(in *inputs, header string) {
	for header != "" {
		var pair string
		if i := strings.IndexByte(header, ';'); i >= 0 {
			pair, header = header[:i], header[i+1:]
		} else {
			pair, header = header, ""
		}
		for pair != "" && pair[0] == ' ' {
			pair = pair[1:]
		}
		eq := strings.IndexByte(pair, '=')
		if eq <= 0 {
			continue
		}
		if f := p.cookie(pair[:eq]); f != nil {
			if value := strings.TrimSpace(pair[eq+1:]); !absent(value) {
				in.add(f, pair[:eq], value)
			}
		}
	}
}

func (p *Policy) cookie(name string) *format {
	if p.mayBe.name(name) {
		if f := p.cookies[name]; f != nil {
			return f
		}
	}
	if p.mayBe.prefix(name) {
		for i := range p.prefixes {
			if strings.HasPrefix(name, p.prefixes[i].prefix) {
				return p.prefixes[i].format
			}
		}
	}
	return nil
}

// parameter returns how a parameter of a query or of an event is read, nil when it is no signal.
func parameter(name string) *format {
	switch name {
	case "gcs":
		return &gcsFormat
	case "gcd":
		return &gcdFormat
	case "npa":
		return &npaFormat
	case "pscdl":
		return &pscdlFormat
	case "dma_cps":
		return &dmaFormat
	case "addtl_consent":
		return &acFormat
	case "gcu", "dma", "gdpr", "gpp_sid":
		return &companion
	case "gdpr_consent":
		return &tcfFormat
	case "us_privacy":
		return &uspFormat
	case "gpp":
		return &gppFormat
	case "_c":
		return compactFormat
	}
	return nil
}

// companion is what other signals ask for by name.
var companion = format{}

// collectParams gathers what a source kept of a hit with the event. It reports whether that holds the hit's query too.
func (p *Policy) collectParams(in *inputs, m event.Map) (whole bool) {
	for i := range m {
		block := p.block(m[i].Key)
		if block == nil {
			collectParam(in, m[i].Key, m[i].Value)
			continue
		}
		content := m[i].Value.Object()
		if block.Query {
			for k := range content {
				collectParam(in, content[k].Key, content[k].Value)
			}
			whole = true
		}
		collectCategories(in, block, content)
	}
	return whole
}

// block returns the description of a param that is a protocol's own, nil for all others.
func (p *Policy) block(param string) *event.Block {
	for i := range p.Blocks {
		if p.Blocks[i].Param == param {
			return &p.Blocks[i]
		}
	}
	return nil
}

func collectParam(in *inputs, key string, v event.Value) {
	if key == "consent" {
		collectStated(in, v.Object())
		return
	}
	if f := parameter(key); f != nil {
		if text := v.Text(); !absent(text) {
			in.add(f, key, text)
		}
	}
}

// collectStated gathers what the page states in words that are no purposes: categories for a map of the site's.
func collectStated(in *inputs, m event.Map) {
	for i := range m {
		in.add(&pageFormat, m[i].Key, statedText(m[i].Value))
	}
}

// statedText is a statement as it stands in records. An object, a list and null state nothing that can be understood.
func statedText(v event.Value) string {
	switch v.Kind() {
	case event.Object:
		return "{}"
	case event.List:
		return "[]"
	case event.Null:
		return "null"
	}
	return v.Text()
}

// collectCategories gathers what the page states in a block of the protocol's own.
func collectCategories(in *inputs, block *event.Block, content event.Map) {
	if block.Categories != "" {
		collectStated(in, content.At(block.Categories).Object())
	}
	for _, id := range listAt(content, block.Denied) {
		in.add(&pageFormat, id.Text(), "false")
	}
	for _, id := range listAt(content, block.Allowed) {
		in.add(&pageFormat, id.Text(), "true")
	}
}

func listAt(m event.Map, path string) []event.Value {
	if path == "" {
		return nil
	}
	return m.At(path).List()
}

func collectQuery(in *inputs, query string) {
	for query != "" {
		var pair string
		if i := strings.IndexByte(query, '&'); i >= 0 {
			pair, query = query[:i], query[i+1:]
		} else {
			pair, query = query, ""
		}
		name, value, _ := strings.Cut(pair, "=")
		if f := parameter(name); f != nil {
			if v := event.UnescapePercent(value); !absent(v) && !in.holds(name, v) {
				in.add(f, name, v)
			}
		}
	}
}

// holds reports whether a signal is there already: sources keep the parameters of a query with the event.
func (in *inputs) holds(name, value string) bool {
	for _, one := range in.all() {
		if one.name == name && one.value == value {
			return true
		}
	}
	return false
}

// absent reports whether a parameter or cookie says nothing: empty, or a macro that nobody filled in, such as ${GDPR_CONSENT_755}.
func absent(value string) bool { return value == "" || strings.HasPrefix(value, "${") }
