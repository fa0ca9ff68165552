package counts

import (
	"fmt"
	"testing"

	"headgate/consent"
)

func TestNamesOfUnreadCookiesAreFewAndLaterHitsASample(t *testing.T) {
	p, mistakes := consent.New(consent.Defaults())
	if mistakes.Err() != nil {
		t.Fatal(mistakes)
	}
	var u UnreadCookies
	for i := range 10 * mostUnread {
		u.Look(p, fmt.Sprintf("consent-%c%c=1", 'a'+i/26%26, 'a'+i%26))
	}
	if got := len(u.List()); got != mostUnread {
		t.Errorf("%d names", got)
	}
	u = UnreadCookies{}
	for range unsampledHits + 10*sampledHits {
		u.Look(p, "consent=1")
	}
	if got := u.List(); len(got) != 1 || got[0].Seen != unsampledHits+10 {
		t.Errorf("%+v", got)
	}
}
