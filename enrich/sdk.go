package enrich

import (
	"slices"
	"strings"

	"headgate/enrich/cookie"
	"headgate/enrich/keeper"
	"headgate/event"
)

// SDKs that keep their id in a cookie have a hook by which a server sets it in place of their script, so that Safari keeps it. The
// endpoint of the identity (/id) answers all of them:
//
//   - Jitsu's idEndpoint asks with GET and ?domain=, and expects the cookie __eventn_id, set or renewed;
//   - Snowplow's cookieExtensionService asks with GET, and expects its cookie _sp_id.<hash> to be renewed;
//   - RudderStack's useServerSideCookies posts cookies to be set as they are, and falls back to its script without them.

// renewed are the cookies of a request that are set again as they are, if their values have the format of their SDK.
var renewed = []string{"__eventn_id", "_sp_id.", "ajs_anonymous_id", "rl_anonymous_id"}

const jitsuCookie = "__eventn_id"

// asked are the cookies that RudderStack's script may ask for: nobody else's.
var asked = []string{"rl_anonymous_id", "rl_user_id", "rl_trait", "rl_group_id", "rl_group_trait", "rl_session", "rl_page_init_referrer",
	"rl_page_init_referring_domain", "rl_auth_token"}

// SDKCookie is a cookie that a script asks to be set. The value "" removes it.
type SDKCookie struct{ Name, Value string }

// Renewal is what a page's script asks of the endpoint.
type Renewal struct {
	Jitsu   bool // it is Jitsu's script, which takes our id where it has none
	Cookies []SDKCookie
}

// Renew returns the Set-Cookie headers of Cookies and, beside them, those of the SDKs, after the hit's event was identified. Without
// consent to the identity's purpose, the SDKs' cookies are removed; a page of another site gets none.
func (v *Visit) Renew(site string, r Renewal) event.Headers {
	if v.hit.From == event.ForeignPage {
		return nil
	}
	headers := v.Cookies(nil, site)
	if v.hit.From != event.OwnPage || v.hit.Anonymous || v.hit.Sender == event.Server {
		return headers
	}
	site, secure := v.reach(site)
	id := &v.en.identity
	set := func(name, value string) {
		life := id.Lifetime
		if value == "" || v.refused || !v.granted {
			value, life = "", 0
		}
		headers = append(headers, setCookie(cookie.ForScripts(name, value, life, site, secure)))
	}
	jitsu, posted := false, func(name string) bool {
		return slices.ContainsFunc(r.Cookies, func(c SDKCookie) bool { return c.Name == name })
	}
	var name, value string
	for rest := v.hit.Cookie; rest != ""; {
		name, value, rest = cookie.Cut(rest)
		jitsu = jitsu || name == jitsuCookie
		if isRenewed(name) && keeper.Valid(name, value) && !posted(name) {
			set(name, value)
		}
	}
	if r.Jitsu && !jitsu && v.granted && !v.refused && !setsCookie(headers, jitsuCookie) && keeper.Valid(jitsuCookie, v.stored.ID) {
		set(jitsuCookie, v.stored.ID)
	}
	for _, c := range r.Cookies {
		if _, had := v.hit.CookieValue(c.Name); slices.Contains(asked, c.Name) && (cookie.IsValue(c.Value) && v.granted && !v.refused || had) {
			set(c.Name, c.Value)
		}
	}
	return headers
}

func isRenewed(name string) bool {
	return slices.ContainsFunc(renewed, func(one string) bool {
		return name == one || strings.HasSuffix(one, ".") && strings.HasPrefix(name, one)
	})
}

func setsCookie(headers event.Headers, name string) bool {
	return slices.ContainsFunc(headers, func(h event.Header) bool {
		rest, ok := strings.CutPrefix(h.Value, name)
		return ok && strings.HasPrefix(rest, "=")
	})
}
