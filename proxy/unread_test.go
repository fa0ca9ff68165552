package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"headgate/consent"
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
	want := []UnreadCookie{{"acme_consent", 2}, {"gdpr_ok", 1}}
	if err != nil || !slices.Equal(status.Consent.UnreadCookies, want) {
		t.Errorf("%+v %v", status.Consent, err)
	}
}

func TestNamesOfUnreadCookiesAreFewAndLaterHitsASample(t *testing.T) {
	p, mistakes := consent.New(consent.Defaults())
	if mistakes.Err() != nil {
		t.Fatal(mistakes)
	}
	var u unreadCookies
	for i := range 10 * mostUnread {
		u.look(p, fmt.Sprintf("consent-%c%c=1", 'a'+i/26%26, 'a'+i%26))
	}
	if got := len(u.list()); got != mostUnread {
		t.Errorf("%d names", got)
	}
	u = unreadCookies{}
	for range unsampledHits + 10*sampledHits {
		u.look(p, "consent=1")
	}
	if got := u.list(); len(got) != 1 || got[0].Seen != unsampledHits+10 {
		t.Errorf("%+v", got)
	}
}
