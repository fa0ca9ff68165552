package proxy

import (
	"net/http"
	"slices"
	"testing"

	"headgate/proxy/counts"
)

func TestStatusNamesConsentCookiesThatNobodyReads(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	send := func(cookies string) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", r.base+"/g/collect?v=2&tid=G-EXAMPLE&cid=1.2&en=page_view", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", cookies)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	send("acme_consent=secret; OptanonConsent=groups=C0002%3A1")
	send("acme_consent=other; gdpr_ok=1; theme=dark")
	status, err := r.Status(t.Context())
	want := []counts.UnreadCookie{{Name: "acme_consent", Seen: 2}, {Name: "gdpr_ok", Seen: 1}}
	if err != nil || !slices.Equal(status.Consent.UnreadCookies, want) {
		t.Errorf("%+v %v", status.Consent, err)
	}
}
