package consent

import (
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

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
		var name, value string
		var ok bool
		if name, value, header, ok = wire.CutCookie(header); !ok || name == "" {
			continue
		}
		if f := p.cookie(name); f != nil {
			if value = strings.TrimSpace(value); !absent(value) {
				in.add(f, name, value)
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
	for i := range p.Personal.Blocks {
		if p.Personal.Blocks[i].Param == param {
			return &p.Personal.Blocks[i]
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
		var name, value string
		_, name, value, query = wire.CutPair(query)
		if f := parameter(name); f != nil {
			if v := wire.UnescapePercent(value); !absent(v) && !in.holds(name, v) {
				in.add(f, name, v)
			}
		}
	}
}
