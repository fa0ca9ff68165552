package sources_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"headgate/event"
	"headgate/sources"
)

func compressed(t testing.TB, text string, open func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	w := open(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t testing.TB, text string) string {
	return compressed(t, text, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func brotlied(t testing.TB, text string) string {
	return compressed(t, text, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
}

func TestBodiesAreReadHoweverTheyAreWrapped(t *testing.T) {
	t.Parallel()
	const plain = `{"name":"a","params":{"x?":"~~"}}`
	raw := compressed(t, plain, func(w io.Writer) io.WriteCloser {
		f, err := flate.NewWriter(w, flate.DefaultCompression)
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
	zlibbed := compressed(t, plain, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	for _, c := range []struct{ name, encoding, body string }{
		{"plain", "", plain},
		{"plain with a byte order mark and space", "", "\xef\xbb\xbf \r\n" + plain + "\n"},
		{"identity", "identity", plain},
		{"gzip", "gzip", gzipped(t, plain)},
		{"gzip that nobody mentions", "", gzipped(t, plain)},
		{"gzip that a proxy undid without saying so", "gzip", plain},
		{"gzip in capitals", "GZIP", gzipped(t, plain)},
		{"deflate as the standard has it", "deflate", zlibbed},
		{"deflate as some clients have it", "deflate", raw},
		{"br", "br", brotlied(t, plain)},
		{"gzip, then br", "gzip, br", brotlied(t, gzipped(t, plain))},
		{"deflate, then br", "deflate, br", brotlied(t, zlibbed)},
		{"form", "", "data=" + url.QueryEscape(plain)},
		{"form with more", "", "a=b&data=" + url.QueryEscape(plain) + "&c=d"},
		{"base64", "", base64.StdEncoding.EncodeToString([]byte(plain))},
		{"base64 for URLs without padding", "", base64.RawURLEncoding.EncodeToString([]byte(plain))},
		{"base64 whose plus became a space", "", strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(plain)), "+", " ")},
		{"form of base64", "", "data=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(plain)))},
		{"base64 of gzip", "", base64.StdEncoding.EncodeToString([]byte(gzipped(t, plain)))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHit("POST", "/e", c.body)
			h.Headers = event.Headers{{Name: "content-encoding", Value: c.encoding}}
			r, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Events) != 1 || r.Events[0].Params.Text("x?") != "~~" {
				t.Errorf("read %+v", r)
			}
		})
	}
}

func TestGA4LinesMayBeCompressed(t *testing.T) {
	t.Parallel()
	h := newHit("POST", "/g/collect?v=2&tid=G-EXAMPLE001", gzipped(t, "en=a\r\nen=b"))
	r, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h)
	if err != nil || len(r.Events) != 2 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestWhatIsTooLargeOrBrokenIsRefused(t *testing.T) {
	t.Parallel()
	limits := sources.Limits{Body: 4096, Events: 3, Items: 2}
	bomb := strings.Repeat(" ", 1<<20) + `{"name":"a"}`
	list := `[` + strings.Repeat(`{"name":"a"},`, 3) + `{"name":"a"}]`
	wide := `{"name":"a"` + strings.Repeat(`,"x":1`, 501) + `}`
	for _, c := range []struct {
		name, path, encoding, body string
		want                       error
		status                     int
	}{
		{"long body", "/e", "", strings.Repeat("x", 4097), sources.ErrTooLarge, 413},
		{"gzip bomb", "/e", "gzip", gzipped(t, bomb), sources.ErrTooLarge, 413},
		{"brotli bomb", "/v1/t", "br", brotlied(t, bomb), sources.ErrTooLarge, 413},
		{"bomb in a bomb", "/mp/collect", "gzip, gzip", gzipped(t, gzipped(t, bomb)), sources.ErrMalformed, 400},
		{"base64 bomb", "/e", "", base64.StdEncoding.EncodeToString([]byte(gzipped(t, bomb))), sources.ErrTooLarge, 413},
		{"torn gzip", "/e", "gzip", gzipped(t, list)[:20], sources.ErrMalformed, 400},
		{"gzip of three bytes", "/e", "", "\x1f\x8b\x08", sources.ErrMalformed, 400},
		{"torn deflate", "/e", "deflate", "xx", sources.ErrMalformed, 400},
		{"unknown encoding", "/e", "zstd", "{}", sources.ErrMalformed, 400},
		{"three encodings", "/e", "gzip, gzip, gzip", "{}", sources.ErrMalformed, 400},
		{"empty body", "/e", "", " ", sources.ErrMalformed, 400},
		{"no object", "/e", "", `"text that is long enough"`, sources.ErrMalformed, 400},
		{"too many events", "/e", "", list, sources.ErrTooLarge, 413},
		{"too many lines", "/e", "", strings.Repeat(`{"name":"a"}`+"\n", 4), sources.ErrTooLarge, 413},
		{"too many events of mp", "/mp/collect", "", `{"events":` + list + `}`, sources.ErrTooLarge, 413},
		{"too many calls", "/v1/batch", "", `{"batch":` + list + `}`, sources.ErrTooLarge, 413},
		{"too many GA4 lines", "/g/collect", "", "en=a\nen=b\nen=c\nen=d", sources.ErrTooLarge, 413},
		{"too many keys", "/e", "", wide, sources.ErrTooLarge, 413},
		{"values too deep in each other", "/e", "", `{"name":"a","params":` + nested(event.MaxDepth) + `}`, sources.ErrTooLarge, 413},
		{"a batch without a batch", "/v1/batch", "", `{}`, sources.ErrMalformed, 400},
		{"a call that is a list", "/v1/track", "", `[]`, sources.ErrMalformed, 400},
		{"mp without events", "/mp/collect", "", `{"events":{}}`, sources.ErrMalformed, 400},
		{"a shared context of the wrong type", "/e", "", `{"events":[{"name":"a"}],"session":{"number":"x"}}`, sources.ErrMalformed, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHit("POST", c.path, c.body)
			h.Headers = event.Headers{{Name: "content-encoding", Value: c.encoding}}
			s := claimant(t, open(t, "", limits), h)
			r, err := s.Read(h)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v with %d events, want %v", err, len(r.Events), c.want)
			}
			if a := s.Refuse(h, err); a.Status != c.status {
				t.Errorf("answered %d, want %d", a.Status, c.status)
			}
		})
	}
}

func TestTooManyItemsCostOnlyTheirEvent(t *testing.T) {
	t.Parallel()
	limits := sources.Limits{Items: 2}
	for _, c := range []struct{ name, target, body string }{
		{"own", "/e", `[{"name":"a","items":[{},{},{}]},{"name":"b","items":[{},{}]}]`},
		{"mp", "/mp/collect", `{"events":[{"name":"a","params":{"items":[{},{},{}]}},{"name":"b","params":{"items":[{},{}]}}]}`},
		{"segment", "/v1/b", `{"batch":[{"type":"track","event":"a","properties":{"products":[{},{},{}]}},{"type":"track","event":"b","properties":{"products":[{},{}]}}]}`},
		{"ga4", "/g/collect?v=2&tid=G-EXAMPLE001", "en=a&pr1=id1&pr2=id2&pr3=id3\nen=b&pr1=id1&pr2=id2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHit("POST", c.target, c.body)
			r, err := claimant(t, open(t, "", limits), h).Read(h)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Events) != 1 || r.Events[0].Name != "b" || len(r.Events[0].Items) != 2 ||
				len(r.Rejected) != 1 || r.Rejected[0] != (sources.Rejected{Index: 0, Why: "the event has 3 items; 2 are allowed"}) {
				t.Errorf("read %+v", r)
			}
		})
	}
}

func TestAGA4EventOfTooManyParametersIsRefused(t *testing.T) {
	t.Parallel()
	h := newHit("GET", "/g/collect?v=2&tid=G-EXAMPLE001&en=a"+strings.Repeat("&x=1", 498), "")
	if _, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h); !errors.Is(err, sources.ErrMalformed) {
		t.Errorf("501 parameters: %v", err)
	}
	h.Query = strings.TrimSuffix(h.Query, "&x=1")
	if _, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h); err != nil {
		t.Errorf("500 parameters: %v", err)
	}
}
