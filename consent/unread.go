package consent

import "strings"

// consentWords are what names of cookies with an answer in them have in common, without what stands between words.
var consentWords = []string{"consent", "gdpr", "ccpa", "optout", "donotsell", "cookiepolicy", "cookielaw", "cookiecontrol",
	"cookienotice", "cookiebanner", "cookiepref", "cookiesetting", "cookieaccept", "cookiesaccept", "acceptcookie",
	"acceptedcookie", "allowcookie", "privacypref", "privacysetting"}

// UnreadCookies calls found with the name of each cookie of a header that looks like the answer of a consent tool and that is
// not read: a tool that is not known, or one whose cookie the site has given a name of its own. Names are shown as the
// site chose them; what looks like the id of a visitor in one is replaced by *.
func (p *Policy) UnreadCookies(header string, found func(name string)) {
	for header != "" {
		var pair string
		pair, header, _ = strings.Cut(header, ";")
		name, _, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if ok && looksLikeConsent(name) && p.cookie(name) == nil {
			found(withoutIDs(name))
		}
	}
}

const longestCookieName = 64

func looksLikeConsent(name string) bool {
	var room [longestCookieName]byte
	letters := room[:0]
	if len(name) > longestCookieName {
		return false
	}
	for _, c := range []byte(name) {
		switch {
		case c >= 'A' && c <= 'Z':
			letters = append(letters, c+'a'-'A')
		case c >= 'a' && c <= 'z':
			letters = append(letters, c)
		case c != '_' && c != '-' && c != '.' && !digit(c):
			return false
		}
	}
	for _, word := range consentWords {
		if strings.Contains(string(letters), word) {
			return true
		}
	}
	return false
}

// withoutIDs replaces, in each part of a name, what follows the first digit where there are at least four.
func withoutIDs(name string) string {
	var b strings.Builder
	for name != "" {
		end := strings.IndexAny(name, "_-.")
		if end < 0 {
			end = len(name)
		}
		part := name[:end]
		if first := strings.IndexAny(part, "0123456789"); first >= 0 && digits(part) >= 4 {
			part = part[:first] + "*"
		}
		b.WriteString(part)
		if end < len(name) {
			end++
			b.WriteByte(name[end-1])
		}
		name = name[end:]
	}
	return b.String()
}

func digits(s string) (n int) {
	for i := range len(s) {
		if digit(s[i]) {
			n++
		}
	}
	return n
}
