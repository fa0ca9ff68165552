package keeper

import (
	"slices"
	"strings"
	"time"
)

// Cookie is one kind of cookie that is kept.
type Cookie struct {
	Name    string // with a trailing * when the name goes on with something of the site's
	Purpose string // the consent purpose without which it is neither kept nor restored
	Life    time.Duration
	evolves bool // the tag rewrites the value with each event, and it stays the same cookie
	valid   func(value string) bool
}

const day = 24 * time.Hour

// longest is the life of cookies whose tags ask for more than browsers grant (400 days).
const longest = 400 * day

// The purposes.
const (
	analytics = "analytics"
	ads       = "ads"
)

// Known are the cookies that can be kept, the most valuable first: what does not fit is left out from the end. Lives and
// formats are those of the tags as of November 2026; what the tags themselves do not document is unconfirmed. Where sources
// disagree about a life, the shorter one counts. Cookies that end with the visit (_uetsid, _fbi, ...) are never kept.
var Known = []Cookie{
	{"_ga", analytics, longest, false, isGoogleClient},
	{"_fbc", ads, 90 * day, false, isMeta},
	{"_fbp", ads, 90 * day, false, isMeta},
	{"_gcl_aw", ads, 90 * day, false, isGoogleClick},
	{"_gcl_dc", ads, 90 * day, false, isGoogleClick},
	{"_gcl_gb", ads, 90 * day, false, isGoogleClick},
	{"_gcl_ag", ads, 90 * day, false, isGoogleClick},
	{"_gcl_gs", ads, 90 * day, false, isGoogleClick},
	{"_gcl_au", ads, 90 * day, false, isGoogleBrowser},
	{"_ttp", ads, 390 * day, false, isWord(20, 40)},
	{"ttclid", ads, 30 * day, false, isClick},
	{"_scid", ads, 390 * day, false, isWord(20, 64)},
	{"_scid_r", ads, 390 * day, false, isWord(20, 64)},
	{"_pin_unauth", ads, 365 * day, false, isPinterest},
	{"_epik", ads, 365 * day, false, isClick},
	{"_derived_epik", ads, 365 * day, false, isBase64},
	{"_uetmsclkid", ads, 90 * day, false, isMicrosoftClick},
	{"_uetvid", ads, 390 * day, false, isMicrosoftVisitor},
	{"li_fat_id", ads, 30 * day, false, isUUID},
	{"_rdt_uuid", ads, 90 * day, false, isReddit},
	{"_rdt_cid", ads, 30 * day, false, isClick},
	{"_twclid", ads, 30 * day, false, isXClick},
	{"twclid", ads, 30 * day, false, isClick},
	{"hubspotutk", ads, 180 * day, false, isHex(32, 32)},
	{"__hstc", ads, 180 * day, true, isHubSpot},
	{"_ga_*", analytics, longest, true, isGoogleSession},
	{"ajs_anonymous_id", analytics, 365 * day, false, isQuotedWord},
	{"__eventn_id", analytics, longest, false, isJitsu},
	{"rl_anonymous_id", analytics, 365 * day, false, isRudder},
	{"_sp_id.*", analytics, longest, true, isSnowplow},
	{"_pk_id.*", analytics, 393 * day, true, isMatomo},
	{"_clck", analytics, 365 * day, true, isClarity},
}

// Names are the names of Known.
func Names() []string {
	names := make([]string, len(Known))
	for i := range Known {
		names[i] = Known[i].Name
	}
	return names
}

// Purposes are those that Known need.
func Purposes() []string {
	var purposes []string
	for i := range Known {
		if !slices.Contains(purposes, Known[i].Purpose) {
			purposes = append(purposes, Known[i].Purpose)
		}
	}
	return purposes
}

// Valid reports whether a cookie is one of Known, and its value is in the format of its tag.
func Valid(name, value string) bool {
	i := find(Known, name)
	return i >= 0 && Known[i].valid(value)
}

// find returns the entry for a cookie's name, -1 when there is none.
func find(among []Cookie, name string) int {
	for i := range among {
		if among[i].named(name) {
			return i
		}
	}
	return -1
}

func (c *Cookie) named(name string) bool {
	if prefix, ok := strings.CutSuffix(c.Name, "*"); ok {
		return len(name) > len(prefix) && len(name) <= maxName && strings.HasPrefix(name, prefix) && isNameRest(name[len(prefix):])
	}
	return name == c.Name
}

// maxName is the longest name that is kept; real ones have up to 20 bytes.
const maxName = 64

func isNameRest(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
