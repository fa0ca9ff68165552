package sources_test

import (
	"path/filepath"
	"slices"
	"testing"

	"headgate/sources"
)

func TestCapturedRequestsOfJitsusSDKsAreRead(t *testing.T) {
	t.Parallel()
	for _, file := range glob(t, "sources/jitsu/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v struct {
				request
				Expected struct {
					Events   []map[string]any
					Rejected []map[string]string
					Response string
				}
			}
			load(t, file, &v)
			h := v.hit(t)
			h.Received, h.Cookie = sentAt(h.Body), v.Headers["cookie"]
			all := open(t, `jitsu: {keys: ["jk:secret"]}`, sources.Limits{})
			if h.Method == "GET" {
				all = open(t, "jitsu:", sources.Limits{}) // the image has no key
			}
			s := claimant(t, all, h)
			r, err := s.Read(h)
			if err != nil {
				t.Fatal(err)
			}
			a, want := s.Answer(h, r), `{"ok":true}`
			switch {
			case v.Expected.Response != "":
				want = "GIF89a"
			case len(v.Expected.Rejected) > 0:
				want = `{"ok":false,"errors":["Message ID: m2: `
			}
			if a.Status != 200 || len(a.Body) < len(want) || string(a.Body[:len(want)]) != want {
				t.Errorf("answered %d %s", a.Status, a.Body)
			}
			if len(r.Events) != len(v.Expected.Events) || len(r.Rejected) != len(v.Expected.Rejected) {
				t.Fatalf("%d events and %v, want %d", len(r.Events), r.Rejected, len(v.Expected.Events))
			}
			for i, want := range v.Expected.Events {
				if params, ok := want["params"].(map[string]any); ok { // the one path of a query that has a name of ours
					params["group_id"] = params["context.groupId"]
					delete(params, "context.groupId")
				}
				checkSegment(t, &r.Events[i], want)
			}
		})
	}
}

func TestJitsusHeadersAreAllowed(t *testing.T) {
	t.Parallel()
	h := newHit("POST", "/api/s/track", "")
	for _, name := range []string{"x-write-key", "x-enable-debug", "x-ip-policy", "content-type"} {
		if !slices.Contains(claimant(t, open(t, "", sources.Limits{}), h).AllowHeaders(), name) {
			t.Errorf("%s is not allowed", name)
		}
	}
}
