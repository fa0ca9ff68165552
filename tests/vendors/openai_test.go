package vendors_test

import (
	"net/url"
	"time"
)

// https://developers.openai.com/ads/conversions-api
func openai() *vendor {
	content := object(fields{"id": text, "name": text, "quantity": integer, "amount": integer, "content_type!": text})
	event := object(fields{
		"id!": text,
		"type!": choice("page_viewed contents_viewed items_added checkout_started order_created lead_created registration_completed " +
			"appointment_scheduled app_installed app_opened subscription_created trial_started custom"),
		"custom_event_name": text, "timestamp_ms!": moment(time.Millisecond, 7*24*time.Hour), "action_source!": choice("web"), "source_url!": address,
		"oppref": text, "opt_out": boolean,
		"user": object(fields{
			"email_sha256": hashed, "phone_number_sha256": hashed, "external_id_sha256": hashed, "city_sha256": hashed, "zip_code_sha256": hashed,
			"country_sha256": hashed, "ip_address": ip, "user_agent": text, "obref": text,
		}),
		"data!": object(fields{"type!": choice("contents customer_action plan_enrollment custom"), "amount": integer, "currency": currency, "contents": list(1, 1000, content)}),
	})
	body := object(fields{"events!": list(1, 1000, event), "validate_only": boolean})
	return &vendor{
		name:     "openai",
		use:      "openai_ads",
		settings: `{pixel_id: px_1, api_key: "${SECRET}-openai", endpoint: "%URL%"}`,
		needs:    "ads sharing",
		takes:    "page_view view_item view_item_list add_to_cart begin_checkout purchase generate_lead sign_up schedule subscribe start_trial",
		read: func(r *received) []row {
			r.address("POST", "/v1/events", url.Values{"pid": {"px_1"}})
			r.bearer("secret-openai")
			return rows(listWithin(r.json(4<<20, body), "events"), "id")
		},
		taken: func([]row) answer { return answer{status: 200, body: `{"events_received":1}`} },
		// All or nothing, and not a word about which one it was.
		refuse: func(*received, []row, []int) answer {
			return answer{status: 400, body: `{"error":{"message":"The order is none of this pixel","type":"invalid_request_error"}}`}
		},
		why:       "The order is none of this pixel",
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"error":{"message":"Rate limit reached"}}`, words: "Rate limit reached"},
		broken:    answer{status: 500, body: `{"error":{"message":"The server had an error"}}`, words: "The server had an error"},
		expired:   answer{status: 401, body: `{"error":{"message":"Incorrect API key provided"}}`, words: "Incorrect API key provided"},
	}
}
