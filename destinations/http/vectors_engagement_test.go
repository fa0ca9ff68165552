package http_test

import (
	"os"
	"path/filepath"
	"testing"

	"headgate/event"
)

// engagementVectors are the folders of the shared vectors about product analytics and messages: the catalogue's name, the
// entry that a case's configuration becomes, and why the cases of another product are not run.
//
// Those cases, named wo-*, show calls of the vendors' own libraries, not requests: there is nothing to compare byte by byte.
// What they intend is met by the golden cases, but for the differences that stand here.
var engagementVectors = []struct {
	folder, name, entry string
	otherwise           string // what differs from wo-* on purpose
}{
	{"amplitude", "amplitude", `settings: {api_key: KEY, region: us}`,
		"consent is decided before anything is sent, so there is no opt-out call; an order is one event with the whole revenue, not one call for each product, since both together would count it twice; " +
			"traits do not pass an e-mail address on; counting properties up is left to Amplitude's own; times are milliseconds"},
	{"mixpanel", "mixpanel", `settings: {project_token: TOKEN, project_id: "1"}`,
		"ids are joined by $device_id and $user_id on each event in place of an alias; profiles are set only, never counted up, appended to or unset; groups have no profiles; times are milliseconds"},
	{"posthog", "posthog", `settings: {api_key: phc_x, endpoint: "https://eu.i.posthog.com"}`,
		"consent is decided before anything is sent; the type of groups is a setting, not part of each event; traits do not pass an e-mail address on unless contact is on"},
	{"braze", "braze", `settings: {api_key: KEY, endpoint: "https://rest.fra-01.braze.eu", purchases: products}`, ""},
	{"klaviyo", "klaviyo", `settings: {api_key: pk_x, revision: "2026-07-15"}`,
		"unique_id is the id of the event, never the order's, since one order may be placed and refunded; a library writes camel case where the API has snake case; times in 1970 are seconds taken for milliseconds"},
	{"hubspot", "hubspot", `settings: {access_token: pat, portal_id: "12345678"}`,
		"contacts are written only where the site says so, and in one request with the address as id, so that new ones are made too; a visitor without an address is known by HubSpot's cookie; a record's number is not read from events"},
	{"customerio", "customer_io", `settings: {site_id: s, api_key: k}`,
		"events go out in batches of the API's second version, with an id that Customer.io knows again; people are neither deleted nor suppressed by an event; times in 1970 are seconds taken for milliseconds"},
	{"segment", "segment", `settings: {write_key: k}`,
		"consent goes along under our own names of purposes; the session is no anonymous id; times in 1970 are seconds taken for milliseconds"},
}

// The cases named derived-* are binding.
func TestVectorsOfAnalyticsAndEngagement(t *testing.T) {
	const root = "../../../shared/vectors/destinations"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared vectors are not here: " + root)
	}
	for _, v := range engagementVectors {
		folder := filepath.Join(root, v.folder)
		if derived, err := filepath.Glob(filepath.Join(folder, "derived-*.json")); err == nil && len(derived) > 0 {
			runDerivedVectors(t, folder, v.name, func(event.Map) string { return v.entry })
		}
		others, err := filepath.Glob(filepath.Join(folder, "wo-*.json"))
		if err != nil || len(others) > 0 != (v.otherwise != "") {
			t.Errorf("%s: %d cases of another product, and of differences it says %q; %v", v.folder, len(others), v.otherwise, err)
		}
		for _, file := range others {
			for _, want := range readVector(t, file).Get("expected_requests").List() {
				if want.Object().Get("sdk_call").IsNull() {
					t.Errorf("%s has a request: compare it", file)
				}
			}
		}
	}
}
