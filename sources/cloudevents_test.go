package sources_test

import (
	"path/filepath"
	"testing"
	"time"

	"headgate/sources"
)

func TestCloudEventsAreRead(t *testing.T) {
	t.Parallel()
	paths := map[string]string{"name": "name", "message_id": "id", "page_url": "page.url", "subject": "params.cloudevents.subject",
		"data_base64": "params.cloudevents.data_base64"}
	for _, file := range glob(t, "sources/cloudevents/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v struct {
				request
				Expected struct {
					Kind   string
					Events []map[string]any
				}
			}
			load(t, file, &v)
			h := v.hit(t)
			h.Received = time.Date(2026, 1, 2, 3, 4, 7, 0, time.UTC)
			s := claimant(t, open(t, "", sources.Limits{}), h)
			r, err := s.Read(h)
			if err != nil {
				t.Fatal(err)
			}
			a := s.Answer(h, r)
			if v.Expected.Kind == "error" {
				if a.Status != 400 || len(r.Events) > 0 {
					t.Errorf("%d events, answered %d", len(r.Events), a.Status)
				}
				return
			}
			if len(r.Events) != len(v.Expected.Events) || len(r.Rejected) > 0 || a.Status != 202 {
				t.Fatalf("%d events and %v, answered %d", len(r.Events), r.Rejected, a.Status)
			}
			for i, want := range v.Expected.Events {
				if extensions, ok := want["extensions"].(map[string]any); ok { // the only one is the client's
					if got := r.Events[i].User.ClientID; got != extensions["clientid"] {
						t.Errorf("client id is %q", got)
					}
					delete(want, "extensions")
				}
				checkFacts(t, &r.Events[i], want, paths)
			}
		})
	}
}
