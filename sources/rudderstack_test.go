package sources_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"headgate/sources"
)

func TestCapturedRequestsOfRudderStacksSDKsAreRead(t *testing.T) {
	t.Parallel()
	for _, file := range glob(t, "sources/rudderstack/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v struct {
				request
				Expected struct {
					Kind   string
					Events []map[string]any
					Body   string `json:"response_body"`
				}
			}
			load(t, file, &v)
			h := v.hit(t)
			h.Received = sentAt(h.Body)
			s := claimant(t, open(t, "rudderstack: {keys: [1abcdefghijklmnopqrstuvwxyz]}", sources.Limits{}), h)
			r, err := s.Read(h)
			if err != nil {
				t.Fatal(err)
			}
			a := s.Answer(h, r)
			if a.Status != 200 || v.Expected.Body != "" && string(a.Body) != v.Expected.Body {
				t.Errorf("answered %d %s", a.Status, a.Body)
			}
			if v.Expected.Kind == "settings" {
				var settings struct {
					Source struct {
						ID           string
						WriteKey     string
						Config       map[string]any
						Destinations []any
					}
				}
				if err := json.Unmarshal(a.Body, &settings); err != nil || settings.Source.ID == "" || settings.Source.Config == nil ||
					settings.Source.Destinations == nil || settings.Source.WriteKey != "1abcdefghijklmnopqrstuvwxyz" {
					t.Errorf("settings %s: %v", a.Body, err)
				}
				return
			}
			if len(r.Events) != len(v.Expected.Events) || len(r.Rejected) > 0 {
				t.Fatalf("%d events and %v, want %d", len(r.Events), r.Rejected, len(v.Expected.Events))
			}
			for i, want := range v.Expected.Events {
				checkSegment(t, &r.Events[i], want)
			}
		})
	}
}

func TestRudderStackAndSegmentMayBothBeOn(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"rudderstack:":           "rudderstack",
		"rudderstack:\nsegment:": "segment",
		"rudderstack: {}\nsegment: {path: /segment/v1}":    "rudderstack",
		"rudderstack: {path: /rudder}\nsegment: {}\nga4: ": "segment",
	} {
		if got := claimant(t, open(t, config, sources.Limits{}), newHit("POST", "/v1/track", "")).Name(); got != want {
			t.Errorf("%q: /v1/track is %s's, want %s", config, got, want)
		}
	}
	h := newHit("POST", "/rudder/v1/track", "")
	if got := claimant(t, open(t, "rudderstack: {path: /rudder}\nsegment:", sources.Limits{}), h).Name(); got != "rudderstack" {
		t.Errorf("/rudder/v1/track is %s's", got)
	}
}

// A browser asks before each request to another origin; a header that is not allowed keeps the event from being sent at all.
func TestTheHeadersOfRudderStacksSDKMayComeFromAnotherOrigin(t *testing.T) {
	t.Parallel()
	for _, config := range []string{"rudderstack:", "rudderstack:\nsegment:"} {
		allowed := claimant(t, open(t, config, sources.Limits{}), newHit("POST", "/v1/track", "")).AllowHeaders()
		for _, header := range []string{"anonymousid", "authorization", "content-type", "sentat", "rsa-retry-attempt", "rsa-retry-reason",
			"rsa-since-first-attempt", "rsa-since-last-attempt", "rsa-recovered"} {
			if !slices.Contains(allowed, header) {
				t.Errorf("%q: %s is not allowed, only %v", config, header, allowed)
			}
		}
	}
}
