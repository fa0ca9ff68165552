package sources_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/sources"
)

func TestHitsOfMetasPixelAreRead(t *testing.T) {
	t.Parallel()
	paths := map[string]string{"name": "name", "page_url": "page.url", "page_referrer": "page.referrer", "value": "params.value",
		"currency": "params.currency", "message_id": "id", "fbp": "cookies._fbp", "fbc": "cookies._fbc", "user.sha256_email": "user.email"}
	for _, file := range glob(t, "sources/meta-pixel/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v struct {
				request
				Expected struct {
					Pixel    string `json:"pixel_id"`
					Events   []map[string]any
					Response string
				}
			}
			load(t, file, &v)
			h := v.hit(t)
			if ms := h.QueryValue("ts"); ms != "" { // so that an old hit is not moved to the present
				n, err := time.ParseDuration(ms + "ms")
				if err != nil {
					t.Fatal(err)
				}
				h.Received = time.UnixMilli(n.Milliseconds()).UTC()
			}
			s := claimant(t, open(t, "", sources.Limits{}), h)
			r, err := s.Read(h)
			if err != nil || len(r.Events) != len(v.Expected.Events) {
				t.Fatalf("%v, %d events", err, len(r.Events))
			}
			for i, want := range v.Expected.Events {
				checkFacts(t, &r.Events[i], want, paths)
				if got := r.Events[i].GetPath("params.meta_pixel.id").Text(); got != v.Expected.Pixel {
					t.Errorf("of the pixel %s", got)
				}
			}
			a := s.Answer(h, r)
			if want := strings.Contains(v.Expected.Response, "GIF"); a.Status != 200 || want != (a.ContentType == "image/gif") {
				t.Errorf("answered %d %s", a.Status, a.ContentType)
			}
		})
	}
}
