package sources_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"headgate/event"
	"headgate/sources"
)

// What is to be sent again is told as the libraries read it: Amplitude's look for the code in the body.
func TestWhatIsDelayedIsToldInTheWordsOfTheLibraries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, target string
		status         int
		want           string
	}{
		{"POST", "/2/httpapi", 503, `503 {"code":503,"error":"try again later"}`},
		{"POST", "/track/?verbose=1", 429, `429 {"status":0,"error":"try again later"}`},
		{"POST", "/engage/", 503, "503 0"},
		{"POST", "/import/", 503, `503 {"code":503,"error":"try again later","num_records_imported":0,"status":"Error"}`},
		{"POST", "/e/", 429, `503 {"error":"x"}`}, // after a 429 the browser library does not try again
		{"POST", "/2/httpapi", 429, `429 {"code":429,"error":"try again later","throttled_devices":{},"throttled_users":{},"throttled_events":[]}`},
	} {
		h := newHit(c.method, c.target, "")
		later := event.Headers{{Name: "retry-after", Value: "1"}}
		a := claimant(t, open(t, "", sources.Limits{}), h).Delay(h, sources.Answer{Status: c.status, ContentType: "application/json", Headers: later, Body: []byte(`{"error":"x"}`)})
		if got := strconv.Itoa(a.Status) + " " + string(a.Body); got != c.want || a.Headers.Get("retry-after") != "1" {
			t.Errorf("%s %s: %s %v, want %s", c.method, c.target, got, a.Headers, c.want)
		}
	}
}

// FuzzProducts walks every path of the sources whose bodies are JSON in any of the wrappings that libraries use.
func FuzzProducts(f *testing.F) {
	all := open(f, "amplitude:\nmixpanel:\nposthog:\nsnowplow: {redirects: [partner.example]}", fuzzed)
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
		path, query, _ := strings.Cut(target, "?")
		f.Add(method == "GET", path, query, "", []byte(body))
	}
	f.Add(false, "/batch", "compression=lz64", "gzip", []byte("data=NobwRApgbhB2AuYBcYAkAHAhgc2gSwg"))
	f.Fuzz(func(t *testing.T, get bool, path, query, encoding string, body []byte) {
		h := newHit(map[bool]string{true: "GET", false: "POST"}[get], "", "")
		h.Path, h.Query, h.Body = path, query, body
		h.Headers = event.Headers{{Name: "content-encoding", Value: encoding}}
		sound(t, all, h)
	})
}
