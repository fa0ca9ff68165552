package signals

import (
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// Collect gathers the signals of a hit and of an event: the page's statement, headers, cookies, and parameters of the
// query or of the event; blocks describe the params that are protocols' own. It is run for every event and allocates
// nothing for an ordinary one.
func (v *Vocabulary) Collect(in *Inputs, h *event.Hit, e *event.Event, blocks []event.Block) {
	for i := range e.Consent {
		in.Add(&pageFormat, e.Consent[i].Key, statedText(e.Consent[i].Value))
	}
	for i := range h.Headers {
		switch h.Headers[i].Name {
		case "sec-gpc":
			in.Add(&gpcFormat, gpcName, h.Headers[i].Value)
		case "dnt":
			in.Add(&dntFormat, "DNT", h.Headers[i].Value)
		}
	}
	v.CollectCookies(in, h.Cookie)
	if !collectParams(in, e.Params, blocks) {
		collectQuery(in, h.Query)
	}
}

// CollectCookies gathers the signals in a Cookie header.
func (v *Vocabulary) CollectCookies(in *Inputs, header string) {
	for header != "" {
		var name, value string
		var ok bool
		if name, value, header, ok = wire.CutCookie(header); !ok || name == "" {
			continue
		}
		if f := v.Cookie(name); f != nil {
			if value = strings.TrimSpace(value); !absent(value) {
				in.Add(f, name, value)
			}
		}
	}
}

// Parameter returns how a parameter of a query or of an event is read, nil when it is no signal.
func Parameter(name string) *Format {
	switch name {
	case "gpc": // navigator.globalPrivacyControl of a page, where no header says it
		return &gpcFormat
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
func collectParams(in *Inputs, m event.Map, blocks []event.Block) (whole bool) {
	for i := range m {
		block := blockOf(m[i].Key, blocks)
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

// blockOf returns the description of a param that is a protocol's own, nil for all others.
func blockOf(param string, blocks []event.Block) *event.Block {
	for i := range blocks {
		if blocks[i].Param == param {
			return &blocks[i]
		}
	}
	return nil
}

func collectParam(in *Inputs, key string, v event.Value) {
	if key == "consent" {
		collectStated(in, v.Object())
		return
	}
	if f := Parameter(key); f != nil {
		if text := v.Text(); !absent(text) {
			in.Add(f, key, text)
		}
	}
}

// collectStated gathers what the page states in words that are no purposes: categories for a map of the site's.
func collectStated(in *Inputs, m event.Map) {
	for i := range m {
		in.Add(&pageFormat, m[i].Key, statedText(m[i].Value))
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
func collectCategories(in *Inputs, block *event.Block, content event.Map) {
	if block.Categories != "" {
		collectStated(in, content.At(block.Categories).Object())
	}
	for _, id := range listAt(content, block.Denied) {
		in.Add(&pageFormat, id.Text(), "false")
	}
	for _, id := range listAt(content, block.Allowed) {
		in.Add(&pageFormat, id.Text(), "true")
	}
}

func listAt(m event.Map, path string) []event.Value {
	if path == "" {
		return nil
	}
	return m.At(path).List()
}

func collectQuery(in *Inputs, query string) {
	for query != "" {
		var name, value string
		_, name, value, query = wire.CutPair(query)
		if f := Parameter(name); f != nil {
			if v := wire.UnescapePercent(value); !absent(v) && !in.holds(name, v) {
				in.Add(f, name, v)
			}
		}
	}
}
