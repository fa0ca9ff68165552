package proxy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/config"
	"headgate/event"
	"headgate/proxy/explain"
	"headgate/proxy/plan"
)

const trafficConfig = `data: %s
consent: {regions: {unknown: none}}
sources: {ga4: {}}
rules:
  - {name: mark, when: name == "page_view", set: {params.seen: =traffic.class}}
destinations:
  usual: {use: webhook, settings: {url: "https://a.example/"}}
  people: {use: webhook, settings: {url: "https://b.example/"}, traffic: [human]}
  everything: {use: webhook, settings: {url: "https://c.example/"}, traffic: [human, agent, crawler, ai_crawler, prefetch, data_centre]}
`

func TestDestinationsChooseTheirTraffic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "headgate.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(trafficConfig, "%s", t.TempDir(), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	parts, mistakes := config.Open(path, config.Env{}, config.Deps{})
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = parts.Close(t.Context()) }()
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
	for _, c := range []struct{ userAgent, name, class, usual, people, everything string }{
		{firefox, "page_view", "human", "delivered", "delivered", "delivered"},
		{"GPTBot/1.2", "page_view", "ai_crawler of OpenAI", "bot", "traffic", "delivered"},
		{"bingbot/2.0", "page_view", "crawler", "bot", "traffic", "delivered"},
		{"ChatGPT-User/1.0", "page_view", "agent of OpenAI", "bot", "traffic", "delivered"},
		{"ChatGPT-User/1.0", "purchase", "agent of OpenAI", "delivered", "delivered", "delivered"},
	} {
		h := &event.Hit{Method: "POST", Scheme: "https", Host: "t.shop.example", Path: "/g/collect", Query: "v=2&tid=G-1&cid=1.2&en=" + c.name,
			Headers: event.Headers{{Name: "user-agent", Value: c.userAgent}}}
		traces, err := explain.Explain(plan.New(parts, time.Now()), explain.Question{Hit: h}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		trace := traces[0]
		got := []string{string(trace.Destination("usual").Reason), string(trace.Destination("people").Reason), string(trace.Destination("everything").Reason)}
		if want := []string{c.usual, c.people, c.everything}; strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s of %s: %q, want %q", c.name, c.userAgent, got, want)
		}
		if !strings.HasPrefix(trace.Traffic, c.class) {
			t.Errorf("%s: traffic is %q", c.userAgent, trace.Traffic)
		}
		if why := trace.Destination("people").Because; c.people == "traffic" && !strings.HasPrefix(why, "traffic: takes human; this is ") {
			t.Errorf("because %q", why)
		}
		if seen := trace.Event.Params.Get("seen").Text(); c.name == "page_view" && !strings.HasPrefix(c.class, seen) {
			t.Errorf("a formula sees %q", seen)
		}
	}
}
