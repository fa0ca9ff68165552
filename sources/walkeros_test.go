package sources_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"headgate/sources"
)

func TestRequestsOfWalkerOSAreRead(t *testing.T) {
	t.Parallel()
	paths := map[string]string{"name": "name", "client_id": "user.client_id", "user_id": "user.user_id", "session_id": "session.id",
		"message_id": "id", "page_url": "page.url", "page_referrer": "page.referrer", "value": "params.value", "currency": "params.currency",
		"transaction_id": "params.transaction_id"}
	for _, file := range glob(t, "sources/walkeros/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v struct {
				request
				Expected struct {
					Kind   string
					Events []map[string]any
					Shape  map[string]any `json:"response_json_shape"`
					Status int            `json:"response_status"`
				}
			}
			load(t, file, &v)
			h := v.hit(t)
			h.Received = time.UnixMilli(1700000000000).UTC()
			s := claimant(t, open(t, "walkeros:", sources.Limits{}), h)
			r, err := s.Read(h)
			if v.Expected.Kind == "error" {
				if a := s.Refuse(h, err); err == nil || a.Status != v.Expected.Status {
					t.Errorf("%v, answered %d", err, a.Status)
				}
				return
			}
			if err != nil || len(r.Events) != len(v.Expected.Events) || len(r.Rejected) > 0 {
				t.Fatalf("%v, %d events and %v, want %d", err, len(r.Events), r.Rejected, len(v.Expected.Events))
			}
			for i, want := range v.Expected.Events {
				checkFacts(t, &r.Events[i], want, paths)
			}
			a := s.Answer(h, r)
			var answer map[string]any
			if h.Method != "GET" && json.Unmarshal(a.Body, &answer) != nil || a.Status != 200 {
				t.Errorf("answered %d %s", a.Status, a.Body)
			}
			for key := range v.Expected.Shape {
				if _, ok := answer[key]; !ok {
					t.Errorf("the answer has no %s: %s", key, a.Body)
				}
			}
		})
	}
}

func TestCollectIsWalkerOSsOnlyWhereNobodyElseHasIt(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"":                                 "ga4",
		"walkeros:":                        "walkeros",
		"walkeros: {path: /collect}":       "walkeros",
		"walkeros:\nga4:":                  "ga4",
		"walkeros: {path: /collect}\nga4:": "walkeros",
	} {
		if got := claimant(t, open(t, config, sources.Limits{}), newHit("POST", "/collect", "")).Name(); got != want {
			t.Errorf("%q: /collect is %s's, want %s", config, got, want)
		}
	}
}
