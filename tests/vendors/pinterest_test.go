package vendors_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// https://developers.pinterest.com/docs/api/v5/events-create
func pinterest() *vendor {
	one := list(1, 10, hashed)
	person := both(object(fields{
		"em": one, "ph": one, "ge": one, "db": one, "ln": one, "fn": one, "ct": one, "st": one, "zp": one, "country": one, "external_id": one, "hashed_maids": one,
		"client_ip_address": ip, "client_user_agent": text, "click_id": text, "partner_id": text,
	}), func(at string, v any) []string {
		if len(listWithin(v, "em")) == 0 && (within(v, "client_ip_address") == nil || within(v, "client_user_agent") == nil) {
			return fault(at, "has neither em nor both of client_ip_address and client_user_agent")
		}
		return nil
	})
	content := object(fields{"id": text, "item_price": numeral, "quantity": integer, "item_name": text, "item_category": text, "item_brand": text})
	custom := object(fields{
		"currency": currency, "value": numeral, "content_ids": list(1, 1000, text), "content_name": text, "content_category": text, "content_brand": text,
		"contents": list(1, 1000, content), "num_items": integer, "order_id": text, "search_string": text, "opt_out_type": text, "predicted_ltv": numeral, "np": text,
	})
	event := object(fields{
		"event_name!": choice("add_payment_info add_to_cart add_to_wishlist app_install app_open checkout contact custom customize_product find_location " +
			"initiate_checkout lead page_visit schedule search signup start_trial submit_application subscribe view_category view_content watch_video"),
		"action_source!": choice("web app_ios app_android offline"), "event_time!": moment(time.Second, 7*24*time.Hour), "event_id!": text, "user_data!": person,
		"custom_data": custom, "event_source_url": address, "opt_out": boolean, "partner_name": matching(`ss-.+`), "language": matching(`[a-z]{2}`),
	})
	said := func(rows []row, bad []int) answer {
		events := make([]string, len(rows))
		for i := range rows {
			events[i] = `{"status":"processed","error_message":"","warning_message":""}`
			if slices.Contains(bad, i) {
				events[i] = `{"status":"failed","error_message":"The order is none of this account","warning_message":""}`
			}
		}
		return answer{status: 200, body: fmt.Sprintf(`{"num_events_received":%d,"num_events_processed":%d,"events":[%s]}`, len(rows), len(rows)-len(bad), strings.Join(events, ","))}
	}
	return &vendor{
		name:     "pinterest",
		settings: `{ad_account_id: "549755885175", access_token: "${SECRET}-pinterest", endpoint: "%URL%"}`,
		needs:    "ads sharing",
		takes: "page_view view_item view_item_list search view_search_results add_to_cart add_to_wishlist begin_checkout add_payment_info " +
			"purchase generate_lead sign_up contact subscribe start_trial schedule find_location submit_application customize_product",
		read: func(r *received) []row {
			r.address("POST", "/v5/ad_accounts/549755885175/events", nil)
			r.bearer("secret-pinterest")
			return rows(listWithin(r.json(4<<20, object(fields{"data!": list(1, 1000, event)})), "data"), "event_id")
		},
		taken:     func(rows []row) answer { return said(rows, nil) },
		refuse:    func(_ *received, rows []row, bad []int) answer { return said(rows, bad) },
		why:       "The order is none of this account",
		parts:     true,
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"code":8,"message":"You have exceeded your rate limit. Try again later."}`, words: "You have exceeded your rate limit."},
		broken:    answer{status: 500, body: `{"code":0,"message":"Something went wrong on our end. Sorry about that."}`, words: "Something went wrong on our end."},
		expired:   answer{status: 401, body: `{"code":2,"message":"Authentication failed."}`, words: "Authentication failed."},
	}
}
