package enrich_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headgate/document"
	"headgate/enrich"
	"headgate/enrich/identity"
	"headgate/event"
)

// asChrome are the headers that tell Chrome from what pretends to be Chrome.
var asChrome = []string{"user-agent", chrome, "accept-language", "de-DE,de;q=0.9", "sec-fetch-site", "same-site", "sec-ch-ua", `"Chromium";v="139"`}

func TestTrafficHasClasses(t *testing.T) {
	networks := filepath.Join(t.TempDir(), "gptbot.json")
	if err := os.WriteFile(networks, []byte(`{"creationTime":"x","prefixes":[{"ipv4Prefix":"192.0.2.0/28"},{"ipv6Prefix":"2001:db8::/32"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	en := build(t, "enrich: {traffic: {data_centres: [203.0.113.0/24], operators: {openai: "+networks+"}}}")
	for _, c := range []struct {
		name, address string
		headers       []string
		want          event.Traffic
	}{
		{"a person", "198.51.100.7", asChrome, event.Traffic{Class: "human"}},
		{"a person whose proxy drops headers", "198.51.100.7", []string{"user-agent", chrome, "accept-language", "de"}, event.Traffic{Class: "human"}},
		{"a person with another browser", "198.51.100.7", []string{"user-agent", firefox}, event.Traffic{Class: "human"}},
		{"a web view of an app", "198.51.100.7", []string{"user-agent", strings.Replace(pixel8, "; K)", "; wv)", 1)}, event.Traffic{Class: "human"}},
		{"a search engine", "198.51.100.7", []string{"user-agent", "Mozilla/5.0 (compatible; bingbot/2.0)"}, event.Traffic{Class: "crawler", How: "token"}},
		{"an AI crawler that anybody may pretend to be", "198.51.100.7", []string{"user-agent", "GPTBot/1.2"}, event.Traffic{Class: "ai_crawler", How: "token", Operator: "OpenAI"}},
		{"an AI crawler of a listed network", "192.0.2.9", []string{"user-agent", "GPTBot/1.2"}, event.Traffic{Class: "ai_crawler", How: "address", Operator: "OpenAI"}},
		{"another's crawler of that network", "192.0.2.9", []string{"user-agent", "ClaudeBot/1.2"}, event.Traffic{Class: "ai_crawler", How: "token", Operator: "Anthropic"}},
		{"an assistant that fetches for a person", "198.51.100.7", []string{"user-agent", "ChatGPT-User/1.0"}, event.Traffic{Class: "agent", How: "token", Operator: "OpenAI"}},
		{"a page loaded ahead", "198.51.100.7", append([]string{"sec-purpose", "prefetch;prerender"}, asChrome...), event.Traffic{Class: "prefetch", How: "header"}},
		{"a hosted browser that is in order", "203.0.113.5", asChrome, event.Traffic{Class: "data_centre", How: "address"}},
		{"a hosted Chrome without hints", "203.0.113.5", []string{"user-agent", chrome, "accept-language", "en"}, event.Traffic{Class: "agent", How: "hint"}},
		{"a Chrome that lacks what Chrome sends", "198.51.100.7", []string{"user-agent", chrome}, event.Traffic{Class: "agent", How: "hint"}},
	} {
		h := browser(c.headers...)
		h.Peer = netip.MustParseAddr(c.address)
		e := describe(en, h, event.Event{Source: "ga4", Traffic: event.Traffic{Class: "human", Operator: "nobody"}})
		if e.Traffic != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, e.Traffic, c.want)
		}
	}
}

func TestTheSitesServerSaysWhatSentAnEvent(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct {
		said event.Traffic
		h    *event.Hit
		want event.Traffic
	}{
		{event.Traffic{Class: "agent", Operator: "OpenAI"}, fromServer(), event.Traffic{Class: "agent", How: "stated", Operator: "OpenAI"}},
		{event.Traffic{Class: "human", How: "signature"}, fromServer(), event.Traffic{Class: "human"}},
		{event.Traffic{Class: "nonsense"}, fromServer(), event.Traffic{}},
		{event.Traffic{Class: "agent"}, browser(), event.Traffic{Class: "human"}},
	} {
		if e := describe(en, c.h, event.Event{Source: "events", Traffic: c.said}); e.Traffic != c.want {
			t.Errorf("%+v became %+v, want %+v", c.said, e.Traffic, c.want)
		}
	}
}

func TestWhatAnAgentBuysIsBought(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct {
		userAgent, name string
		dropped         bool
	}{
		{"ChatGPT-User/1.0", "page_view", true}, {"ChatGPT-User/1.0", "purchase", false}, {"ChatGPT-User/1.0", "refund", false},
		{"GPTBot/1.0", "purchase", true}, {chrome, "purchase", false},
	} {
		e := describe(en, browser("user-agent", c.userAgent), event.Event{Source: "ga4", Name: c.name})
		if en.Drops(&e) != c.dropped {
			t.Errorf("%s of %s: dropped is %v", c.name, c.userAgent, en.Drops(&e))
		}
	}
}

func TestListsOfNetworks(t *testing.T) {
	folder := t.TempDir()
	list := filepath.Join(folder, "list.txt")
	if err := os.WriteFile(list, []byte("# ours\n192.0.2.0/25\n192.0.2.64/26 # inside the first\n192.0.2.130\n2001:db8:1::/48\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	en := build(t, "enrich: {traffic: {data_centres: ["+list+", 198.51.100.0/24]}}")
	for address, listed := range map[string]bool{"192.0.2.0": true, "192.0.2.127": true, "192.0.2.128": false, "192.0.2.130": true, "192.0.2.131": false,
		"198.51.100.255": true, "198.51.101.0": false, "2001:db8:1::9": true, "2001:db8:2::": false, "0.0.0.0": false, "255.255.255.255": false} {
		h := browser(asChrome...)
		h.Peer = netip.MustParseAddr(address)
		e := describe(en, h, event.Event{Source: "ga4"})
		if got := e.Traffic.Class == "data_centre"; got != listed {
			t.Errorf("%s: listed is %v", address, got)
		}
	}
	wrong := filepath.Join(folder, "wrong.txt")
	if err := os.WriteFile(wrong, []byte("192.0.2.0/25\nhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"data_centres: [" + wrong + "]":            "line 2 is no network: here",
		"data_centres: missing.txt":                "the list of networks cannot be read: stat missing.txt: no such file or directory",
		"data_centres: {a: b}":                     "expected a list of networks and files",
		"operators: {OpenAi: [], Antropic: []}":    `no operator is called Antropic; did you mean "Anthropic"?`,
		"agents: [http://agent.example]":           "no keys can be fetched from http://agent.example: it is no https address; write an origin such as https://agent.example",
		"agents: ['https://10.0.0.1']":             "it is a private name or address, or has a port",
		"agents: ['https://agent.example/a?b=c']":  "it is no https address",
		"agents: ['https://agent.internal']":       "it is a private name or address, or has a port",
		"agents: ['https://agent.example:8443/a']": "it is a private name or address, or has a port",
	} {
		_, mistakes := parse("enrich: {traffic: {" + text + "}}")
		if err := mistakes.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// directoryOfA answers as the key directory of the vectors' agent does.
type directoryOfA struct{ body string }

func (d directoryOfA) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.String() != "https://agent-a.example/.well-known/http-message-signatures-directory" {
		return nil, errors.New("nothing else is to be fetched: " + r.URL.String())
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/http-message-signatures-directory+json"}}, Body: io.NopCloser(strings.NewReader(d.body))}, nil
}

func readVector(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("signature", "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func TestAnAgentThatSignsIsKnownOnceItsKeysAre(t *testing.T) {
	var list struct {
		Now   int64
		Cases []struct {
			Request struct {
				Method, Scheme, Authority, Path string
				Headers                         map[string]string
			}
		}
	}
	var directory struct{ Response struct{ Body string } }
	readVector(t, "requests.json", &list)
	readVector(t, "directory-response.json", &directory)
	hit := func(number int) *event.Hit {
		r := list.Cases[number].Request
		h := browser(asChrome...)
		h.Method, h.Scheme, h.Host, h.Path, h.Received = r.Method, r.Scheme, r.Authority, r.Path, time.Unix(list.Now, 0)
		for name, value := range r.Headers {
			h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
		}
		return h
	}
	synctest.Test(t, func(t *testing.T) {
		config := enrich.Defaults()
		config.Traffic.Agents = []document.Words{{Value: "https://agent-a.example"}}
		en, mistakes := enrich.New(config, identity.Defaults(), nil, rand.Reader, directoryOfA{directory.Response.Body})
		if err := mistakes.Err(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := en.Close(); err != nil {
				t.Error(err)
			}
		}()
		declared := event.Traffic{Class: "agent", How: "token", Operator: "https://agent-a.example"}
		signed := event.Traffic{Class: "agent", How: "signature", Operator: "https://agent-a.example"}
		for _, c := range []struct {
			name   string
			number int
			want   event.Traffic
		}{
			{"before its keys were fetched", 0, declared},
			{"then", 0, signed},
			{"with a nonce", 3, signed},
			{"the same nonce again", 3, declared},
			{"a signature for another path", 4, declared},
		} {
			e := describe(en, hit(c.number), event.Event{Source: "ga4"})
			if e.Traffic != c.want || e.Device.Bot {
				t.Errorf("%s: %+v, want %+v", c.name, e.Traffic, c.want)
			}
			synctest.Wait()
		}
		h := hit(0)
		h.Headers = append(h.Headers, event.Header{Name: "user-agent", Value: "GPTBot/1.0"})
		h.Sender = event.Server
		if e := describe(en, h, event.Event{Source: "events"}); e.Traffic.How == "signature" {
			t.Error("the signature of the request that a server made is taken for its visitor's")
		}
	})
}
