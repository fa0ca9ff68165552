package sources_test

import (
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/keys"
	"headgate/sources"
)

// collector is a protocol of many paths, as Snowplow, PostHog and RudderStack have them. It answers with what it was asked.
type collector struct{}

func (collector) Read(_ *event.Hit, c sources.Call) (sources.Reading, error) {
	if c.Name == "broken" {
		return sources.Reading{}, sources.ErrMalformed
	}
	return sources.Reading{}, nil
}

func (collector) Answer(_ *event.Hit, c sources.Call, _ sources.Reading) sources.Answer {
	return sources.Answer{Status: 200, Body: []byte(strings.TrimSpace(c.Name + " " + c.Arg))}
}

func (collector) Refuse(_ *event.Hit, c sources.Call, err error) sources.Answer {
	return sources.Answer{Status: 200, Body: []byte(c.Name + ": " + err.Error())}
}

func (collector) Delay(_ *event.Hit, c sources.Call, a sources.Answer) sources.Answer {
	a.Body = []byte(c.Name + ` {"code":429}`)
	return a
}

func TestASourceMayHaveManyPaths(t *testing.T) {
	t.Parallel()
	d := sources.Declaration{Name: "collector", Speakers: sources.AllClients, Prefix: true, Routes: func(path string) []sources.Route {
		return []sources.Route{
			{Methods: "POST", Path: path + "/com.example.collector/tp2", Call: "post"},
			{Methods: "GET HEAD", Path: path + "/i", Call: "pixel"},
			{Methods: "POST", Path: path + "/i", Call: "broken"},
			{Methods: "GET", Path: path + "/array/{}/config", Call: "config"},
		}
	}}
	s := d.Mount("/below", collector{})
	for _, c := range []struct{ method, path, want string }{
		{"POST", "/below/com.example.collector/tp2", "post"},
		{"GET", "/below/i", "pixel"},
		{"HEAD", "/below/i", "pixel"},
		{"POST", "/below/i", "broken: malformed request"},
		{"GET", "/below/array/phc_1/config", "config phc_1"},
		{"POST", "/below/array/phc_1/config", ""},
		{"GET", "/below/array//config", ""},
		{"GET", "/below/array/a/b/config", ""},
		{"GET", "/below/array/phc_1/config.js", ""},
		{"GET", "/i", ""},
		{"GET", "/below/com.example.collector/tp2", ""},
	} {
		if s.Claims(c.method, c.path) != (c.want != "") {
			t.Errorf("%s %s: claimed %v", c.method, c.path, c.want == "")
			continue
		}
		if c.want == "" {
			continue
		}
		h := newHit(c.method, c.path, "")
		r, err := s.Read(h)
		a := s.Answer(h, r)
		if err != nil {
			a = s.Refuse(h, err)
		}
		if string(a.Body) != c.want {
			t.Errorf("%s %s is answered %q, want %q", c.method, c.path, a.Body, c.want)
		}
	}
	h := newHit("GET", "/below/i", "")
	if a := s.Delay(h, sources.Answer{Status: 429}); a.Status != 429 || string(a.Body) != `pixel {"code":429}` {
		t.Errorf("delayed with %d %s", a.Status, a.Body)
	}
}

func TestAProtocolWithoutADelayOfItsOwnLeavesTheAnswer(t *testing.T) {
	t.Parallel()
	for _, s := range open(t, "", sources.Limits{}) {
		if a := s.Delay(newHit("GET", "/", ""), sources.Answer{Status: 503, Body: []byte("{}")}); s.Name() == "ga4" && (a.Status != 503 || string(a.Body) != "{}") {
			t.Errorf("%s delays with %d %s", s.Name(), a.Status, a.Body)
		}
	}
}

// Snowplow's image is GET /i and Segment's identify is POST /i.
func TestTwoSourcesShareAPathByMethod(t *testing.T) {
	t.Parallel()
	all := open(t, "segment:\npixel: {path: /v1/i}", sources.Limits{})
	for method, want := range map[string]string{"POST": "segment", "GET": "pixel"} {
		if got := claimant(t, all, newHit(method, "/v1/i", "")).Name(); got != want {
			t.Errorf("%s /v1/i belongs to %s, want %s", method, got, want)
		}
	}
}

// What is stated on a visitor's behalf is moved where it is known to be personal, and leaves nothing behind.
func TestWhatIsStatedOfAVisitorLeavesTheParams(t *testing.T) {
	t.Parallel()
	all := open(t, "{segment: {keys: [web], server_keys: [secret]}, mp: {secrets: [secret]}, ga4: }", sources.Limits{})
	for _, c := range []struct{ name, target, body, ip, agent string }{
		{"segment from anybody", "/v1/t", `{"writeKey":"web","event":"a","context":{"ip":"203.0.113.7","userAgent":"Agent/1"}}`, "", "Agent/1"},
		{"segment from a server", "/v1/t", `{"writeKey":"secret","event":"a","context":{"ip":"203.0.113.7","userAgent":"Agent/1"}}`, "203.0.113.7", "Agent/1"},
		{"mp from a server", "/mp/collect?api_secret=secret", `{"client_id":"1.2","ip_override":"203.0.113.7","user_agent":"Agent/1","events":[{"name":"a"}]}`, "203.0.113.7", "Agent/1"},
		{"ga4", "/g/collect?v=2&tid=G-1&cid=1.2&en=a&_uip=203.0.113.7", "", "", ""},
	} {
		h := newHit("POST", c.target, c.body)
		r, err := claimant(t, all, h).Read(h)
		if err != nil || len(r.Events) != 1 {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		e := &r.Events[0]
		if e.Device.IP != c.ip || e.Device.UserAgent != c.agent {
			t.Errorf("%s: address %q, agent %q", c.name, e.Device.IP, e.Device.UserAgent)
		}
		if text := string(event.ObjectOf(e.Params).AppendJSON(nil)); strings.Contains(text, "203.0.113") || strings.Contains(text, "Agent/1") {
			t.Errorf("%s: left among the params: %s", c.name, text)
		}
		if len(h.Stated) == 0 || h.Stated[0] != (event.Stated{Meaning: keys.Address, Value: "203.0.113.7"}) {
			t.Errorf("%s: stated %v", c.name, h.Stated)
		}
	}
}
