package proxy

import (
	"net/netip"
	"testing"

	"headgate/config"
	"headgate/event"
	"headgate/proxy/plan"
	"headgate/sources"
)

// stranger is a protocol that nobody in this program knows. It keeps a hit as it arrived, under names that tell nothing.
type stranger struct{ proven bool }

func (s stranger) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	sent, err := event.ParseJSON(h.Body)
	e := event.Event{Name: "hello", Source: "stranger", Received: h.Received}
	e.Consent = sent.Object().Get("consent").Object()
	e.Params = event.Map{{Key: "zz", Value: sent.Object().Get("zz")}, {Key: "note", Value: sent.Object().Get("note")}}
	return sources.Reading{Events: []event.Event{e}, Proven: s.proven}, err
}

func (stranger) Answer(*event.Hit, sources.Call, sources.Reading) sources.Answer {
	return sources.Answer{Status: 200}
}

func (stranger) Refuse(*event.Hit, sources.Call, error) sources.Answer {
	return sources.Answer{Status: 400}
}

func strangerDeclared() sources.Declaration {
	return sources.Declaration{
		Name: "stranger", Help: "a test", Path: sources.Path{Help: "a path"}, Speakers: sources.AllClients,
		Routes:    func(path string) []sources.Route { return []sources.Route{{Methods: "POST", Path: path}} },
		Headers:   sources.None,
		Block:     event.Block{Param: "zz", Categories: "said"},
		Addresses: []string{"zz.wherefrom"},
		Agents:    []string{"zz.machine"},
	}
}

const (
	strangerAddress = "203.0.113.77"
	strangerAgent   = "Zyxomat/9.1 (KHTML, like nothing)"
	strangerBody    = `{"consent":{"analytics":false,"ads":false},"zz":{"wherefrom":"` + strangerAddress + `","machine":"` + strangerAgent +
		`","kept":"qqq"},"note":"seen from ` + strangerAddress + ` by ` + strangerAgent + `"}`
)

// seeStranger sends a stranger's hit through the whole walk of a server that knows the protocol by this declaration only.
func seeStranger(t *testing.T, d sources.Declaration, proven bool) views {
	t.Helper()
	s := markedServer(t, "by_consent", "none", "{redact: cookieless}")
	plan := s.plan.Load()
	plan.Sources = append(plan.Sources, d.Mount("/stranger", stranger{proven}))
	plan.Policy.Personal.Blocks = append(plan.Policy.Personal.Blocks, d.Block)
	return s.see(t, &event.Hit{Method: "POST", Scheme: "https", Host: "t.shop.example", Path: "/stranger", Body: []byte(strangerBody),
		Peer: netip.MustParseAddr("198.51.100.4"), Headers: event.Headers{{Name: "user-agent", Value: "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"}}})
}

// escaped lists what of the stranger's visitor can be seen.
func (v *views) escaped() (what []string) {
	for name, text := range map[string][]byte{"the log": v.log, "the live view": v.live, "requests": v.requests} {
		for _, mark := range []string{strangerAddress, strangerAgent} {
			if foundMark(text, []string{mark}) != "" {
				what = append(what, mark+" in "+name)
			}
		}
	}
	return what
}

func TestWhatAnUnknownSourceDeclaresDoesNotEscape(t *testing.T) {
	for name, proven := range map[string]bool{"from anybody": false, "from a server": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := strangerDeclared()
			if missing := d.Missing(); len(missing) > 0 {
				t.Fatalf("the declaration lacks %v", missing)
			}
			out := seeStranger(t, d, proven)
			if len(out.log) == 0 || len(out.live) == 0 {
				t.Fatal("the hit left nothing to look at")
			}
			for _, what := range out.escaped() {
				t.Error(what)
			}
			if foundMark(out.requests, []string{"qqq"}) != "" {
				t.Error("the block, which mirrors what was taken out, was sent")
			}
		})
	}
}

// The same source without a declaration is found both ways: by what is missing, and by what escapes.
func TestWhatASourceForgetsToDeclareIsFound(t *testing.T) {
	t.Parallel()
	d := strangerDeclared()
	d.Addresses, d.Agents, d.Block = nil, nil, event.Block{}
	if missing := d.Missing(); len(missing) != 2 {
		t.Errorf("missing: %v, want Addresses and Agents", missing)
	}
	out := seeStranger(t, d, false)
	if len(out.escaped()) == 0 {
		t.Error("nothing escapes that was not declared: the test of what is declared cannot fail")
	}
}

// What the page states of consent in a block is read where the block's declaration says.
func TestConsentInAnUnknownBlockIsRead(t *testing.T) {
	t.Parallel()
	s := markedServer(t, "by_consent", "none", "drop")
	policy := s.plan.Load().Policy
	e := event.Event{Params: event.Map{{Key: "zz", Value: event.ObjectOf(event.Map{
		{Key: "said", Value: event.ObjectOf(event.Map{{Key: "analytics", Value: event.Boolean(true)}})}})}}}
	granted := func() bool {
		one := e
		_ = policy.Resolve(&event.Hit{}, &one)
		ok, _ := one.Consent.Get("analytics").Bool()
		return ok
	}
	if granted() {
		t.Error("granted by a block that nobody declares")
	}
	policy.Personal.Blocks = append(policy.Personal.Blocks, strangerDeclared().Block)
	if !granted() {
		t.Error("what the page says in the block is not read")
	}
}

// RudderStack's library asks for its settings with a key in a header, so that a browser asks first whether it may.
func TestAPreflightIsOfTheRequestThatFollows(t *testing.T) {
	all, mistakes := sources.Open(sources.Config{}, sources.Limits{}, nil)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	plan := &plan.Plan{Parts: &config.Parts{Sources: all}}
	for _, c := range []struct{ path, method, want string }{
		{"/v1/projects/k/settings", "GET", "segment"},
		{"/v1/projects/k/settings", "POST", ""},
		{"/v1/t", "POST", "segment"},
		{"/v1/t", "", "segment"},
		{"/v1/t", "GET", ""},
		{"/e", "DELETE", "events"}, // it is told which methods there are
	} {
		h := &event.Hit{Method: "OPTIONS", Path: c.path, Headers: event.Headers{{Name: "access-control-request-method", Value: c.method}}}
		got := ""
		if source := plan.Source(h); source != nil {
			got = source.Name()
		}
		if got != c.want {
			t.Errorf("a preflight of %s %s is answered by %q, want %q", c.method, c.path, got, c.want)
		}
	}
}
