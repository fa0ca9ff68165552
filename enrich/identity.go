package enrich

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"headgate/document"
	"headgate/enrich/keeper"
	"headgate/enrich/linker"
	"headgate/enrich/session"
	"headgate/event/wire"
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

	fpid      bool // the cookie is written as Google's server container does: see fpid.go
	anonymous bool

	// What is off unless the configuration has it.
	sessions *sessions
	keeper   *keeper.Keeper
	link     *link
	meta     *metaCookies
}

func newIdentity(c *Identity, random io.Reader) identity {
	id := identity{cookie: c.cookieName(), clicks: c.ClickCookie.Value, lifetime: c.Lifetime.Std(), renew: c.Renew, purpose: c.Purpose,
		random: random, fpid: c.Format == formatFPID, anonymous: c.Anonymous}
	for _, cookie := range c.Adopt {
		id.adopt = append(id.adopt, newAdoption(cookie.Value))
	}
	if s := c.Sessions; s != nil {
		id.sessions = &sessions{cookie: s.Cookie.Value, timeout: s.Timeout.Std(), signer: session.NewSigner(c.Secret.Reveal())}
	}
	if k := c.Keep; k != nil {
		id.keeper = keeper.New(k.Cookie.Value, texts(k.Cookies))
	}
	if l := c.Link; l != nil {
		id.link = &link{linker.New(c.Secret.Reveal(), random), texts(l.Domains)}
	}
	if m := c.Meta; m != nil {
		id.meta = &metaCookies{}
		if a, ok := parseAppendix(m.Appendix.Value); ok {
			id.meta.appendix = &a
		}
	}
	return id
}

func texts(words []document.Words) []string {
	out := make([]string, len(words))
	for i := range words {
		out[i] = words[i].Value
	}
	return out
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
	if !ok || !wire.IsDigits(since) || !isID(id) {
		return s, false
	}
	n, err := strconv.ParseInt(since, 10, 64)
	return stored{id, n}, err == nil
}

// known returns the id that a browser's cookies hold: ours, or else one to adopt. Client is the one in Google's cookie _ga.
func (id *identity) known(own, client, header string, now time.Time) stored {
	if s, ok := id.parse(own, client); ok {
		return s
	}
	if adopted, ok := id.adoptable(header); ok {
		return stored{adopted, now.Unix()}
	}
	return stored{}
}

// isID reports whether a text can be kept in a cookie as it is (RFC 6265: cookie-octet) and is short enough for an id.
func isID(s string) bool {
	return isCookieValue(s) && len(s) <= maxID
}

// parse reads the value of the cookie of the client id.
func (id *identity) parse(own, client string) (s stored, ok bool) {
	if id.fpid {
		return parseFPID(own, client)
	}
	return parseStored(own)
}

// mint makes a new client id.
func (id *identity) mint(now time.Time) string {
	if id.fpid {
		return id.mintFPID(now)
	}
	out := make([]byte, 0, 24)
	out = strconv.AppendUint(out, uint64(id.number()), 10)
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
		if id.fpid {
			b = appendFPID(b, s, domain)
		} else {
			b = append(b, cookieVersion...)
			b = strconv.AppendInt(b, s.since, 10)
			b = append(b, '.')
			b = append(b, s.id...)
		}
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
	return append(appendReach(b, domain, secure), "; HttpOnly; SameSite=Lax"...)
}

// serverCookie returns the text of a Set-Cookie header for a cookie that scripts of the page cannot read; a life of 0 removes it.
func serverCookie(name, value string, life time.Duration, domain string, secure bool) string {
	return string(appendAttributes(fmt.Appendf(nil, "%s=%s; Max-Age=%d", name, value, life/time.Second), domain, secure))
}

// scriptCookie is serverCookie for one that its tag has to read.
func scriptCookie(name, value string, life time.Duration, domain string, secure bool) string {
	return string(append(appendReach(fmt.Appendf(nil, "%s=%s; Max-Age=%d", name, value, life/time.Second), domain, secure), "; SameSite=Lax"...))
}

// isCookieValue reports whether a text can be the value of a cookie as it is (RFC 6265: cookie-octet) and fits into one.
func isCookieValue(s string) bool {
	const longest = 3500 // what browsers take has 4096 bytes, with the attributes
	for i := range len(s) {
		if !isCookieByte(s[i]) {
			return false
		}
	}
	return s != "" && len(s) <= longest
}

func isCookieByte(c byte) bool {
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
		if c := s[i]; !wire.IsLetter(c) && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return s != ""
}
