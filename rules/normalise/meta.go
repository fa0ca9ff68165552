package normalise

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// MetaPayload returns the fourth part of a valid _fbc or _fbp cookie, "" when it is not valid: fb, two numbers, the
// payload, and in some a mark of the library that wrote it.
func MetaPayload(cookie string) string {
	version, rest, _ := strings.Cut(cookie, ".")
	index, rest, _ := strings.Cut(rest, ".")
	made, rest, _ := strings.Cut(rest, ".")
	payload, mark, marked := strings.Cut(rest, ".")
	switch {
	case version != "fb" || !isDigits(index) || !isDigits(made):
		return ""
	case marked && len(mark) != 8 && !slices.Contains(libraryMarks, mark) || strings.Contains(mark, "."):
		return ""
	}
	return payload
}

// libraryMarks are those of two letters; newer libraries write eight.
var libraryMarks = []string{"AQ", "Ag", "Aw", "BA", "BQ", "Bg"}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// SubdomainIndex is how many dots the cookie's domain has; none count for an address.
func SubdomainIndex(domain string) string {
	domain = strings.Trim(strings.TrimSuffix(domain, "."), "[]")
	if _, err := netip.ParseAddr(domain); err == nil {
		return "0"
	}
	return strconv.Itoa(strings.Count(domain, "."))
}
