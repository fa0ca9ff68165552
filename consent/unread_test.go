package consent

import (
	"strings"
	"testing"
)

func TestCookiesThatLookLikeConsentAndAreNotRead(t *testing.T) {
	p := policy(t, "cmp: {klaro: {cookie: shop_consent, map: {ga: analytics}}}")
	for cookies, want := range map[string]string{
		"": "",
		"_ga=GA1.1.1.1; theme=dark; cart=consent":                                             "",
		oneTrustYes + "; euconsent-v2=x; cmplz_policy_id=1; __cmpconsentx1=y; shop_consent=z": "",
		"acme_consent=yes; _ga=1; GDPR-Accepted=1; accept_cookies=0":                          "acme_consent GDPR-Accepted accept_cookies",
		"cookie-policy.v2=1": "cookie-policy.v2",
		"consent_1234567890=1; consent2024=1; user_deadbeef1234_gdpr=1": "consent_* consent* user_deadbeef*_gdpr",
		"consent ad=1; consent<b>=1; =consent; consent":                 "",
		strings.Repeat("consent", 10) + "=1":                            "",
	} {
		var found []string
		p.UnreadCookies(cookies, func(name string) { found = append(found, name) })
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%q: %q, want %q", cookies, got, want)
		}
	}
}
