package vendors_test

import (
	"net/url"
	"time"
)

// https://developers.snap.com/api/marketing-api/Conversions-API/Parameters
func snapchat() *vendor {
	one := either(hashed, list(1, 10, hashed))
	person := both(object(fields{
		"em": one, "ph": one, "fn": one, "ln": one, "ge": one, "db": one, "ct": one, "st": one, "zp": one, "country": one, "external_id": one,
		"client_ip_address": ip, "client_user_agent": text, "sc_click_id": text, "sc_cookie1": text, "lead_id": text, "subscription_id": text,
	}), func(at string, v any) []string {
		if within(v, "em") == nil && within(v, "ph") == nil && (within(v, "client_ip_address") == nil || within(v, "client_user_agent") == nil) {
			return fault(at, "says nothing of whose event it is")
		}
		return nil
	})
	content := object(fields{"id!": text, "quantity": number, "item_price": number, "brand": text, "delivery_category": text})
	custom := object(fields{
		"value": number, "currency": currency, "content_ids": list(1, 1000, text), "content_category": list(1, 1000, text), "brands": list(1, 1000, text),
		"contents": list(1, 1000, content), "num_items": integer, "order_id": text, "search_string": text, "sign_up_method": text,
	})
	event := object(fields{
		"event_name!": choice("PAGE_VIEW VIEW_CONTENT ADD_CART ADD_TO_WISHLIST SIGN_UP SEARCH PURCHASE ADD_BILLING START_CHECKOUT SUBSCRIBE AD_CLICK AD_VIEW " +
			"COMPLETE_TUTORIAL INVITE LOGIN SHARE RESERVE ACHIEVEMENT_UNLOCKED SPENT_CREDITS RATE START_TRIAL LIST_VIEW SAVE LEVEL_COMPLETE"),
		"event_time!": moment(time.Second, 37*24*time.Hour), "action_source!": choice("WEB MOBILE_APP OFFLINE website app"), "event_source_url!": address, "event_id": text,
		"integration": text, "user_data!": person, "custom_data": custom,
		"data_processing_options": list(1, 1, choice("LMU LDU")), "data_processing_options_country": integer, "data_processing_options_state": integer,
	})
	// What Snapchat's answers look like is unconfirmed; these have what other fakes have: a status and words.
	said := func(status int, word, reason string) answer {
		return answer{status: status, words: reason, body: `{"status":"` + word + `","reason":"` + reason + `"}`}
	}
	slow := said(429, "FAILED", "Rate limit exceeded")
	slow.headers = map[string]string{"Retry-After": "1"}
	return &vendor{
		name:     "snapchat",
		settings: `{pixel_id: 12345678-1234-4234-8234-123456789012, access_token: "${SECRET}-snapchat", endpoint: "%URL%"}`,
		needs:    "ads sharing",
		takes: "page_view view_item view_item_list search view_search_results add_to_cart add_to_wishlist begin_checkout add_payment_info " +
			"purchase generate_lead sign_up login share subscribe start_trial schedule view_promotion select_promotion",
		read: func(r *received) []row {
			r.address("POST", "/v3/12345678-1234-4234-8234-123456789012/events", url.Values{"access_token": {"secret-snapchat"}})
			return rows(listWithin(r.json(4<<20, object(fields{"data!": list(1, 2000, event)})), "data"), "event_id")
		},
		taken:     func([]row) answer { return said(200, "VALID", "Events have been processed successfully.") },
		refuse:    func(*received, []row, []int) answer { return said(400, "INVALID", "The order is none of this pixel") },
		why:       "The order is none of this pixel",
		throttled: slow,
		broken:    said(500, "ERROR", "Internal error of the service"),
		expired:   said(401, "FAILED", "Invalid token"),
	}
}
