package vendors_test

import (
	"fmt"
	"strings"
	"time"
)

// https://learn.microsoft.com/en-us/linkedin/marketing/integrations/ads-reporting/conversions-api
func linkedin() *vendor {
	const conversions = `{page_view: "101", view_item: "102", search: "103", view_search_results: "103", add_to_cart: "104", add_to_wishlist: "105", ` +
		`begin_checkout: "106", add_payment_info: "107", purchase: "777", generate_lead: "109", sign_up: "110", login: "111", share: "112", contact: "113", ` +
		`subscribe: "114", start_trial: "115", schedule: "116", submit_application: "117", donate: "118", file_download: "119", view_promotion: "120", select_promotion: "121"}`
	id := func(at string, v any) []string {
		value := shape(text)
		switch textWithin(v, "idType") {
		case "SHA256_EMAIL":
			value = hashed
		case "PLAINTEXT_IP_ADDRESS":
			value = matching(`[0-9.]+`)
		}
		return object(fields{
			"idType!":  choice("SHA256_EMAIL LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID ACXIOM_ID ORACLE_MOAT_ID PLAINTEXT_IP_ADDRESS GOOGLE_AID"),
			"idValue!": value,
		})(at, v)
	}
	event := object(fields{
		"conversion!": matching(`urn:lla:llaPartnerConversion:[0-9]+`), "conversionHappenedAt!": moment(time.Millisecond, 90*24*time.Hour),
		"conversionValue": object(fields{"currencyCode!": currency, "amount!": numeral}), "eventId": text,
		"user!": object(fields{
			"userIds!":    list(1, 10, id),
			"userInfo":    object(fields{"firstName!": text, "lastName!": text, "title": text, "companyName": text, "countryCode": country}),
			"externalIds": list(1, 1, text), "lead": matching(`urn:li:.+`),
		}),
	})
	return &vendor{
		name:     "linkedin",
		settings: `{conversions: ` + conversions + `, client_id: 86abcdef, client_secret: "${SECRET}-client", refresh_token: "${SECRET}-refresh", endpoint: "%URL%", token_endpoint: "%URL%/oauth/v2/accessToken"}`,
		oauth:    &grant{path: "/oauth/v2/accessToken", client: "86abcdef", secret: "secret-client", token: "secret-refresh"},
		needs:    "ads sharing",
		takes: "page_view view_item search view_search_results add_to_cart add_to_wishlist begin_checkout add_payment_info purchase generate_lead sign_up " +
			"login share contact subscribe start_trial schedule submit_application donate file_download view_promotion select_promotion",
		lacks: "page_view_anonymous",
		read: func(r *received) []row {
			r.address("POST", "/rest/conversionEvents", nil)
			r.bearer(r.token)
			r.header("LinkedIn-Version", "202605")
			r.header("X-Restli-Protocol-Version", "2.0.0")
			r.header("X-RestLi-Method", "BATCH_CREATE")
			return rows(listWithin(r.json(4<<20, object(fields{"elements!": list(1, 5000, event)})), "elements"), "eventId")
		},
		taken: func(rows []row) answer {
			return answer{status: 200, body: `{"elements":[` + strings.TrimSuffix(strings.Repeat(`{"status":201},`, len(rows)), ",") + `]}`}
		},
		refuse: func(_ *received, _ []row, bad []int) answer {
			var lines strings.Builder
			for _, i := range bad {
				fmt.Fprintf(&lines, `Index: %d, ERROR :: /conversionValue/amount :: The order is none of this rule\n`, i)
			}
			return answer{status: 422, body: `{"message":"` + lines.String() + `","status":422}`}
		},
		why: "/conversionValue/amount :: The order is none of this rule",
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, words: "Resource level throttle limit",
			body: `{"message":"Resource level throttle limit for calls to this resource is reached.","status":429,"serviceErrorCode":101}`},
		broken:  answer{status: 500, body: `{"message":"Internal Server Error","status":500}`, words: "Internal Server Error"},
		expired: answer{status: 401, body: `{"message":"The token used in the request has expired","status":401,"serviceErrorCode":65600,"code":"EXPIRED_ACCESS_TOKEN"}`, words: "Token has been expired or revoked."},
	}
}
