package identity

import (
	"io"
	"strconv"
	"strings"
	"time"

	"headgate/enrich/cookie"
	"headgate/event/wire"
)

// New returns what reads and mints ids by a configuration.
func New(c *Config, random io.Reader) IDs {
	id := IDs{Cookie: c.cookieName(), Lifetime: c.Lifetime.Std(), renew: c.Renew, random: random, FPID: c.Format == formatFPID}
	for _, cookie := range c.Adopt {
		id.adopt = append(id.adopt, newAdoption(cookie.Value))
	}
	return id
}

const cookieVersion = "1."

// parseStored reads the value of our cookie; ok is false for what we did not write.
func parseStored(value string) (s Stored, ok bool) {
	rest, ok := strings.CutPrefix(value, cookieVersion)
	if !ok {
		return s, false
	}
	since, id, ok := strings.Cut(rest, ".")
	if !ok || !wire.IsDigits(since) || !IsID(id) {
		return s, false
	}
	n, err := strconv.ParseInt(since, 10, 64)
	return Stored{id, n}, err == nil
}

// Known returns the id that a browser's cookies hold: ours, or else one to adopt. Client is the one in Google's cookie _ga.
func (id *IDs) Known(own, client, header string, now time.Time) Stored {
	if s, ok := id.Parse(own, client); ok {
		return s
	}
	if adopted, ok := id.adoptable(header); ok {
		return Stored{adopted, now.Unix()}
	}
	return Stored{}
}

// Parse reads the value of the cookie of the client id.
func (id *IDs) Parse(own, client string) (s Stored, ok bool) {
	if id.FPID {
		return parseFPID(own, client)
	}
	return parseStored(own)
}

// Mint makes a new client id.
func (id *IDs) Mint(now time.Time) string {
	if id.FPID {
		return id.mintFPID(now)
	}
	out := make([]byte, 0, 24)
	out = strconv.AppendUint(out, uint64(id.Number()), 10)
	out = append(out, '.')
	return string(strconv.AppendInt(out, now.Unix(), 10))
}

// SetCookie returns the text of a Set-Cookie header that keeps an id; domain "" keeps it to the host.
func (id *IDs) SetCookie(s Stored, domain string, secure bool, now time.Time) string {
	return string(id.AppendCookie(make([]byte, 0, 256), s, domain, secure, now))
}

// AppendCookie appends the text of SetCookie.
func (id *IDs) AppendCookie(b []byte, s Stored, domain string, secure bool, now time.Time) []byte {
	life := id.Lifetime
	if !id.renew {
		life -= now.Sub(time.Unix(s.Since, 0))
	}
	b = append(b, id.Cookie...)
	b = append(b, '=')
	if seconds := int64(min(life, id.Lifetime) / time.Second); seconds > 0 {
		if id.FPID {
			b = appendFPID(b, s, domain)
		} else {
			b = append(b, cookieVersion...)
			b = strconv.AppendInt(b, s.Since, 10)
			b = append(b, '.')
			b = append(b, s.ID...)
		}
		b = append(b, "; Max-Age="...)
		b = strconv.AppendInt(b, seconds, 10)
	} else {
		b = append(b, "; Max-Age=0"...)
	}
	return cookie.AppendAttributes(b, domain, secure)
}
