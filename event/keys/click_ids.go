package keys

import (
	"strings"
	"time"
)

// Landing is the param in which a client states the query of the page where the visit began. Its campaign and click ids become the
// event's, and the param goes.
const Landing = "landing"

// ClickID is a query parameter by which an advertising platform recognises a click on one of its ads. It identifies the
// visitor, so it follows the consent to ads wherever it stands: in a field, a parameter, a cookie or a URL.
type ClickID struct {
	Name     string        // in lower case, which is how click ids are kept; platforms write some of them otherwise (ScCid)
	Platform string        // what belongs together: a new click replaces all that an older one of its platform left
	Lifetime time.Duration // how long after the click the platform still credits it
}

const day = 24 * time.Hour

// ClickIDs are all that Headgate knows. Google's _gl is none: it carries cookies between domains, signed for a browser that
// we are not.
var ClickIDs = []ClickID{
	{"gclid", "google", 90 * day},
	{"wbraid", "google", 90 * day},
	{"gbraid", "google", 90 * day},
	{"dclid", "google", 90 * day},
	{"gclsrc", "google", 90 * day},
	{"gad_source", "google", 90 * day},
	{"gad_campaignid", "google", 90 * day},
	{"srsltid", "google merchant", 90 * day}, // of free listings: no click on an ad ends it
	{"fbclid", "meta", 90 * day},
	{"igshid", "meta", 90 * day},
	{"msclkid", "microsoft", 90 * day},
	{"ttclid", "tiktok", 30 * day},
	{"twclid", "x", 90 * day},
	{"li_fat_id", "linkedin", 30 * day},
	{"epik", "pinterest", 365 * day},
	{"sccid", "snapchat", 30 * day},
	{"rdt_cid", "reddit", 30 * day},
	{"qclid", "quora", 90 * day},
	{"yclid", "yandex", 90 * day},
	{"ymclid", "yandex", 90 * day},
	{"ysclid", "yandex", 90 * day},
	{"dicbo", "outbrain", 30 * day},
	{"obclid", "outbrain", 30 * day},
	{"obclickid", "outbrain", 30 * day},
	{"tblci", "taboola", 30 * day},
	{"tduid", "tradedoubler", 90 * day},
	{"mc_cid", "mailchimp", 90 * day},
	{"mc_eid", "mailchimp", 90 * day},
	{"_kx", "klaviyo", 90 * day},
	{"_hsenc", "hubspot", 90 * day},
	{"_hsmi", "hubspot", 90 * day},
	{"s_kwcid", "adobe", 90 * day},
	{"ef_id", "adobe", 90 * day},
	{"mkt_tok", "marketo", 90 * day},
	{"irclickid", "impact", 90 * day},
	{"irclid", "impact", 90 * day},
	{"cjevent", "cj", 90 * day},
	{"ko_click_id", "kochava", 90 * day},
	{"_branch_match_id", "branch", 90 * day},
	{"oppref", "openai", 90 * day},
	{"bfcid", "bfcid", 90 * day}, // whose it is is unconfirmed
	{"vmcid", "yahoo", 90 * day},
	{"wickedid", "wicked reports", 90 * day},
	{"awc", "awin", 90 * day},
	{"clickid", "affiliates", 90 * day},
	{"click_id", "affiliates", 90 * day},
}

var clickIDs = func() map[string]*ClickID {
	m := make(map[string]*ClickID, len(ClickIDs)+1)
	for i := range ClickIDs {
		m[ClickIDs[i].Name] = &ClickIDs[i]
	}
	m["sclid"] = m["sccid"] // Snapchat's, as some of its links have it
	return m
}()

// FindClickID returns the click id that a query parameter is, whatever the case of its name; nil when it is none.
func FindClickID(parameter string) *ClickID { return clickIDs[strings.ToLower(parameter)] }
