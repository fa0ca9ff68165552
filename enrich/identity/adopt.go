package identity

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"headgate/enrich/cookie"
	"headgate/event/wire"
)

func newAdoption(cookie string) adoption {
	a := adoption{cookie: cookie, parse: plainID}
	switch {
	case cookie == "_ga" || strings.HasSuffix(cookie, "_ga"):
		a.parse = wire.GoogleClientID
	case cookie == "FPID":
		a.parse = fpidID
	case cookie == "rl_anonymous_id":
		a.parse = rudderID
	case cookie == "_pk_id":
		a.prefix, a.parse = true, matomoID
	}
	return a
}

// adoptable returns the id of the first cookie, in the order of the configuration, that holds one.
func (id *IDs) adoptable(header string) (found string, ok bool) {
	best := len(id.adopt)
	var name, value string
	for rest := header; rest != ""; {
		name, value, rest = cookie.Cut(rest)
		for i := range id.adopt[:best] {
			if !id.adopt[i].named(name) {
				continue
			}
			if read, ok := id.adopt[i].read(value); ok {
				found, best = read, i
			}
			break
		}
	}
	return found, best < len(id.adopt)
}

// Holds reports whether a cookie that may be adopted holds an id.
func (id *IDs) Holds(header, wanted string) bool {
	var name, value string
	for rest := header; rest != ""; {
		name, value, rest = cookie.Cut(rest)
		for i := range id.adopt {
			if !id.adopt[i].named(name) {
				continue
			}
			if read, ok := id.adopt[i].read(value); ok && read == wanted {
				return true
			}
		}
	}
	return false
}

func (a *adoption) named(cookie string) bool {
	if a.prefix {
		return len(cookie) > len(a.cookie) && cookie[len(a.cookie)] == '.' && strings.HasPrefix(cookie, a.cookie)
	}
	return cookie == a.cookie
}

// read returns the id in a cookie's value; ok is false when there is none that we could keep.
func (a *adoption) read(value string) (id string, ok bool) {
	id = a.parse(value)
	return id, IsID(id)
}

// fpidID reads FPID2.<depth>.<base64>.<unix s>, percent-encoded, of server-side tag managers; the id is the last two.
func fpidID(value string) string {
	value = wire.UnescapePercent(value)
	version, rest, _ := strings.Cut(value, ".")
	_, id, ok := strings.Cut(rest, ".")
	random, since, two := strings.Cut(id, ".")
	if !ok || !two || !strings.HasPrefix(version, "FPID") || random == "" || !wire.IsDigits(since) {
		return ""
	}
	return id
}

// rudderID reads RudderStack's cookie, whose value is RS_ENC_v3_ and the base64 of a JSON text. Older versions encrypt it
// with a key of their script: those are not adopted.
func rudderID(value string) string {
	value = wire.UnescapePercent(value)
	coded, ok := strings.CutPrefix(value, "RS_ENC_v3_")
	if !ok {
		if strings.HasPrefix(value, "RudderEncrypt:") || strings.HasPrefix(value, "RS_ENC_") {
			return ""
		}
		return plainID(value)
	}
	text, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		return ""
	}
	return plainID(string(text))
}

// matomoID reads <16 hex digits>.<unix s>. and more.
func matomoID(value string) string {
	id, _, _ := strings.Cut(value, ".")
	return id
}

// plainID reads an id that is the whole value, in quotes as JSON or not: ajs_anonymous_id is written both ways.
func plainID(value string) string {
	value = wire.UnescapePercent(value)
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	return value
}

// StartOf returns when a session of Google's began, which is its id.
func StartOf(id string) time.Time {
	seconds, err := strconv.ParseInt(id, 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<33 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
