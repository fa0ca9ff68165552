package linker

import (
	"encoding/base64"
	"hash/crc32"
	"strconv"
	"strings"
	"time"
)

// GoogleParameter is the query parameter of links that Google's tag decorates.
const GoogleParameter = "_gl"

// Google is what a link of Google's tag carries: 1*<hash>*<key>*<value>*..., the values in base64url with dots for padding.
// The format is that of gtag.js as of 2026; Google does not document it.
type Google struct {
	hash    uint32
	payload string // what follows the hash
}

// mostGoogle is the longest value of the parameter that is read. Real ones have 100 to 1,000 bytes.
const mostGoogle = 2048

// ReadGoogle reads the value of the parameter; ok is false for another format.
func ReadGoogle(value string) (g Google, ok bool) {
	version, rest, _ := strings.Cut(value, "*")
	hash, payload, ok := strings.Cut(rest, "*")
	if !ok || version != "1" || len(value) > mostGoogle {
		return g, false
	}
	n, err := strconv.ParseUint(hash, 36, 32)
	return Google{uint32(n), payload}, err == nil && strings.Count(payload, "*")%2 == 1
}

// Fresh reports whether the checksum is that of a link made in this browser within the last three minutes by the clock: base36
// of the CRC-32 of user agent, timezone offset, language, minute and payload, with asterisks between. The offset stands in no
// header, so all that are in use are tried. The checksum has no secret: it tells a stale or foreign link from a fresh one, and
// proves nothing against somebody who makes one on purpose.
func (g Google) Fresh(userAgent string, languages []string, now time.Time) bool {
	minute := now.Unix() / 60
	for _, language := range languages {
		for ago := range int64(3) {
			tail := "*" + language + "*" + strconv.FormatInt(minute-ago, 10) + "*" + g.payload
			if g.fits(userAgent, tail) {
				return true
			}
		}
	}
	return false
}

// JavaScript's getTimezoneOffset in minutes: what is to be added to local time.
const (
	firstOffset = -14 * 60
	lastOffset  = 12 * 60
	offsetStep  = 15
)

func (g Google) fits(userAgent, tail string) bool {
	begun := crc32.ChecksumIEEE([]byte(userAgent + "*"))
	end := []byte(tail)
	var room [8]byte
	for offset := firstOffset; offset <= lastOffset; offset += offsetStep {
		sum := crc32.Update(begun, crc32.IEEETable, strconv.AppendInt(room[:0], int64(offset), 10))
		if crc32.Update(sum, crc32.IEEETable, end) == g.hash {
			return true
		}
	}
	return false
}

// Value returns what the link carries for a key, "" for nothing.
func (g Google) Value(key string) string {
	var found string
	g.each(func(name, value string) {
		if name == key && found == "" {
			found = value
		}
	})
	return found
}

// Session returns the session of the first property, as the cookie _ga_<ID> writes it: GS1.1.<fields> or GS2.1.<fields>; "" for
// none.
func (g Google) Session() string {
	var found string
	g.each(func(name, value string) {
		switch {
		case found != "" || !strings.HasPrefix(name, "_ga_"):
		case strings.HasPrefix(value, "s"):
			found = "GS2.1." + value
		default:
			found = "GS1.1." + value
		}
	})
	return found
}

// Client returns the client id, <random>.<unix s>; "" for none.
func (g Google) Client() string {
	id := g.Value("_ga")
	random, since, _ := strings.Cut(id, ".")
	if !isNumber(random) || !isNumber(since) {
		return ""
	}
	return id
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}

// each calls do for each key with its decoded value; what cannot be decoded is left out.
func (g Google) each(do func(name, value string)) {
	for rest := g.payload; rest != ""; {
		var name, coded string
		name, rest, _ = strings.Cut(rest, "*")
		coded, rest, _ = strings.Cut(rest, "*")
		value, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(coded, "."))
		if err == nil {
			do(name, string(value))
		}
	}
}
