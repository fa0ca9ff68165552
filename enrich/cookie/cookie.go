// Package cookie reads the Cookie header and writes the text of Set-Cookie headers: names, values, and the domains that a host may
// set cookies for. It knows none of the cookies.
package cookie

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"headgate/event/wire"
)

// Expired returns the text of a Set-Cookie header that makes the browser forget a cookie of ours.
func Expired(name, domain string, secure bool) string {
	return string(AppendAttributes(fmt.Appendf(nil, "%s=; Max-Age=0", name), domain, secure))
}

// AppendAttributes appends the attributes of a cookie that scripts cannot read.
func AppendAttributes(b []byte, domain string, secure bool) []byte {
	return append(appendReach(b, domain, secure), "; HttpOnly; SameSite=Lax"...)
}

// ForServer returns the text of a Set-Cookie header for a cookie that scripts of the page cannot read; a life of 0 removes it.
func ForServer(name, value string, life time.Duration, domain string, secure bool) string {
	return string(AppendAttributes(fmt.Appendf(nil, "%s=%s; Max-Age=%d", name, value, life/time.Second), domain, secure))
}

// ForScripts is serverCookie for one that its tag has to read.
func ForScripts(name, value string, life time.Duration, domain string, secure bool) string {
	return string(append(appendReach(fmt.Appendf(nil, "%s=%s; Max-Age=%d", name, value, life/time.Second), domain, secure), "; SameSite=Lax"...))
}

// IsValue reports whether a text can be the value of a cookie as it is (RFC 6265: cookie-octet) and fits into one.
func IsValue(s string) bool {
	const longest = 3500 // what browsers take has 4096 bytes, with the attributes
	for i := range len(s) {
		if !isByte(s[i]) {
			return false
		}
	}
	return s != "" && len(s) <= longest
}

func isByte(c byte) bool {
	return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'
}

func appendReach(b []byte, domain string, secure bool) []byte {
	b = append(b, "; Path=/"...)
	if domain != "" {
		b = append(b, "; Domain="...)
		b = append(b, domain...)
	}
	if secure {
		b = append(b, "; Secure"...)
	}
	return b
}

// Domain returns the widest domain for which a host may set cookies: the registrable one. It is "" where a cookie can
// only be the host's own: addresses, localhost and other single names, and public suffixes themselves.
func Domain(host string) string {
	host = hostname(host)
	if !IsHost(host) || isAddress(host) {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}

// isAddress reports whether a host is an IPv4 address. No other host ends in a digit, so that asking costs nothing.
func isAddress(host string) bool {
	if last := host[len(host)-1]; last < '0' || last > '9' {
		return false
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

// IsHost reports whether a text has only the bytes of a domain name: it comes from the request and is put into an answer.
func IsHost(s string) bool {
	for i := range len(s) {
		if c := s[i]; !wire.IsLetter(c) && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return s != ""
}

// IsToken reports whether a text can name a cookie (RFC 6265: a token of RFC 2616).
func IsToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// hostname is event.Hostname without the dot that may end a name.
func hostname(authority string) string { return strings.TrimSuffix(wire.Hostname(authority), ".") }

// Cut takes the first cookie off a Cookie header; name is "" for anything else.
func Cut(header string) (name, value, rest string) {
	name, value, rest, _ = wire.CutCookie(header)
	if value == "" || len(value) > Longest {
		return "", "", rest
	}
	return name, value, rest
}

// Longest is the longest cookie that is read; Google's linker cookies are the longest real ones.
const Longest = 1024
