package scripts

import (
	"maps"
	"slices"
)

// preset is what is known of a vendor's script. Only Google documents that its scripts may be served first-party; for the others no
// permission of the vendor was found, so whoever names them decides.
type preset struct {
	from    string
	files   []string
	query   []string
	needs   []string
	ids     bool // whose file it is stands in the query, and has to be listed
	geo     bool // the place is built into the file
	gateway bool
}

// presets by name. Addresses below Google's are of public code that proxies these scripts, unconfirmed by the vendors. Scripts of
// payment and against fraud (Stripe.js, reCAPTCHA) are missing for good: they must come from their vendors.
var presets = map[string]preset{
	// https://developers.google.com/tag-platform/tag-manager/server-side/dependency-serving
	"google": {from: "https://www.googletagmanager.com", files: []string{"gtag/js", "gtm.js", "gtag/destination"},
		query: []string{"id", "l", "cx", "gtm", "gtm_auth", "gtm_preview", "gtm_cookies_win"}, needs: []string{"analytics"}, ids: true, geo: true},
	// https://developers.google.com/tag-platform/tag-manager/gateway/setup-guide
	"google_gateway": {from: "https://ID.fps.goog", needs: []string{"analytics", "ads"}, geo: true, gateway: true},

	"meta": {from: "https://connect.facebook.net", files: []string{"en_US/fbevents.js", "signals/config/*", "signals/plugins/*.js"},
		query: []string{"v", "r", "domain", "hme", "ex_m"}, needs: []string{"ads", "sharing"}},
	"tiktok":    {from: "https://analytics.tiktok.com", files: []string{"i18n/pixel/events.js", "i18n/pixel/static/*.js"}, query: []string{"sdkid", "lib"}, needs: []string{"ads", "sharing"}},
	"snapchat":  {from: "https://sc-static.net", files: []string{"scevent.min.js"}, needs: []string{"ads", "sharing"}},
	"pinterest": {from: "https://s.pinimg.com", files: []string{"ct/core.js", "ct/lib/main.*.js"}, needs: []string{"ads", "sharing"}},
	"linkedin":  {from: "https://snap.licdn.com", files: []string{"li.lms-analytics/insight.min.js"}, needs: []string{"ads", "sharing"}},
	"x":         {from: "https://static.ads-twitter.com", files: []string{"uwt.js"}, needs: []string{"ads", "sharing"}},
	"reddit":    {from: "https://www.redditstatic.com", files: []string{"ads/pixel.js"}, needs: []string{"ads", "sharing"}},
	"bing":      {from: "https://bat.bing.com", files: []string{"bat.js", "p/action/*.js"}, needs: []string{"ads", "sharing"}},
}

func presetNames() []string { return append([]string{ownName}, slices.Sorted(maps.Keys(presets))...) }
