// Package agent reads what a browser says of itself: its user agent, and the client hints that Chromium sends besides. What it
// reads is remembered, within bounds.
package agent

import (
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/mileusna/useragent"

	"headgate/enrich/bots"
	"headgate/event"
)

// Agent is what a user agent says. It is shared between goroutines and never changed.
type Agent struct {
	browser, version string
	os, osVersion    string
	kind             string // desktop, mobile, tablet or tv; "" when it does not say
	Bot              string // the bot's name, "" for a person's browser
	Library          bool   // the bot is an HTTP client that a site's own server may well use
	Class, Operator  string // of a bot: what kind it is, and who runs it where that is known
	Chromium         bool   // it claims to be a Chromium that always sends client hints
}

// knownAgents bounds the memory of user agents already read: a few MB. A busy site sees some thousands a day, and one
// takes 5 µs to read.
const knownAgents = 8192

// maxAgent is how much of a user agent is read; real ones have up to 400 bytes.
const maxAgent = 1024

// Reader reads user agents and remembers them.
type Reader struct {
	bots   *bots.List
	known  *lru.Cache[string, *Agent]
	brands *lru.Cache[brandList, brand]
}

// NewReader returns a Reader that knows bots by a list.
func NewReader(b *bots.List) *Reader {
	known, err := lru.New[string, *Agent](knownAgents)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	brands, err := lru.New[brandList, brand](knownAgents)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &Reader{b, known, brands}
}

// Read returns what a user agent says; it does not allocate for one it knows.
func (as *Reader) Read(userAgent string) *Agent {
	if len(userAgent) > maxAgent {
		userAgent = userAgent[:maxAgent]
	}
	if a, ok := as.known.Get(userAgent); ok {
		return a
	}
	own := strings.Clone(userAgent) // the text shares its memory with a whole request, which must not live on
	a := readAgent(own)
	if b, ok := as.bots.Find(own); ok {
		a.Bot, a.Library, a.Class, a.Operator = b.Name, b.Library, b.Class, b.Operator
	}
	as.known.Add(own, a)
	return a
}

func readAgent(userAgent string) *Agent {
	ua := useragent.Parse(userAgent)
	a := &Agent{browser: name(ua.Name), version: version(ua.Version), os: name(ua.OS), osVersion: version(ua.OSVersion),
		Chromium: isChromium(userAgent)}
	if a.version == "" {
		a.browser = "" // where it finds no product, the parser takes any word
	}
	if known, ok := windows[a.osVersion]; ok && a.os == useragent.Windows {
		a.osVersion = known
	}
	switch {
	case isTelevision(userAgent):
		a.kind = "tv"
	case ua.Tablet, ua.OS == useragent.Android && strings.Contains(userAgent, "Safari/") && !strings.Contains(userAgent, "Mobile"):
		// Android's browsers say "Mobile" on phones only: https://developer.chrome.com/docs/multidevice/user-agent
		a.kind = "tablet"
	case ua.Mobile:
		a.kind = "mobile"
	case ua.Desktop:
		a.kind = "desktop"
	}
	return a
}

// windows are the names of the versions that Windows calls by another number.
var windows = map[string]string{"6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10"}

// name keeps what can be a name: the parser gives the whole text where it finds none.
func name(s string) string {
	if len(s) > 40 {
		return ""
	}
	return s
}

// version keeps what can be a version: the parser takes whatever follows the name.
func version(s string) string {
	if s == "" || len(s) > 40 || s[0] < '0' || s[0] > '9' {
		return ""
	}
	return s
}

// televisions are words of user agents of television sets and of set-top boxes.
var televisions = []string{"SmartTV", "SMART-TV", "Smart-TV", "SmartHub", "Web0S", "WebOS.TV", "AppleTV", "Apple TV", "BRAVIA", "CrKey", "Roku/",
	"HbbTV", "GoogleTV", "Google TV", "Android TV", "AFTS", "AFTM", "AFTT", "AFTB", "Tizen; TV", "NetCast", "VIDAA"}

func isTelevision(userAgent string) bool {
	for _, word := range televisions {
		if strings.Contains(userAgent, word) {
			return true
		}
	}
	return false
}

// IsBrowser reports whether a user agent claims to be a browser's: all browsers have begun with "Mozilla/" since 1994, but
// for Opera's old ones.
func IsBrowser(userAgent string) bool {
	return strings.HasPrefix(userAgent, "Mozilla/") || strings.HasPrefix(userAgent, "Opera/")
}

// isChromium reports whether a user agent claims to be Chrome 90 or newer: these send client hints (since 89) and Sec-Fetch headers
// (since 76). Web views of apps do not always.
func isChromium(userAgent string) bool {
	_, after, ok := strings.Cut(userAgent, " Chrome/")
	if !ok || strings.Contains(userAgent, "; wv)") || strings.Contains(userAgent, "Version/4.0") {
		return false
	}
	n := 0
	for n < len(after) && after[n] >= '0' && after[n] <= '9' {
		n++
	}
	return n > 2 || n == 2 && after[0] == '9'
}

// Fill puts what the agent says into the fields of a device that are still empty.
func (a *Agent) Fill(d *event.Device) {
	if d.Browser == "" {
		d.Browser, d.BrowserVersion = a.browser, a.version
	}
	if d.OS == "" {
		d.OS, d.OSVersion = a.os, a.osVersion
	}
	if d.Type == "" {
		d.Type = a.kind
	}
}
