package cmp

import (
	"strings"

	"headgate/event/wire"
)

// consentWords are what names of cookies with an answer in them have in common, without what stands between words.
var consentWords = []string{"consent", "gdpr", "ccpa", "optout", "donotsell", "cookiepolicy", "cookielaw", "cookiecontrol",
	"cookienotice", "cookiebanner", "cookiepref", "cookiesetting", "cookieaccept", "cookiesaccept", "acceptcookie",
	"acceptedcookie", "allowcookie", "privacypref", "privacysetting"}

const longestCookieName = 64

// LooksLikeConsent reports whether the name of a cookie looks like that of an answer.
func LooksLikeConsent(name string) bool {
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
		case c != '_' && c != '-' && c != '.' && !wire.IsDigit(c):
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

// WithoutIDs replaces, in each part of a name, what follows the first digit where there are at least four.
func WithoutIDs(name string) string {
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
		if wire.IsDigit(s[i]) {
			n++
		}
	}
	return n
}
