package sources_test

import (
	"path/filepath"
	"strings"
	"testing"

	"headgate/sources"
)

func TestRequestsOfMatomosTrackersAreRead(t *testing.T) {
	t.Parallel()
	paths := map[string]string{"name": "name", "site_id": "params.matomo.idsite", "client_id": "user.client_id", "user_id": "user.user_id",
		"page_url": "page.url", "page_title": "page.title", "value": "params.value", "transaction_id": "params.transaction_id",
		"tax": "params.tax", "shipping": "params.shipping", "discount": "params.discount"}
	for _, file := range glob(t, "sources/matomo/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v struct {
				request
				Expected struct {
					Events []map[string]any
					Status int `json:"response_status"`
					JSON   any `json:"response_json"`
				}
			}
			load(t, file, &v)
			h := v.hit(t)
			s := claimant(t, open(t, "", sources.Limits{}), h)
			r, err := s.Read(h)
			if err != nil || len(r.Events) != len(v.Expected.Events) || len(r.Rejected) > 0 {
				t.Fatalf("%v, %d events and %v, want %d", err, len(r.Events), r.Rejected, len(v.Expected.Events))
			}
			status, body := 200, "GIF89a"
			if v.Expected.Status != 0 {
				status, body = v.Expected.Status, ""
			}
			if v.Expected.JSON != nil {
				body = `{"status":"success","tracked":3,"invalid":0}`
			}
			if a := s.Answer(h, r); a.Status != status || !strings.HasPrefix(string(a.Body), body) {
				t.Errorf("answered %d %s", a.Status, a.Body)
			}
			for i, want := range v.Expected.Events {
				checkFacts(t, &r.Events[i], want, paths)
			}
		})
	}
}
