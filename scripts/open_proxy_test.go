package scripts

import (
	"net/http"
	"path"
	"strings"
	"testing"

	"headgate/event"
)

const everything = `scripts:
  google: {use: google, path: /s, ids: [G-EXAMPLE, G-SECOND]}
  meta: {use: meta, path: /f}
  tags: {use: google_gateway, path: /metrics, ids: [G-EXAMPLE]}
`

// FuzzNothingLeavesForAnotherPlace sends whatever somebody may ask and looks at where it would go.
func FuzzNothingLeavesForAnotherPlace(f *testing.F) {
	for _, seed := range []struct{ path, raw, query string }{
		{"/s/gtag/js", "", "id=G-EXAMPLE"}, {"/s/../../etc", "", ""}, {"/s/gtag/js", "/s/gtag%2fjs", "id=G-EXAMPLE"}, {"/s//evil.example/gtag/js", "", ""},
		{"/s/gtag/js", "", "id=G-EVIL"}, {"/s/gtag/js", "", "id=G-EXAMPLE&id=G-EVIL"}, {"/s/gtag/js", "", "id=G-EXAMPLE&id=G-SECOND"}, {"/s/gtag/js", "", "id=G-EXAMPLE#@evil.example"},
		{"/s@evil.example/gtag/js", "", "id=G-EXAMPLE"}, {"/f/signals/config/123", "", "v=2.9.1&r=stable"}, {"/f/signals/config/../../tr", "", ""},
		{"/f/signals/plugins/x.js?y", "", ""}, {"/metrics/g/collect", "", "v=2"}, {"/metrics/https://evil.example/", "", ""}, {"/metrics/\\evil.example", "", ""},
		{"/metrics/.", "", ""}, {"/metrics/a b", "", "x y"}, {"/metrics", "", "?http://evil.example"}, {"/metricsevil/x", "", ""}, {"/metrics//", "", ""}, {"/metrics/a..", "", ""},
	} {
		f.Add("GET", seed.path, seed.raw, seed.query, "evil.example")
	}
	f.Fuzz(func(t *testing.T, method, asked, raw, query, host string) {
		v := &vendor{answer: func(r *http.Request) (*http.Response, error) {
			u := r.URL
			plain := strings.TrimSuffix(u.Path, "/") == path.Clean(u.Path) // no dot segments, no doubled slashes
			if u.Scheme != "https" || u.User != nil || r.Host != "" && r.Host != u.Host || !plain || strings.Contains(u.EscapedPath(), "%") {
				t.Fatalf("%s is asked for", u)
			}
			switch {
			case u.Host == "www.googletagmanager.com" && (u.Path == "/gtag/js" || u.Path == "/gtm.js" || u.Path == "/gtag/destination") && (u.Query().Get("id") == "G-EXAMPLE" || u.Query().Get("id") == "G-SECOND") && len(u.Query()["id"]) == 1:
			case u.Host == "connect.facebook.net" && (u.Path == "/en_US/fbevents.js" || strings.HasPrefix(u.Path, "/signals/config/") || strings.HasPrefix(u.Path, "/signals/plugins/")):
			case u.Host == "g-example.fps.goog" && (u.Path == "/metrics" || strings.HasPrefix(u.Path, "/metrics/")):
			default:
				t.Fatalf("%s is asked for", u)
			}
			if r.Method != "GET" && u.Host != "g-example.fps.goog" {
				t.Fatalf("%s %s", r.Method, u)
			}
			return reply(200, "text/javascript", "x"), nil
		}}
		s := open(t, "", everything, v)
		one := s.Find(asked)
		if one == nil {
			return
		}
		a := s.Serve(one, &Request{Hit: &event.Hit{Method: method, Host: host, Path: asked, RawPath: raw, Query: query, Received: now,
			Headers: event.Headers{{Name: "x-forwarded-host", Value: host}, {Name: "host", Value: host}}}, Granted: func(string) bool { return true }})
		if raw != "" && a.Result != Malformed {
			t.Fatalf("a path that was not what it became: %s", a.Result)
		}
	})
}

func TestMistakesInTheSectionNamePlaceFactAndCure(t *testing.T) {
	for text, want := range map[string]string{
		"{path: /v.js, needs: none}": "1:14: the script v comes from nowhere",
		"{path: v.js, use: meta}":    "a script cannot be served at v.js; write a path such as /s",
		"{path: /../x, use: meta}":   "a script cannot be served at /../x",
		"{path: /, use: meta}":       "a script cannot be served at /",
		"{path: /v, use: mета}":      "no script is known as mета",
		"{path: /v, use: mete}":      `no script is known as mete; did you mean "meta"?`,
		"{path: /v, from: 'http://cdn.vendor.example/v.js', needs: none}":            "no script can come from http://cdn.vendor.example/v.js",
		"{path: /v, from: 'https://a@cdn.vendor.example/v.js', needs: none}":         "no script can come from",
		"{path: /v, from: 'https://cdn.vendor.example/../v.js', needs: none}":        "no script can come from",
		"{path: /v, from: 'https://cdn.vendor.example/v.js?x=y', needs: none}":       "no script can come from",
		"{path: /v, from: 'https://cdn.vendor.example/v.js'}":                        "the script v does not say what consent it needs; write needs: [ads], or needs: none",
		"{path: /v, from: 'https://cdn.vendor.example/v.js', needs: [add]}":          `no purpose is called add; did you mean "ads"?`,
		"{path: /v, from: 'https://cdn.vendor.example', files: [../x], needs: none}": "no file is called ../x",
		"{path: /v, use: google}":                                                "the script v names no ids: everybody's containers would be served; write ids: [G-EXAMPLE, GTM-EXAMPLE]",
		"{path: /v, use: google_gateway}":                                        "the gateway v needs the id of its tag; write ids: [G-EXAMPLE]",
		"{path: /v, use: google_gateway, ids: [evil.example]}":                   "the gateway v needs the id of its tag",
		"{path: /v, use: meta, pin: [abc]}":                                      "abc is no SHA-256 in hex",
		"{path: /v, use: meta, rewrite: {connect.facebook.net: 'javascript:x'}}": "connect.facebook.net cannot be replaced by javascript:x",
		"{path: /v, use: meta, address: true}":                                   "the script v is fetched for all visitors alike",
		"{path: /v, use: meta, max_age: 1s}":                                     "max_age of the script v is 1s; it goes from 1m to 24h",
		"{path: /v, use: meta, size: 1GiB}":                                      "size of the script v is 1GiB; it goes from 1KiB to 16MiB",
		"{path: /v, use: meta}, w: {path: /v/w, use: x}":                         "the paths of the scripts v and w lie in each other; give each a path of its own",
	} {
		_, mistakes := parse("", "scripts: {v: "+text+"}", &vendor{})
		if err := mistakes.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}
