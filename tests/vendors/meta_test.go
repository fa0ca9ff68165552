package vendors_test

import (
	"fmt"
	"time"
)

// https://developers.facebook.com/docs/marketing-api/conversions-api/parameters
func meta() *vendor {
	one := list(1, 2, hashed)
	person := both(object(fields{
		"em": one, "ph": one, "fn": one, "ln": one, "ge": one, "db": one, "ct": one, "st": one, "zp": one, "country": one, "external_id": one,
		"client_ip_address": ip, "client_user_agent!": text, "fbc": matching(`fb\.[0-2]\.[0-9]{13}\..+`), "fbp": matching(`fb\.[0-2]\.[0-9]{13}\.[0-9]+`),
		"lead_id": text,
	}), oneOf("em", "ph", "external_id", "client_ip_address", "fbc", "fbp"))
	content := object(fields{
		"id!": text, "quantity": number, "item_price": number, "title": text, "description": text, "brand": text, "category": text,
		"delivery_category": choice("in_store curbside home_delivery"),
	})
	// Further keys are a site's own, of which these samples send none.
	custom := object(fields{
		"value": number, "currency": currency, "content_ids": list(1, 1000, text), "contents": list(1, 1000, content),
		"content_type": choice("product product_group"), "content_name": text, "content_category": text, "num_items": integer,
		"order_id": text, "search_string": text, "status": either(boolean, text), "predicted_ltv": number, "net_revenue": number,
	})
	event := object(fields{
		"event_name!": choice("PageView ViewContent Search AddToCart AddToWishlist InitiateCheckout AddPaymentInfo Purchase Lead " +
			"CompleteRegistration Contact Subscribe StartTrial Schedule FindLocation SubmitApplication CustomizeProduct Donate"),
		"event_time!": moment(time.Second, 7*24*time.Hour), "action_source!": choice("website"), "event_source_url!": address,
		"event_id": text, "referrer_url": address, "user_data!": person, "custom_data": custom, "opt_out": boolean,
	})
	purchase := func(at string, v any) []string {
		if within(v, "event_name") != "Purchase" {
			return nil
		}
		return both(number, anything)(at+".custom_data.value", within(v, "custom_data", "value"))
	}
	body := object(fields{"data!": list(1, 1000, both(event, purchase)), "test_event_code": text})
	return &vendor{
		name:     "meta",
		settings: `{pixel_id: "1234567890", access_token: "${SECRET}-meta", endpoint: "%URL%"}`,
		needs:    "ads sharing",
		takes: "page_view view_item view_item_list search view_search_results add_to_cart add_to_wishlist begin_checkout add_payment_info " +
			"purchase generate_lead sign_up contact subscribe start_trial schedule find_location submit_application customize_product donate",
		read: func(r *received) []row {
			r.address("POST", "/v25.0/1234567890/events", nil)
			r.bearer("secret-meta") // as every endpoint of the Graph API takes it, beside ?access_token=
			return rows(listWithin(r.json(4<<20, body), "data"), "event_id")
		},
		taken: func(rows []row) answer {
			return answer{status: 200, body: fmt.Sprintf(`{"events_received":%d,"messages":[],"fbtrace_id":"A1"}`, len(rows))}
		},
		refuse: func(*received, []row, []int) answer {
			return answer{status: 400, body: `{"error":{"message":"Invalid parameter","type":"OAuthException","code":100,"error_subcode":2804019,"is_transient":false,"error_user_title":"Invalid order","error_user_msg":"The order is none of this pixel.","fbtrace_id":"A2"}}`}
		},
		why: "The order is none of this pixel.",
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, words: "Application request limit reached",
			body: `{"error":{"message":"(#4) Application request limit reached","type":"OAuthException","code":4,"fbtrace_id":"A3"}}`},
		broken: answer{status: 500, words: "An unknown error has occurred",
			body: `{"error":{"message":"An unknown error has occurred.","type":"OAuthException","code":1,"is_transient":true,"fbtrace_id":"A4"}}`},
		expired: answer{status: 400, words: "Session has expired",
			body: `{"error":{"message":"Error validating access token: Session has expired","type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"A5"}}`},
	}
}
