package wire

import "strings"

// URL is an address cut into its parts, which share its memory. Nothing is decoded.
type URL struct {
	Scheme    string // as written; "" of a relative address
	Authority string // host and port, and the user where one is named
	Path      string // "/" where an address with a host has none
	Query     string // without the question mark
	Fragment  string // without the hash sign
}

// CutURL cuts an address, whole or relative. It never fails: what a page calls its URL is whatever its script put there.
func CutURL(address string) (u URL) {
	rest, fragment, _ := strings.Cut(address, "#")
	rest, query, _ := strings.Cut(rest, "?")
	u.Fragment, u.Query = fragment, query
	scheme, after, ok := strings.Cut(rest, "://")
	switch {
	case ok && isScheme(scheme):
		u.Scheme, rest = scheme, after
	case strings.HasPrefix(rest, "//"):
		rest = rest[2:]
	default:
		u.Path = rest
		return u
	}
	u.Authority, u.Path = rest, "/"
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		u.Authority, u.Path = rest[:i], rest[i:]
	}
	return u
}

// isScheme reports whether s is a scheme by RFC 3986, section 3.1.
func isScheme(s string) bool {
	for i := range len(s) {
		if c := s[i]; !IsLetter(c) && (i == 0 || !IsDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// Host returns the host without user and port, in lower case.
func (u *URL) Host() string { return Hostname(u.Authority[strings.LastIndexByte(u.Authority, '@')+1:]) }

// Hostname returns the host of an authority, such as a Host header, without its port and in lower case; an IPv6 address loses
// its brackets. What is neither stays as it is.
func Hostname(authority string) string {
	host := authority
	if inside, after, ok := strings.Cut(authority, "]"); ok && strings.HasPrefix(inside, "[") {
		if after == "" || after[0] == ':' {
			host = inside[1:]
		}
	} else if name, port, ok := strings.Cut(authority, ":"); ok && strings.IndexByte(port, ':') < 0 {
		host = name
	}
	return strings.ToLower(host)
}
