package enrich

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"headgate/event"
)

// identity reads and mints the ids of browsers. Our cookie is
//
//	1.<unix s of the first visit>.<client id>
//
// where 1 is the format's version and the client id the rest, dots included. Minted ids have Google's form,
// <31 random bits>.<unix s>: every destination takes it, and an id adopted from _ga looks the same.
type identity struct {
	cookie   string
	clicks   string // the cookie of click ids, "" without one
	lifetime time.Duration
	renew    bool
	purpose  string
	adopt    []adoption
	random   io.Reader
}

const cookieVersion = "1."

// maxID is the longest id that is kept in our cookie; the longest adopted ones (FPID) have 55 bytes.
const maxID = 128

// stored is what our cookie holds.
type stored struct {
	id    string
	since int64 // unix seconds
}

// parseStored reads the value of our cookie; ok is false for what we did not write.
func parseStored(value string) (s stored, ok bool) {
	rest, ok := strings.CutPrefix(value, cookieVersion)
	if !ok {
		return s, false
	}
	since, id, ok := strings.Cut(rest, ".")
	if !ok || !event.IsDigits(since) || !isID(id) {
		return s, false
	}
	n, err := strconv.ParseInt(since, 10, 64)
	return stored{id, n}, err == nil
}

// known returns the id that a browser's cookies hold: ours, or else one to adopt.
func (id *identity) known(own, header string, now time.Time) stored {
	if s, ok := parseStored(own); ok {
		return s
	}
	if adopted, ok := id.adoptable(header); ok {
		return stored{adopted, now.Unix()}
	}
	return stored{}
}

// isID reports whether a text can be kept in a cookie as it is (RFC 6265: cookie-octet) and is short enough for an id.
func isID(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\' {
			return false
		}
	}
	return s != "" && len(s) <= maxID
}

// mint makes a new client id.
func (id *identity) mint(now time.Time) string {
	var b [4]byte
	if _, err := io.ReadFull(id.random, b[:]); err != nil {
		panic("BUG: no randomness: " + err.Error()) // crypto/rand never fails
	}
	out := make([]byte, 0, 24)
	out = strconv.AppendUint(out, uint64(binary.BigEndian.Uint32(b[:])&0x7fffffff), 10)
	out = append(out, '.')
	return string(strconv.AppendInt(out, now.Unix(), 10))
}

// setCookie returns the text of a Set-Cookie header that keeps an id; domain "" keeps it to the host.
func (id *identity) setCookie(s stored, domain string, secure bool, now time.Time) string {
	life := id.lifetime
	if !id.renew {
		life -= now.Sub(time.Unix(s.since, 0))
	}
	b := make([]byte, 0, 160)
	b = append(b, id.cookie...)
	b = append(b, '=')
	if seconds := int64(min(life, id.lifetime) / time.Second); seconds > 0 {
		b = append(b, cookieVersion...)
		b = strconv.AppendInt(b, s.since, 10)
		b = append(b, '.')
		b = append(b, s.id...)
		b = append(b, "; Max-Age="...)
		b = strconv.AppendInt(b, seconds, 10)
	} else {
		b = append(b, "; Max-Age=0"...)
	}
	return string(appendAttributes(b, domain, secure))
}

// expireCookie returns the text of a Set-Cookie header that makes the browser forget a cookie of ours.
func expireCookie(name, domain string, secure bool) string {
	return string(appendAttributes(fmt.Appendf(nil, "%s=; Max-Age=0", name), domain, secure))
}

func appendAttributes(b []byte, domain string, secure bool) []byte {
	b = append(b, "; Path=/"...)
	if domain != "" {
		b = append(b, "; Domain="...)
		b = append(b, domain...)
	}
	if secure {
		b = append(b, "; Secure"...)
	}
	return append(b, "; HttpOnly; SameSite=Lax"...)
}

// cookieDomain returns the widest domain for which a host may set cookies: the registrable one. It is "" where a cookie can
// only be the host's own: addresses, localhost and other single names, and public suffixes themselves.
func cookieDomain(host string) string {
	host = hostname(host)
	if !isHost(host) || isAddress(host) {
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

// isHost reports whether a text has only the bytes of a domain name: it comes from the request and is put into an answer.
func isHost(s string) bool {
	for i := range len(s) {
		if c := s[i]; !event.IsLetter(c) && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return s != ""
}
