package vendors_test

import (
	"fmt"
	"time"
)

// https://business-api.tiktok.com/portal/docs?id=1771100865818625
func tiktok() *vendor {
	person := both(object(fields{
		"email": hashed, "phone": hashed, "external_id": hashed, "first_name": hashed, "last_name": hashed, "zip_code": hashed,
		"ttclid": text, "ttp": text, "ip": ip, "user_agent": text, "locale": text,
		"city": matching(`[a-z0-9]+`), "state": matching(`[a-z0-9]+`), "country": matching(`[a-z]{2}`),
	}), oneOf("email", "phone", "external_id", "ttclid", "ttp", "ip", "user_agent"))
	content := object(fields{"content_id!": text, "content_type": text, "content_name": text, "content_category": text, "brand": text, "price": number, "quantity": integer})
	properties := object(fields{
		"contents": list(1, 1000, content), "content_type": choice("product product_group"), "content_ids": list(1, 1000, text), "currency": currency, "value": number,
		"query": text, "search_string": text, "description": text, "order_id": text, "shop_id": text, "num_items": integer, "delivery_category": text,
		"predicted_ltv": number, "status": text,
	})
	event := object(fields{
		"event!": choice("PageView ViewContent Search AddToCart AddToWishlist InitiateCheckout AddPaymentInfo Purchase Lead CompleteRegistration " +
			"Contact Subscribe StartTrial Schedule FindLocation SubmitApplication CustomizeProduct Download"),
		"event_time!": moment(time.Second, 7*24*time.Hour), "event_id": text, "user!": person, "properties": properties,
		"page!": object(fields{"url!": address, "referrer": address}), "limited_data_use": boolean,
	})
	body := object(fields{"event_source!": choice("web"), "event_source_id!": choice("C4ABCDEF"), "test_event_code": text, "data!": list(1, 1000, event)})
	// The status is 200 whatever happened.
	said := func(code int, message string) answer {
		return answer{status: 200, words: message, body: fmt.Sprintf(`{"code":%d,"message":%q,"request_id":"2026112200","data":{}}`, code, message)}
	}
	slow := said(40100, "Too many requests. Please retry in some time.")
	slow.headers = map[string]string{"Retry-After": "1"}
	return &vendor{
		name:     "tiktok",
		settings: `{pixel_code: C4ABCDEF, access_token: "${SECRET}-tiktok", endpoint: "%URL%"}`,
		needs:    "ads sharing",
		takes: "page_view view_item view_item_list search view_search_results add_to_cart add_to_wishlist begin_checkout add_payment_info " +
			"purchase generate_lead sign_up contact subscribe start_trial schedule find_location submit_application customize_product file_download",
		read: func(r *received) []row {
			r.address("POST", "/open_api/v1.3/event/track/", nil)
			r.header("Access-Token", "secret-tiktok")
			return rows(listWithin(r.json(4<<20, body), "data"), "event_id")
		},
		taken: func([]row) answer { return said(0, "OK") },
		refuse: func(_ *received, _ []row, bad []int) answer {
			return said(40002, fmt.Sprintf("Batch.%d.properties.order_id: The order is none of this pixel", bad[0]))
		},
		why:       "properties.order_id: The order is none of this pixel",
		throttled: slow,
		broken:    said(51000, "Internal service error"),
		expired:   said(40105, "Access token is incorrect or has been revoked."),
	}
}
