package sources_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/layout"
	"headgate/sources"
)

// sound checks what holds for whatever was sent: the limits, a name, an answer, and events that are JSON and are the same
// when the log has had them.
func sound(t *testing.T, all []sources.Source, h *event.Hit) {
	t.Helper()
	for _, s := range all {
		if !s.Claims(h.Method, h.Path) {
			continue
		}
		r, err := s.Read(h)
		if err != nil {
			if a := s.Refuse(h, err); a.Status != 200 && (a.Status < 400 || a.Status > 499) {
				t.Fatalf("refused with %d", a.Status)
			}
			continue
		}
		if len(r.Events)+len(r.Rejected) > 50 {
			t.Fatalf("%d events", len(r.Events))
		}
		for i := range r.Events {
			e := &r.Events[i]
			if e.Name == "" || e.Source != s.Name() || len(e.Items) > 20 || len(e.ID) > 256 || !e.Received.Equal(received) {
				t.Fatalf("event %+v", e)
			}
			if !e.Time.IsZero() && (e.Time.Before(received.AddDate(0, 0, -7)) || e.Time.Sub(received).Minutes() > 5) {
				t.Fatalf("time %v", e.Time)
			}
			if e.Device.IP != "" || e.Geo != (event.Geo{}) {
				t.Fatalf("a stranger is believed: %+v", e)
			}
			b := e.AppendJSON(nil)
			if !json.Valid(b) {
				t.Fatalf("no JSON: %s", b)
			}
			decision := event.Decision{Event: *e}
			back, err := layout.Decode(string(layout.Append(nil, &decision)))
			if err != nil {
				t.Fatalf("%s cannot be read back from the log: %v", b, err)
			}
			if again := back.Event.AppendJSON(nil); string(again) != string(b) {
				t.Fatalf("the log makes\n%s of\n%s", again, b)
			}
		}
		if a := s.Answer(h, r); a.Status < 200 || a.Status > 499 || a.ContentType == "application/json" && !json.Valid(a.Body) {
			t.Fatalf("answered %d %s", a.Status, a.Body)
		}
	}
}

var fuzzed = sources.Limits{Body: 64 << 10, Events: 50, Items: 20}

// seeds are the hits of testdata that go to one of the paths.
func seeds(f *testing.F, paths ...string) (hits []*event.Hit) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, parts := sections(string(data))
		head, body, _ := strings.Cut(parts["hit"], "\n\n")
		line, _, _ := strings.Cut(head, "\n")
		method, target, _ := strings.Cut(line, " ")
		h := newHit(method, target, body)
		for _, path := range paths {
			if h.Path == path {
				hits = append(hits, h)
			}
		}
	}
	return hits
}

// nested is an object of that many levels.
func nested(levels int) string {
	return strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels)
}

func FuzzGA4(f *testing.F) {
	for _, h := range seeds(f, "/g/collect", "/collect") {
		f.Add(h.Query, h.Body)
	}
	f.Add(ga4Purchase, []byte("en=a&pr1=id~~~nm%0A~k0~vQ\r\n&&=&en=b&epn.x=1e999&ep.user_data.address.9.x=1&em=tv.1~~em.~fn0"))
	all := open(f, "ga4:", fuzzed)
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		h := newHit("POST", "/g/collect", "")
		h.Query, h.Body = query, body
		sound(t, all, h)
	})
}

func FuzzPixel(f *testing.F) {
	for _, h := range seeds(f, "/p.gif") {
		f.Add(h.Query)
	}
	f.Add("params=1&params.a.b.c=2&user.traits.x=1&consent=x&consent.x=y&time=1&id=1&cookies._fbp=1&geo=x&device.ip=1")
	all := open(f, "pixel:", fuzzed)
	f.Fuzz(func(t *testing.T, query string) {
		h := newHit("GET", "/p.gif", "")
		h.Query = query
		sound(t, all, h)
	})
}

func FuzzEvents(f *testing.F) {
	for _, h := range seeds(f, "/e") {
		f.Add("application/json", h.Body)
	}
	f.Add("application/json", []byte(`{"name":"a","params":`+nested(event.MaxDepth-1)+`}`))
	f.Add("application/x-ndjson", []byte("{\"name\":\"a\"}\n{\"name\":1e5,\"items\":[{\"price\":\"x\"}]}"))
	all := open(f, "events:", fuzzed)
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		h := newHit("POST", "/e", "")
		h.Body, h.Headers = body, event.Headers{{Name: "content-type", Value: contentType}}
		sound(t, all, h)
	})
}

func FuzzMP(f *testing.F) {
	for _, h := range seeds(f, "/mp/collect") {
		f.Add(h.Query, h.Body)
	}
	all := open(f, "mp:", fuzzed)
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		h := newHit("POST", "/mp/collect", "")
		h.Query, h.Body = query, body
		sound(t, all, h)
	})
}

func FuzzSegment(f *testing.F) {
	for _, path := range []string{"/v1/t", "/v1/track", "/v1/i", "/g", "/p", "/v1/b", "/v1/batch", "/v1/screen"} {
		for _, h := range seeds(f, path) {
			f.Add(path, h.Body)
		}
	}
	f.Add(`/v1/projects/"/settings`, []byte(nil))
	all := open(f, "segment:", fuzzed)
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		h := newHit("POST", "", "")
		h.Path, h.Body = path, body
		sound(t, all, h)
		h.Method = "GET"
		sound(t, all, h)
	})
}

func FuzzBodies(f *testing.F) {
	f.Add("gzip", []byte(gzipped(f, `{"name":"a"}`)))
	f.Add("br", []byte(brotlied(f, `{"name":"a"}`)))
	f.Add("deflate, gzip", []byte("data=eyJuYW1lIjoiYSJ9"))
	all := open(f, "events:", fuzzed)
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		h := newHit("POST", "/e", "")
		h.Body, h.Headers = body, event.Headers{{Name: "content-encoding", Value: encoding}}
		sound(t, all, h)
	})
}
