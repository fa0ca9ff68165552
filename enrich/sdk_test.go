package enrich_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"headgate/enrich"
	"headgate/event"
)

func renew(t *testing.T, settings string, h *event.Hit, e *event.Event, r enrich.Renewal) map[string]string {
	t.Helper()
	en := build(t, settings)
	if h.From == event.UnknownPage {
		h.From = event.OwnPage
	}
	en.Client(h)
	v := en.Visit(h)
	v.Describe(e)
	v.Identify(e)
	return cookiesOf(v.Renew("", r))
}

func TestTheCookiesOfSDKsAreRenewed(t *testing.T) {
	const id = "0a1b2c3d-1111-4222-8333-444455556666"
	const life = "; Max-Age=34560000" + readable
	const snowplow = id + ".1795341600.3.1795341700.1795341650." + id
	for _, c := range []struct {
		name, cookie string
		asked        enrich.Renewal
		refused      bool
		from         event.PageOrigin
		want         map[string]string
	}{
		{name: "Jitsu's, which has one", cookie: "__eventn_id=k3j4h5g6f7", asked: enrich.Renewal{Jitsu: true}, want: map[string]string{"__eventn_id": "k3j4h5g6f7" + life}},
		{name: "Jitsu's, which has none", cookie: "_hg=1.1700000000.77.1700000000", asked: enrich.Renewal{Jitsu: true}, want: map[string]string{"__eventn_id": "77.1700000000" + life}},
		{name: "nobody's who has not asked", cookie: "_hg=1.1700000000.77.1700000000", want: map[string]string{}},
		{name: "Snowplow's", cookie: "_sp_id.1fff=" + snowplow + "; _sp_ses.1fff=*", want: map[string]string{"_sp_id.1fff": snowplow + life}},
		{name: "Segment's", cookie: "ajs_anonymous_id=%22" + id + "%22", want: map[string]string{"ajs_anonymous_id": "%22" + id + "%22" + life}},
		{name: "one that is spoilt", cookie: "_sp_id.1fff=<script>; __eventn_id=x", want: map[string]string{}},
		{name: "RudderStack's", asked: enrich.Renewal{Cookies: []enrich.SDKCookie{{Name: "rl_anonymous_id", Value: "RS_ENC_v3_ImY4YjEi"}, {Name: "rl_session", Value: "RS_ENC_v3_eyJ9"}}},
			want: map[string]string{"rl_anonymous_id": "RS_ENC_v3_ImY4YjEi" + life, "rl_session": "RS_ENC_v3_eyJ9" + life}},
		{name: "RudderStack's, removed", cookie: "rl_user_id=RS_ENC_v3_ImY4YjEi", asked: enrich.Renewal{Cookies: []enrich.SDKCookie{{Name: "rl_user_id"}, {Name: "rl_trait"}}},
			want: map[string]string{"rl_user_id": "; Max-Age=0" + readable}},
		{name: "what is not RudderStack's", asked: enrich.Renewal{Cookies: []enrich.SDKCookie{{Name: "session", Value: "mine"}, {Name: "_hg", Value: "1.1.2.3"}, {Name: "rl_user_id", Value: "a; Domain=evil.test"}}},
			want: map[string]string{}},
		{name: "a visitor who refused", cookie: "__eventn_id=k3j4h5g6f7; rl_trait=x", refused: true, asked: enrich.Renewal{Jitsu: true, Cookies: []enrich.SDKCookie{{Name: "rl_anonymous_id", Value: "abcdefgh"}, {Name: "rl_trait", Value: "y"}}},
			want: map[string]string{"__eventn_id": "; Max-Age=0" + readable, "rl_trait": "; Max-Age=0" + readable}},
		{name: "a page of another site", cookie: "__eventn_id=k3j4h5g6f7", from: event.ForeignPage, asked: enrich.Renewal{Jitsu: true}, want: map[string]string{}},
	} {
		h := browser("cookie", c.cookie)
		h.From, h.Sender = c.from, event.Browser
		e := consenting("analytics")
		if c.refused {
			e = consenting()
		}
		got := renew(t, "identity: {adopt: []}", h, e, c.asked)
		delete(got, "_hg")
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v\nwant %v", c.name, got, c.want)
		}
	}
}

func TestWhatTheKeeperSetsIsNotSetTwice(t *testing.T) {
	h := browser("user-agent", safari, "cookie", "_hg_keep=1!__eventn_id:k3j4h5g6f7:todvs0:todvs0")
	h.From, h.Sender = event.OwnPage, event.Browser
	en := build(t, "identity: {keep: {}}")
	en.Client(h)
	v, e := en.Visit(h), consenting("analytics")
	v.Describe(e)
	v.Identify(e)
	var names []string
	for _, header := range v.Renew("", enrich.Renewal{Jitsu: true}) {
		name, _, _ := strings.Cut(header.Value, "=")
		names = append(names, name)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"__eventn_id", "_hg", "_hg_keep"}) {
		t.Errorf("set: %v", names)
	}
}
