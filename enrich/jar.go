package enrich

import (
	"net/netip"
	"slices"
	"strings"

	"headgate/enrich/campaign"
	"headgate/enrich/cookie"
	"headgate/event"
	"headgate/event/wire"
)

// jar is what is wanted out of the cookies of one hit, read in one pass over the raw header.
type jar struct {
	marketing event.Map // for destinations
	own       string    // the value of our cookie of the client id
	clicks    string    // the value of our cookie of click ids
	client    string    // the client id of Google's cookie _ga
	session   string    // the id of the session in Google's first cookie _ga_<ID>
	sessions  int64     // its number
	address   string    // the visitor's, of Meta's cookie _fbi
}

// isMarketing reports whether a cookie is one in which the browser tags of destinations keep what their server APIs ask
// for. Their values are copied as they are.
func isMarketing(name string) bool {
	switch name {
	case "_ga", "FPID", "FPLC", "FPAU", "FPGSID", "FPGCLAW", "FPGCLDC", "FPGCLGB", "FPGCLGS", // Google
		"_fbp", "_fbc", "_fbi", // Meta
		"_ttp", "ttclid", // TikTok
		"_scid", "_sctr", // Snapchat
		"_rdt_uuid", "_rdt_cid", // Reddit
		"_pin_unauth", "_epik", // Pinterest
		"li_fat_id",                         // LinkedIn
		"_uetsid", "_uetvid", "_uetmsclkid", // Microsoft
		"twclid", "_twclid", // X
		"cto_bundle",      // Criteo
		"_kx", "__kla_id", // Klaviyo
		"hubspotutk",          // HubSpot
		"__oppref", "__obref", // OpenAI
		"crto_mapped_user_id": // Criteo
		return true
	}
	return strings.HasPrefix(name, "_ga_") || strings.HasPrefix(name, "_gcl_")
}

// openJar reads the Cookie header. A cookie that is there twice counts once: browsers send the one with the longer path
// first.
func openJar(header, own, clicks string) (j jar) {
	var name, value string
	for rest := header; rest != ""; {
		name, value, rest = cookie.Cut(rest)
		switch {
		case name == own && j.own == "":
			j.own = value
		case name == clicks && j.clicks == "":
			j.clicks = value
		case isMarketing(name):
			j.keep(name, value)
		}
	}
	return j
}

func (j *jar) keep(name, value string) {
	if _, there := j.marketing.Find(name); there || !campaign.IsPrintable(value) {
		return
	}
	switch {
	case name == "_ga":
		j.client = wire.GoogleClientID(value)
	case name == "_fbi":
		if value = metaAddress(value); value == "" {
			return
		}
		j.address = value
	case j.session == "" && strings.HasPrefix(name, "_ga_"):
		j.session, j.sessions = wire.GoogleSession(value)
	}
	if j.marketing == nil {
		j.marketing = make(event.Map, 0, 8)
	}
	j.marketing.Add(name, event.String(value))
}

// describeCookies adds the browser's marketing cookies to those that an event states, and the click ids that earlier
// visits left in them: a purchase happens on a page whose URL no longer has one.
func describeCookies(e *event.Event, cookies event.Map) {
	if len(e.Cookies) == 0 {
		e.Cookies = cookies
	} else {
		stated := e.Cookies
		e.Cookies = stated.Clone()
		for _, c := range cookies {
			if _, there := stated.Find(c.Key); !there {
				e.Cookies.Add(c.Key, c.Value)
			}
		}
	}
	for i := range e.Cookies {
		name, value := e.Cookies[i].Key, e.Cookies[i].Value.Text()
		if read, ok := clickCookies[name]; ok {
			if id := read.from(value); id != "" {
				campaign.SetClickID(e, read.clickID, id)
			}
		}
	}
}

// clickCookies are cookies that hold a click id, and how to read it out.
var clickCookies = map[string]struct {
	clickID string
	from    func(value string) string
}{
	"_gcl_aw":     {"gclid", googleClick},
	"FPGCLAW":     {"gclid", googleClick},
	"_gcl_dc":     {"dclid", googleClick},
	"FPGCLDC":     {"dclid", googleClick},
	"_gcl_gb":     {"wbraid", googleClick},
	"FPGCLGB":     {"wbraid", googleClick},
	"_gcl_ag":     {"gbraid", googleClick},
	"ttclid":      {"ttclid", wire.Unescape},
	"twclid":      {"twclid", wire.Unescape},
	"_twclid":     {"twclid", jsonClick},
	"li_fat_id":   {"li_fat_id", wire.Unescape},
	"_epik":       {"epik", wire.Unescape},
	"_rdt_cid":    {"rdt_cid", wire.Unescape},
	"_uetmsclkid": {"msclkid", microsoftClick},
}

// googleClick reads GCL.<unix s>.<id>, 1.<unix s>.<id> and, of newer builds, 2.<depth>.k<id>$i<unix s>.
func googleClick(value string) string {
	kind, rest, _ := strings.Cut(value, ".")
	depth, rest, ok := strings.Cut(rest, ".")
	if !ok || !wire.IsDigits(depth) {
		return ""
	}
	switch kind {
	case "GCL", "1":
		id, _, _ := strings.Cut(rest, ".") // labels may follow
		return id
	case "2":
		for part := range strings.SplitSeq(rest, "$") {
			if id, ok := strings.CutPrefix(part, "k"); ok {
				return wire.Unescape(id)
			}
		}
	}
	return ""
}

// microsoftClick reads _uet<id>.
func microsoftClick(value string) string {
	id, ok := strings.CutPrefix(wire.Unescape(value), "_uet")
	if !ok {
		return ""
	}
	return id
}

// jsonClick reads the member twclid of a percent-encoded JSON object, which X's tag writes, or the value as it is.
func jsonClick(value string) string {
	value = wire.Unescape(value)
	if !strings.HasPrefix(value, "{") {
		return value
	}
	object, err := event.ParseJSON([]byte(value))
	if err != nil {
		return ""
	}
	return object.Object().Text("twclid")
}

// metaAddress returns the address in the cookie _fbi, in which Meta's script keeps the visitor's: <address>[.<appendix>]. It is
// "" for what is none or not public: private addresses say nothing, and are never given away.
func metaAddress(value string) string {
	value = wire.Unescape(value)
	a, err := netip.ParseAddr(value)
	if err != nil {
		last := strings.LastIndexByte(value, '.')
		if last < 0 || len(value)-last-1 != 8 && !slices.Contains(languages, value[last+1:]) {
			return ""
		}
		if a, err = netip.ParseAddr(value[:last]); err != nil {
			return ""
		}
	}
	if a = a.Unmap(); !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return ""
	}
	return a.String()
}

// languages are the short appendices of older libraries.
var languages = []string{"AQ", "Ag", "Aw", "BA", "BQ", "Bg"}
