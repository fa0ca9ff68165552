package sources_test

import (
	"path/filepath"
	"testing"

	"headgate/sources"
)

func TestCapturedRequestsOfPlausiblesScriptsAreRead(t *testing.T) {
	t.Parallel()
	paths := map[string]string{"name": "name", "page_url": "page.url", "page_referrer": "page.referrer", "client_id": "user.client_id",
		"site": "params.plausible.domain", "value": "params.value", "currency": "params.currency", "interactive": "params.interactive",
		"engagement_time_ms": "params.engagement_time_msec", "scroll_depth_percent": "params.percent_scrolled"}
	for _, file := range glob(t, "sources/plausible/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v struct {
				request
				Expected struct {
					Kind   string
					Events []map[string]any
					Sites  []string
					Status int    `json:"response_status"`
					Body   string `json:"response_body"`
				}
			}
			load(t, file, &v)
			h := v.hit(t)
			s := claimant(t, open(t, "", sources.Limits{}), h)
			r, err := s.Read(h)
			answer := s.Answer(h, r)
			if err != nil {
				answer = s.Refuse(h, err)
			}
			if answer.Status != v.Expected.Status || v.Expected.Body != "" && string(answer.Body) != v.Expected.Body {
				t.Errorf("answered %d %s", answer.Status, answer.Body)
			}
			if v.Expected.Kind != "events" {
				return // a bot's are dropped later, by enrich
			}
			if want := len(v.Expected.Events) + len(v.Expected.Sites); len(r.Events) != want {
				t.Fatalf("%d events, want %d: %v", len(r.Events), want, err)
			}
			for i, site := range v.Expected.Sites {
				if got := r.Events[i].GetPath(paths["site"]).Text(); got != site {
					t.Errorf("event %d is for %s, want %s", i, got, site)
				}
			}
			for i, want := range v.Expected.Events {
				e := &r.Events[i]
				for key, value := range want {
					switch key {
					case "raw_name":
						if got := e.Params.Text("original_name"); got != value && e.Name != value {
							t.Errorf("original name is %q, want %v", got, value)
						}
					case "params":
						for name, value := range value.(map[string]any) {
							if got := e.Params.Get(name); !same(got, value) {
								t.Errorf("params.%s is %v, want %v", name, got.Any(), value)
							}
						}
					default:
						if got := e.GetPath(paths[key]); paths[key] == "" || !same(got, value) {
							t.Errorf("%s is %v, want %v", key, got.Any(), value)
						}
					}
				}
			}
		})
	}
}
