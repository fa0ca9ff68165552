package http_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"headgate/event"
)

// adVectors are the ad platforms beside the social networks.
var adVectors = []vendorVectors{
	{
		name:   "google_ads",
		folder: "google-data-manager",
		wo:     `settings: {account_id: 123-456-7890, service_account: "", client_id: c, client_secret: s, refresh_token: r, conversions: {purchase: AW-CONVERSION-123, generate_lead: AW-CONVERSION-123, page_view: AW-CONVERSION-123}}`,
		differ: []difference{
			{`\.operatingAccount\.accountId$`, "Google wants it without dashes"},
			{`\.(eventName|userId)$`, "are for Google Analytics; Google Ads goes by the conversion action"},
			{`\.(conversionValue|currency)$`, "constants of its mapping for every lead"},
		},
		nothing: map[string]string{
			"wo-ga4pageview.json": "Google could not tell whose conversion it is, without a click id, an e-mail address and a telephone number",
		},
	},
	{
		name:   "x",
		folder: "x-twitter",
		settings: func(c event.Map) string {
			return fmt.Sprintf(`settings: {pixel_id: %q, conversions: {purchase: %q}, consumer_key: a, consumer_secret: b, access_token: c, access_token_secret: d}`,
				c.Text("pixel_id"), c.Get("events").Object().Text("purchase"))
		},
		wo: `settings: {pixel_id: o8z6j, conversions: {purchase: tw-o8z6j-o8z21, generate_lead: tw-o8z6j-o8z21}, consumer_key: a, consumer_secret: b, access_token: c, access_token_secret: d}`,
		differ: []difference{
			{`\.value$`, "a number; X takes it as text too"},
			{`\.identifiers\[\d\]\.`, "the click id comes first"},
		},
	},
	{
		name:   "microsoft_ads",
		folder: "microsoft",
		wo:     `{settings: {tag_id: "12345", access_token: TOKEN}, events: {generate_lead: lead}}`,
		differ: []difference{
			{`^url$`, "the id of a UET tag is a number"},
			{`^dataProvider$`, "says who sends"},
			{`\.adStorageConsent$`, "is what the visitor chose, and these events say nothing of it; there it is always granted"},
		},
	},
	{
		name:   "criteo",
		wo:     `settings: {account: PARTNER_ID, caller_id: CALLER_ID}`,
		differ: []difference{{`^version$`, "says who sends"}},
	},
}

func TestVectorsOfAdPlatforms(t *testing.T) {
	const root = "../../../shared/vectors/destinations"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared vectors are not here: " + root)
	}
	for _, v := range adVectors {
		if v.settings != nil {
			runDerivedVectors(t, filepath.Join(root, v.folder), v.name, v.settings)
		}
		v.runOthers(t, root)
	}
}
