package proxy

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"headgate/event"
)

// class says what of consent a personal value hangs on.
type class string

const (
	ofVisitor class = "visitor" // goes where analytics is refused
	ofClick   class = "click"   // goes where ads are refused
	ofNetwork class = "network" // goes where ads are refused, as the address policy says
)

// kind is one kind of personal value, and where a visitor's browser, or the site, says it.
type kind struct {
	name  string
	class class
	value string
	home  string // a path of the event, header:NAME, cookie:NAME, query:NAME of the page, address, or "" for nowhere: known by its look
	also  string // what the copies hold, where that is not the value: a part of it, another spelling
	loose bool   // the copies are spelled in a way that its hash does not tell
}

func (k *kind) copied() string {
	if k.also != "" {
		return k.also
	}
	return k.value
}

const (
	markedAgent = "Mozilla/5.0 (Marker 77.1; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.7258.66 Safari/537.36"
	markedIP6   = "2001:db8:85a3::8a2e:370:7334"
)

// personal are the kinds.
var personal = []kind{
	{name: "client id", value: "1234567890.1787400321", home: "user.client_id"},
	{name: "half of a client id", value: "1234567890.1787400321", also: "1234567890", home: "user.client_id"},
	{name: "client id of letters", value: "mark-Client-Id-X", home: "user.client_id"},
	{name: "user id", value: "customer-4711", home: "user.user_id"},
	{name: "short user id", value: "u4711", home: "user.user_id"},
	{name: "session id", value: "1787400999", home: "session.id"},
	{name: "parameter customer_id", value: "mk-cust-881", home: "params.customer_id"},
	{name: "parameter visitorId", value: "mk-visit-882", home: "params.visitorId"},
	{name: "parameter device-id", value: "mk-dev-883", home: "params.device-id"},
	{name: "parameter external_id", value: "mk-ext-884", home: "params.external_id"},
	{name: "id in the page's query", value: "mk-uid-885", home: "query:uid"},
	{name: "cookie _fbp", value: "fb.1.1787400000000.1098115397", home: "cookie:_fbp"},
	{name: "cookie _ga", value: "GA1.1.9988776655.1787400111", home: "cookie:_ga"},
	{name: "cookie of the shop", value: "s%3Ashop-session-7f3a9", home: "cookie:shop_sid"},
	{name: "cookie of HubSpot", value: "5d41402abc4b2a76b9719d911017c59a", home: "cookie:hubspotutk", loose: true},
	{name: "cookie that remembers others", value: "1!_fbp:fb.1.1787400000000.1098115398:todvs0:todvs0", home: "cookie:_hg_keep"},
	{name: "what such a cookie remembers", value: "1!_fbp:fb.1.1787400000000.1098115399:todvs0:todvs0", also: "fb.1.1787400000000.1098115399", home: "cookie:_hg_keep"},
	{name: "link from another domain", value: "AQmarked-link_77-of-the-other-domain", home: "query:_hgl"},
	{name: "Google's link from another domain", value: "1*abc*_ga*MTIzNDU2Nzg5MC4xNzAwMDAwMDAw", home: "query:_gl"},
	{name: "credentials", value: "Bearer mk-secret-token-991", also: "mk-secret-token-991", home: "header:Authorization"},
	{name: "e-mail address", value: "qiana.zoltan@mark.example", home: "user.email"},
	{name: "e-mail address in capitals", value: "qiana.zoltan@mark.example", also: "QIANA.ZOLTAN@MARK.EXAMPLE", home: "user.email"},
	{name: "e-mail address, the part before @", value: "qiana.zoltan@mark.example", also: "qiana.zoltan", home: "user.email"},
	{name: "e-mail address among the traits", value: "trait@mark.example", home: "user.traits.work_email"},
	{name: "parameter email", value: "param@mark.example", home: "params.email"},
	{name: "e-mail address by its look", value: "nobody.knows@mark.example", loose: true},
	{name: "phone number", value: "+4915123456789", home: "user.phone"},
	{name: "phone number with blanks", value: "+4915123456789", also: "0151 234 567 89", home: "user.phone", loose: true},
	{name: "phone number with strokes", value: "+4915123456789", also: "+49-151-2345-6789", home: "user.phone", loose: true},
	{name: "trait phoneNumber", value: "+4930987654321", home: "user.traits.phoneNumber"},
	{name: "parameter tel", value: "030 555 0199 77", home: "params.tel"},
	{name: "first name of three letters", value: "Qiu", home: "user.first_name"},
	{name: "first name", value: "Qiana", home: "user.first_name"},
	{name: "first name with an umlaut", value: "Jürgöt", home: "user.first_name"},
	{name: "last name", value: "Zoltanyi", home: "user.last_name"},
	{name: "last name with an apostrophe", value: "O'Zoltan", home: "user.last_name"},
	{name: "trait name", value: "Qiana Zoltanyi", home: "user.traits.name"},
	{name: "trait name, its first word", value: "Qiana Zoltanyi", also: "Qiana", home: "user.traits.name"},
	{name: "trait name, its last word", value: "Qiana Zoltanyi", also: "Zoltanyi", home: "user.traits.name"},
	{name: "trait firstName", value: "Qianna", home: "user.traits.firstName"},
	{name: "trait nachname", value: "Zoltanyk", home: "user.traits.nachname"},
	{name: "trait displayName", value: "Qia Zoltanym", home: "user.traits.displayName"},
	{name: "parameter username", value: "qiana_zoltan", home: "params.username"},
	{name: "parameter billing_last_name", value: "Zoltanzen", home: "params.billing_last_name"},
	{name: "street", value: "Zoltanstrasse 12b", home: "user.street"},
	{name: "street of traits", value: "Qianaweg 99", home: "user.traits.address.street"},
	{name: "postal code", value: "98765", home: "user.postal_code"},
	{name: "date of birth", value: "1987-06-05", home: "user.birth_date"},
	{name: "date of birth as in Germany", value: "1987-06-05", also: "05.06.1987", home: "user.birth_date"},
	{name: "date of birth in digits", value: "1987-06-05", also: "19870605", home: "user.birth_date"},
	{name: "trait birthday", value: "1986-05-04", home: "user.traits.birthday"},
	{name: "card number", value: "4111 1111 1111 1111", home: "params.card_number"},
	{name: "account number", value: "DE89370400440532013000", home: "params.iban"},
	{name: "account number by its look", value: "GB82WEST12345698765432", loose: true},
	{name: "JSON web token", value: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1234", loose: true},
	{name: "user agent", value: markedAgent, home: "header:User-Agent"},
	{name: "parameter user_agent", value: markedAgent + " Param", home: "params.user_agent"},
	{name: "versions of the browser", value: `"Chromium";v="139.0.7258.66"`, home: "header:Sec-CH-UA-Full-Version-List"},
	{name: "model", value: `"Marker Phone 9"`, home: "header:Sec-CH-UA-Model"},

	{name: "IPv4 address", class: ofNetwork, value: "198.51.100.77", home: "address"},
	{name: "IPv4 address mapped into IPv6", class: ofNetwork, value: "198.51.100.77", also: "::ffff:198.51.100.77", home: "address", loose: true},
	{name: "IPv6 address", class: ofNetwork, value: markedIP6, home: "address"},
	{name: "IPv6 address at length", class: ofNetwork, value: markedIP6, also: "2001:0db8:85a3:0000:0000:8a2e:0370:7334", home: "address", loose: true},
	{name: "IPv6 address in capitals", class: ofNetwork, value: markedIP6, also: "2001:DB8:85A3::8A2E:370:7334", home: "address", loose: true},
	{name: "address of X-Forwarded-For", class: ofNetwork, value: "198.51.100.78", home: "header:X-Forwarded-For"},
	{name: "parameter ip", class: ofNetwork, value: "198.51.100.79", home: "params.ip"},

	{name: "address of Meta's cookie", class: ofNetwork, value: "2a02:26f7:c9c8:4000:950f:1de1:5e6b:79f", home: "cookie:_fbi"},

	{name: "gclid", class: ofClick, value: "EAIaIQob-mark_gclid1", home: "query:gclid"},
	{name: "wbraid", class: ofClick, value: "CjkKCQmarkwbraid2", home: "query:wbraid"},
	{name: "fbclid", class: ofClick, value: "IwAR0markfbclid3", home: "query:fbclid"},
	{name: "msclkid", class: ofClick, value: "0a1bmarkmsclkid4", home: "query:msclkid"},
	{name: "ttclid", class: ofClick, value: "E.C.P.markttclid5", home: "query:ttclid"},
	{name: "tblci", class: ofClick, value: "GiAmarktblci6", home: "query:tblci"},
	{name: "ScCid", class: ofClick, value: "e1c2marksccid7", home: "query:ScCid"},
	{name: "click id stated", class: ofClick, value: "markstated8dicbo", home: "campaign.click_ids.dicbo"},
	{name: "click that a cookie remembers", class: ofClick, value: "1!_gcl_aw:GCL.1787400000.markkept10:todvs0:todvs0", also: "GCL.1787400000.markkept10", home: "cookie:_hg_keep"},
	{name: "cookie with a click id", class: ofClick, value: "GCL.1787400000.markgclaw9", also: "markgclaw9", home: "cookie:_gcl_aw"},
}

// place is where a value was copied to. set puts it into the hit; form is how it is written there.
type place struct {
	name    string
	form    func(string) string
	set     func(m *marking, v string)
	escaped bool // what it has of its look is still there
	coded   bool // as a hash: only exact spellings are known by it
	rule    bool // a rule does the copying
}

// marking is a hit in the making.
type marking struct {
	path    map[string]any // of the event
	header  event.Headers
	cookie  []string
	query   url.Values // of the page
	page    string     // its path and what follows the query
	tail    string
	address string
}

func (m *marking) json(path string, v any) { m.path[path] = v }

func plain(s string) string { return s }

func inEvent(path string) func(*marking, string) {
	return func(m *marking, v string) { m.json(path, v) }
}

func header(name string) func(*marking, string) {
	return func(m *marking, v string) { m.header = append(m.header, event.Header{Name: name, Value: v}) }
}

var (
	sha256Of = func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	sha1Of   = func(s string) string { h := sha1.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	md5Of    = func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	base64Of = func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	urlB64Of = func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	hexOf    = func(s string) string { return hex.EncodeToString([]byte(s)) }
)

// places are where the copies stand. Those of rules are read from a header, by the rules of markedConfig.
var places = []place{
	{name: "a parameter", set: inEvent("params.note")},
	{name: "a text", set: func(m *marking, v string) { m.json("params.note", "sent for "+v+", as agreed") }},
	{name: "a nested parameter", set: func(m *marking, v string) { m.json("params.deep", map[string]any{"er": map[string]any{"x": v}}) }},
	{name: "a list", set: func(m *marking, v string) { m.json("params.list", []any{1, "a", v}) }},
	{name: "a key", set: func(m *marking, v string) { m.json("params.seen", map[string]any{v: true}) }},
	{name: "a text in JSON", set: func(m *marking, v string) { m.json("params.payload", fmt.Sprintf(`{"a":%q}`, v)) }},
	{name: "an item's name", set: func(m *marking, v string) { m.json("items", []any{map[string]any{"id": "1", "name": "ring for " + v}}) }},
	{name: "an item's coupon", set: func(m *marking, v string) { m.json("items", []any{map[string]any{"id": "1", "coupon": v}}) }},
	{name: "an item's parameter", set: func(m *marking, v string) { m.json("items", []any{map[string]any{"id": "1", "engraving": v}}) }},
	{name: "a key of an item", set: func(m *marking, v string) {
		m.json("items", []any{map[string]any{"id": "1", "seen": map[string]any{v: 1}}})
	}},
	{name: "a trait", set: func(m *marking, v string) { m.json("user.traits.motto", "I am "+v) }},
	{name: "the page's path", form: url.PathEscape, escaped: true, set: func(m *marking, v string) { m.page += "/of/" + v }},
	{name: "the page's query", form: url.QueryEscape, escaped: true, set: func(m *marking, v string) { m.tail += "&q=" + v }},
	{name: "the page's fragment", form: url.PathEscape, escaped: true, set: func(m *marking, v string) { m.tail += "#" + v }},
	{name: "an address in an address", form: url.QueryEscape, escaped: true, set: func(m *marking, v string) {
		m.json("params.link", "https://shop.example/out?to="+url.QueryEscape("https://other.example/?x="+v))
	}},
	{name: "a path in an address in an address", form: url.PathEscape, escaped: true, set: func(m *marking, v string) {
		m.json("params.link", "https://shop.example/out?to="+url.QueryEscape("https://other.example/a/"+v+"/b"))
	}},
	{name: "the referrer's path", form: url.PathEscape, escaped: true, set: func(m *marking, v string) { m.json("page.referrer", "https://other.example/"+v) }},
	{name: "the referrer's query", form: url.QueryEscape, escaped: true, set: func(m *marking, v string) { m.json("page.referrer", "https://other.example/?x="+v) }},
	{name: "the title", set: func(m *marking, v string) { m.json("page.title", "Hello "+v+"!") }},
	{name: "the campaign's term", set: inEvent("campaign.term")},
	{name: "the campaign's content", set: inEvent("campaign.content")},
	{name: "a link", form: url.QueryEscape, escaped: true, set: func(m *marking, v string) { m.json("params.link_url", "https://shop.example/p?ref="+v) }},
	{name: "cookies in a text", set: func(m *marking, v string) { m.json("params.jar", "a=1; b="+v+"; c=2") }},
	{name: "capitals", form: strings.ToUpper, set: inEvent("params.note")},
	{name: "small letters", form: strings.ToLower, set: inEvent("params.note")},
	{name: "percent-encoding", form: url.QueryEscape, escaped: true, set: inEvent("params.note")},
	{name: "percent-encoding twice", form: func(s string) string { return url.QueryEscape(url.QueryEscape(s)) }, set: inEvent("params.note")},
	{name: "SHA-256", form: sha256Of, coded: true, set: inEvent("params.note")},
	{name: "SHA-256 in capitals", form: func(s string) string { return strings.ToUpper(sha256Of(s)) }, coded: true, set: inEvent("params.note")},
	{name: "SHA-256 of small letters", form: func(s string) string { return sha256Of(strings.ToLower(s)) }, coded: true, set: inEvent("params.note")},
	{name: "SHA-1", form: sha1Of, coded: true, set: inEvent("params.note")},
	{name: "MD5", form: md5Of, coded: true, set: inEvent("params.note")},
	{name: "a hash in a query", form: md5Of, coded: true, set: func(m *marking, v string) { m.json("params.link_url", "https://shop.example/p?h="+v) }},
	{name: "base64", form: base64Of, set: inEvent("params.note")},
	{name: "base64 for addresses", form: urlB64Of, set: inEvent("params.note")},
	{name: "base64 of a text", form: func(s string) string { return base64Of("id=" + s + ";v=1") }, set: inEvent("params.note")},
	{name: "hex", form: hexOf, set: inEvent("params.note")},
	{name: "the event's id", set: func(m *marking, v string) { m.json("id", "evt-"+v+"-1") }},

	{name: "a rule's copy", rule: true, set: header("X-Plain")},
	{name: "a rule's copy in a text", rule: true, set: header("X-Text")},
	{name: "a rule's copy in capitals", rule: true, form: strings.ToUpper, set: header("X-Upper")},
	{name: "a rule's SHA-256", rule: true, coded: true, form: sha256Of, set: header("X-Sha256")},
	{name: "a rule's MD5", rule: true, coded: true, form: md5Of, set: header("X-Md5")},
	{name: "a rule's base64", rule: true, form: base64Of, set: header("X-Base64")},
	{name: "a rule's title", rule: true, set: header("X-Title")},
	{name: "an event that a rule emits", rule: true, set: header("X-Emit")},
}

const markedRules = `
rules:
  - {name: plain, set: {params.plain: '=request.header("X-Plain")'}}
  - {name: text, when: 'request.header("X-Text") != ""', set: {params.text: 'from {request.header("X-Text")} today'}}
  - {name: upper, set: {params.upper: '=upper(request.header("X-Upper"))'}}
  - {name: sha256, set: {params.long: '=sha256(request.header("X-Sha256"))'}}
  - {name: md5, set: {params.short: '=md5(request.header("X-Md5"))'}}
  - {name: base64, set: {params.coded: '=base64(request.header("X-Base64"))'}}
  - {name: title, when: 'request.header("X-Title") != ""', set: {page.title: '=request.header("X-Title")'}}
  - {name: emit, when: 'request.header("X-Emit") != ""', emit: {name: echo, params.heard: '=request.header("X-Emit")'}}
  - {name: all of the request, set: {params.r_agent: '=request.header("User-Agent")', params.r_for: '=request.header("X-Forwarded-For")',
      params.r_auth: '=request.header("Authorization")', params.r_sid: '=request.cookie("shop_sid")', params.r_fbp: '=request.cookie("_fbp")',
      params.r_gcl: '=request.cookie("_gcl_aw")', params.r_model: '=request.header("Sec-CH-UA-Model")', params.r_mail: '=sha256(user.email)',
      params.r_client: '=user.client_id', params.r_first: '=split(user.traits.name, " ")[0]', params.r_query: '=page.query'}}
`

// hit makes the request in which a kind of value is where it belongs, and copied to a place; marks are what must not be found
// of it.
func (k *kind) hit(p *place, consent string) (h *event.Hit, marks []string) {
	m := &marking{path: map[string]any{"name": "purchase", "id": "evt-1", "page.title": "Thank you", "params.value": 12.5, "user.client_id": "2223334445.1787400321"},
		query: url.Values{}, address: "203.0.113.200"}
	where, name, _ := strings.Cut(k.home, ":")
	switch where {
	case "":
	case "address":
		m.address = k.value
	case "header":
		header(name)(m, k.value)
	case "cookie":
		m.cookie = append(m.cookie, name+"="+k.value)
	case "query":
		m.query.Set(name, k.value)
	default:
		m.json(k.home, k.value)
	}
	form := p.form
	if form == nil {
		form = plain
	}
	copied := k.copied()
	written := form(copied)
	if p.rule {
		p.set(m, copied)
	} else {
		p.set(m, written)
	}
	marks = []string{copied, written, base64Of(copied), sha256Of(copied), url.QueryEscape(copied), url.QueryEscape(written), url.PathEscape(copied)}
	for _, as := range []string{copied, written} { // in JSON, and in JSON in JSON
		once := strings.Trim(string(event.AppendString(nil, as)), `"`)
		marks = append(marks, once, strings.Trim(string(event.AppendString(nil, once)), `"`))
	}
	if k.also == "" {
		marks = append(marks, k.value)
	}
	m.json("page.url", "https://shop.example"+m.page+"/done?a=1&"+m.query.Encode()+m.tail)
	object := event.Map{}
	for path, v := range m.path {
		value, ok := event.ValueOf(v)
		if !ok {
			panic("BUG: no value")
		}
		nest(&object, path, value)
	}
	body := event.ObjectOf(object).AppendJSON(nil)
	body = append(body[:len(body)-1], []byte(`,"consent":`+consent+`}`)...)
	h = &event.Hit{Method: "POST", Scheme: "https", Host: "t.shop.example", Path: "/e", Body: body, Cookie: strings.Join(m.cookie, "; "),
		Peer: netip.MustParseAddr(m.address)}
	for _, line := range m.header {
		h.Headers = append(h.Headers, event.Header{Name: strings.ToLower(line.Name), Value: line.Value})
	}
	h.Address = h.Peer
	return h, marks
}

// nest puts a value under a path of an object.
func nest(m *event.Map, path string, v event.Value) {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		m.Set(head, v)
		return
	}
	inner := m.Get(head).Object().Clone()
	nest(&inner, rest, v)
	m.Set(head, event.ObjectOf(inner))
}
