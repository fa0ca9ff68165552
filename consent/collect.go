package consent

import (
	"hash/maphash"
	"strings"

	"headgate/event"
)

// format is one kind of signal: how it is called and read. A format without read is a companion, which another one asks
// for by name.
type format struct {
	source string
	family string
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

// inputs are all that a conclusion depends on beside the policy and the time.
type inputs struct {
	list            []input
	country, region string
	crowded         bool // more signals than any browser sends
}

const maxInputs = 64

// maxValue bounds what is decoded of one signal; TC strings with many vendors are the longest.
const maxValue = 16 << 10

func (in *inputs) add(f *format, name, value string) {
	if len(in.list) >= maxInputs {
		in.crowded = true
		return
	}
	in.list = append(in.list, input{f, name, value})
}

// value returns what came under a name, "" when nothing did.
func (in *inputs) value(name string) string {
	for i := range in.list {
		if in.list[i].name == name {
			return in.list[i].value
		}
	}
	return ""
}

// sum hashes the inputs.
func (in *inputs) sum(seed maphash.Seed) uint64 {
	sum := maphash.String(seed, in.country) ^ 3*maphash.String(seed, in.region)
	for i := range in.list {
		sum = sum*31 + maphash.String(seed, in.list[i].name)
		sum = sum*31 + maphash.String(seed, in.list[i].value)
	}
	return sum
}

// clone copies the inputs with their texts, so that a conclusion that is kept does not keep the whole request.
func (in *inputs) clone() *inputs {
	out := &inputs{list: make([]input, len(in.list)), crowded: in.crowded,
		country: strings.Clone(in.country), region: strings.Clone(in.region)}
	for i, one := range in.list {
		out.list[i] = input{one.format, strings.Clone(one.name), strings.Clone(one.value)}
	}
	return out
}

// collect gathers the signals of a hit and of an event: the page's statement, headers, cookies, and parameters of the
// query or of the event. It is run for every event and allocates nothing for an ordinary one.
func (p *Policy) collect(in *inputs, h *event.Hit, e *event.Event) {
	for i := range e.Consent {
		in.add(&pageFormat, e.Consent[i].Key, e.Consent[i].Value.Text())
	}
	for i := range h.Headers {
		switch h.Headers[i].Name {
		case "sec-gpc":
			in.add(&gpcFormat, "Sec-GPC", h.Headers[i].Value)
		case "dnt":
			in.add(&dntFormat, "DNT", h.Headers[i].Value)
		}
	}
	p.collectCookies(in, h.Cookie)
	wire := e.Params.Get("ga4").Object()
	collectParams(in, wire)
	if wire == nil {
		collectParams(in, e.Params)
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
			in.add(f, pair[:eq], strings.TrimSpace(pair[eq+1:]))
		}
	}
}

func (p *Policy) cookie(name string) *format {
	if f := p.cookies[name]; f != nil {
		return f
	}
	for i := range p.prefixes {
		if strings.HasPrefix(name, p.prefixes[i].prefix) {
			return p.prefixes[i].format
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
		return &compactFormat
	}
	return nil
}

// companion is what other signals ask for by name.
var companion = format{}

func collectParams(in *inputs, m event.Map) {
	for i := range m {
		if f := parameter(m[i].Key); f != nil {
			if v := m[i].Value.Text(); !absent(v) {
				in.add(f, m[i].Key, v)
			}
		}
	}
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
		if f := parameter(name); f != nil && !in.has(name) {
			if v := unescape(value); !absent(v) {
				in.add(f, name, v)
			}
		}
	}
}

func (in *inputs) has(name string) bool {
	for i := range in.list {
		if in.list[i].name == name {
			return true
		}
	}
	return false
}

// absent reports whether a parameter says nothing: empty, or a macro that nobody filled in, such as ${GDPR_CONSENT_755}.
func absent(value string) bool { return value == "" || strings.HasPrefix(value, "${") }

// unescape undoes percent-encoding and leaves "+" alone, which base64 uses. A broken escape stays as it is.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi < 16 && lo < 16 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// plain returns a cookie's value as its writer meant it: percent-decoded at most twice, without quotes around it.
func plain(value string) string {
	for range 2 {
		if strings.IndexByte(value, '%') < 0 {
			break
		}
		value = unescape(value)
	}
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	return value
}
