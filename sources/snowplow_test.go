package sources_test

import (
	"net/url"
	"regexp"
	"testing"

	"headgate/event"
	"headgate/sources"
)

const snowplowView = `{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","eid":"e1"}]}`

func TestTheNetworkUserIDIsKeptWhileAnalyticsIsGranted(t *testing.T) {
	t.Parallel()
	const id = "6f2b9a1e-4a0e-4d4e-9b1c-0c9a3f3b2a10"
	yes, no := event.Boolean(true), event.Boolean(false)
	for _, c := range []struct {
		name, config, scheme, cookie, anonymous string
		consent                                 event.Value
		want                                    string
	}{
		{"a new browser", "snowplow:", "https", "", "", yes, `^sp=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=None$`},
		{"a known browser", "snowplow:", "https", "sp=" + id, "", yes, "^sp=" + id + "; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=None$"},
		{"without TLS", "snowplow:", "http", "sp=" + id, "", yes, "^sp=" + id + "; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax$"},
		{"a cookie that is no id", "snowplow:", "https", "sp=<script>", "", yes, `^sp=[0-9a-f-]{36}; `},
		{"another name", "snowplow: {cookie: net}", "https", "net=" + id, "", yes, "^net=" + id + "; "},
		{"no cookie", `snowplow: {cookie: ""}`, "https", "sp=" + id, "", yes, "^$"},
		{"nobody was asked", "snowplow:", "https", "sp=" + id, "", event.Value{}, "^$"},
		{"refused", "snowplow:", "https", "sp=" + id, "", no, "^sp=; Max-Age=0; "},
		{"refused by a new browser", "snowplow:", "https", "", "", no, "^$"},
		{"anonymous", "snowplow:", "https", "sp=" + id, "*", yes, "^sp=; Max-Age=0; "},
		{"anonymous and new", "snowplow:", "https", "", "*", yes, "^$"},
	} {
		h := newHit("POST", "/com.snowplowanalytics.snowplow/tp2", snowplowView)
		h.Scheme, h.Cookie = c.scheme, c.cookie
		if c.anonymous != "" {
			h.Headers = event.Headers{{Name: "sp-anonymous", Value: c.anonymous}}
		}
		s := claimant(t, open(t, c.config, sources.Limits{}), h)
		r, err := s.Read(h)
		if err != nil || len(r.Events) != 1 {
			t.Fatalf("%s: %v", c.name, err)
		}
		if h.Anonymous != (c.anonymous != "") {
			t.Errorf("%s: anonymous is %v", c.name, h.Anonymous)
		}
		if h.Anonymous && (r.Events[0].User.ClientID != "" || !r.Events[0].Params.Get("snowplow").IsNull()) {
			t.Errorf("%s: the cookie is read: %s", c.name, r.Events[0].AppendJSON(nil))
		}
		if !c.consent.IsNull() {
			r.Events[0].Consent.Set("analytics", c.consent)
		}
		if got := s.Answer(h, r).Headers.Get("set-cookie"); !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s: set %q, want %s", c.name, got, c.want)
		}
	}
}

func TestALinkLeadsToListedHostsOnly(t *testing.T) {
	t.Parallel()
	const config = `snowplow: {redirects: [Partner.example, "*.below.example", "ports.example:8443"]}`
	for target, allowed := range map[string]bool{
		"https://partner.example/a?b=1#c": true, "http://partner.example": true, "https://PARTNER.example/": true,
		"https://www.below.example/": true, "https://a.b.below.example/": true, "https://ports.example:8443/": true,
		"": false, "/": false, "//partner.example/": false, "partner.example": false, "javascript:alert(1)//partner.example": false,
		"https://below.example/": false, "https://evilbelow.example/": false, "https://www.partner.example/": false,
		"https://partner.example:8443/": false, "https://ports.example/": false, "https://partner.example@evil.example/": false, "https://a@partner.example/": false,
		"https://evil.example/https://partner.example": false, "https://evil.example?partner.example": false,
		"https://evil.example#.below.example": false, `https://evil.example\.below.example/`: false, `https:\\partner.example`: false,
		"https:/partner.example/": false, "https:///partner.example/": false, "https://evil.example\uff0f.below.example/": false,
		"https://evil.example%2f.below.example/": false, "https://partner.example/\r\nset-cookie: a=b": false, " https://partner.example/": false,
		"ftp://partner.example/": false, "https://partner.example /": false, "data:text/html,https://partner.example/": false,
	} {
		h := newHit("GET", "/r/tp2?e=pv&u="+url.QueryEscape(target), "")
		s := claimant(t, open(t, config, sources.Limits{}), h)
		r, err := s.Read(h)
		a := s.Answer(h, r)
		if err != nil {
			a = s.Refuse(h, err)
		}
		later := s.Delay(h, sources.Answer{Status: 503})
		switch {
		case allowed && (a.Status != 302 || a.Headers.Get("location") != target || later.Status != 302):
			t.Errorf("%q is answered %d %v, later %d", target, a.Status, err, later.Status)
		case !allowed && (a.Status != 400 || a.Headers.Get("location") != "" || later.Status != 503):
			t.Errorf("%q is answered %d %s, later %d", target, a.Status, a.Headers.Get("location"), later.Status)
		}
		if s := claimant(t, open(t, "snowplow:", sources.Limits{}), h); s.Delay(h, sources.Answer{Status: 503}).Status != 503 || s.Refuse(h, sources.ErrMalformed).Status != 400 {
			t.Errorf("%q leads somewhere without a list", target)
		}
	}
}
