package normalise

import (
	"slices"
	"strings"
	"unicode"
)

// EmailVariants write e-mail addresses.
var EmailVariants = Variants{
	"":          plainEmail,
	"criteo":    plainEmail,
	"linkedin":  plainEmail,
	"meta":      metaEmail,
	"meta_sdk":  metaEmail,
	"pinterest": plainEmail,
	"snapchat":  plainEmail,
	"tiktok":    plainEmail,
	"x":         plainEmail,
	"google":    func(s string) string { return shortLocal(plainEmail(s), isGmail, true) },
	"ga4":       func(s string) string { return shortLocal(plainEmail(s), isGmail, false) },
	"microsoft": func(s string) string { return shortLocal(plainEmail(s), anyDomain, true) },
	"reddit":    func(s string) string { return shortLocal(plainEmail(s), anyDomain, true) },
}

// plainEmail writes lower case without spaces.
func plainEmail(s string) string {
	s = small(s, notSpace)
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(domain, "@,;") ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return ""
	}
	return s
}

// metaEmail is as strict as Meta's own library: what it would not hash is not sent.
func metaEmail(s string) string {
	s = Lowered(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(s, "@")
	if !ok || !dotted(local, isAtomCharacter) || !dotted(domain, isHostCharacter) || !strings.Contains(domain, ".") ||
		strings.HasPrefix(domain, "-") || strings.HasSuffix(domain, "-") || strings.Contains(domain, "-.") || strings.Contains(domain, ".-") {
		return ""
	}
	return s
}

// dotted reports whether s is one or more words of such characters, with single dots between them.
func dotted(s string, ok func(rune) bool) bool {
	last := '.'
	for _, c := range s {
		if c == '.' && last == '.' || c != '.' && !ok(c) {
			return false
		}
		last = c
	}
	return last != '.'
}

// isAtomCharacter is RFC 5322's atext, and letters of other scripts.
func isAtomCharacter(c rune) bool {
	return isHostCharacter(c) || strings.ContainsRune("!#$%&'*+/=?^_`{|}~", c)
}

func isHostCharacter(c rune) bool {
	return c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c > unicode.MaxASCII && unicode.IsLetter(c)
}

func isGmail(domain string) bool { return domain == "gmail.com" || domain == "googlemail.com" }

func anyDomain(string) bool { return true }

// shortLocal takes the dots, and with suffix what follows a +, out of the part before the @, where the domain's mail
// reaches the same person without them, or where the vendor believes so.
func shortLocal(s string, where func(domain string) bool, suffix bool) string {
	local, domain, _ := strings.Cut(s, "@")
	if !where(domain) {
		return s
	}
	if suffix {
		local, _, _ = strings.Cut(local, "+")
	}
	local = strings.ReplaceAll(local, ".", "")
	if local == "" {
		return ""
	}
	return local + "@" + domain
}

// HashedEmails returns an e-mail address in each spelling in which vendors' tags hash it, where that is another than small
// letters without blanks: at Gmail the dots, and what follows a plus sign, reach the same person without them.
func HashedEmails(address string) (spellings []string) {
	if _, domain, _ := strings.Cut(address, "@"); !isGmail(domain) {
		return nil
	}
	plain := plainEmail(address)
	for _, variant := range VariantNames(EmailVariants) {
		if s := EmailVariants[variant](address); s != "" && s != plain && !slices.Contains(spellings, s) {
			spellings = append(spellings, s)
		}
	}
	return spellings
}
