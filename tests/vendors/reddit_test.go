package vendors_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// https://ads-api.reddit.com/docs/v3/
func reddit() *vendor {
	product := object(fields{"id": text, "name": text, "category": text, "item_price": number, "quantity": number})
	metadata := object(fields{"conversion_id": text, "currency": currency, "value": number, "item_count": integer, "products": list(1, 1000, product)})
	// Amounts and counts belong to some events only.
	amounts := func(at string, v any) (faults []string) {
		kind := textWithin(v, "type", "tracking_type")
		meta, _ := within(v, "metadata").(map[string]any)
		_, value := meta["value"]
		_, count := meta["item_count"]
		if value && strings.Contains("PAGE_VISIT VIEW_CONTENT SEARCH", kind) {
			faults = fault(at+".metadata.value", "does not belong to %s", kind)
		}
		if count && strings.Contains("PAGE_VISIT VIEW_CONTENT SEARCH LEAD SIGN_UP", kind) {
			faults = append(faults, fault(at+".metadata.item_count", "does not belong to %s", kind)...)
		}
		if named := textWithin(v, "type", "custom_event_name") != ""; named != (kind == "CUSTOM") {
			faults = append(faults, fault(at+".type", "a name is for custom events, and needed there")...)
		}
		return faults
	}
	event := object(fields{
		"event_at!": moment(time.Millisecond, 7*24*time.Hour), "action_source!": choice("WEBSITE APP PHYSICAL_STORE OTHER"), "click_id": text, "event_source_url": address,
		"type!": object(fields{"tracking_type!": choice("PAGE_VISIT VIEW_CONTENT SEARCH ADD_TO_CART ADD_TO_WISHLIST PURCHASE LEAD SIGN_UP CUSTOM"), "custom_event_name": upTo(64)}),
		"user!": object(fields{
			"email": hashed, "external_id": hashed, "phone_number": hashed, "ip_address": either(ip, hashed), "user_agent": text,
			"uuid":                    matching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
			"screen_dimensions":       object(fields{"width!": integer, "height!": integer}),
			"data_processing_options": object(fields{"country!": country, "region": text, "modes!": list(1, 1, choice("LDU"))}),
		}),
		"metadata!": metadata,
	})
	body := object(fields{"data!": object(fields{"events!": list(1, 1000, both(event, amounts)), "test_id": text, "partner": text})})
	return &vendor{
		name:     "reddit",
		settings: `{pixel_id: a2_abcdef123456, access_token: "${SECRET}-reddit", endpoint: "%URL%"}`,
		needs:    "ads sharing",
		takes:    "page_view view_item view_item_list search view_search_results add_to_cart add_to_wishlist begin_checkout add_payment_info purchase generate_lead sign_up",
		read: func(r *received) []row {
			r.address("POST", "/api/v3/pixels/a2_abcdef123456/conversion_events", nil)
			r.bearer("secret-reddit")
			if r.Header.Get("User-Agent") == "" || strings.HasPrefix(r.Header.Get("User-Agent"), "Go-http-client") {
				r.fault("Reddit wants a User-Agent of its own")
			}
			return rows(listWithin(r.json(4<<20, body), "data", "events"), "metadata", "conversion_id")
		},
		taken: func(rows []row) answer {
			return answer{status: 200, body: fmt.Sprintf(`{"message":"Successfully processed %d conversion events."}`, len(rows))}
		},
		refuse: func(_ *received, rows []row, bad []int) answer {
			var invalid []string
			for _, i := range bad {
				event, _ := json.Marshal(rows[i].value) // it was JSON
				invalid = append(invalid, `{"error_message":"The order is none of this pixel","event":`+string(event)+`}`)
			}
			return answer{status: 400, body: fmt.Sprintf(`{"message":"There were %d invalid conversion events. None were processed.","invalid_events":[%s]}`, len(bad), strings.Join(invalid, ","))}
		},
		why:       "The order is none of this pixel",
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"message":"Too Many Requests"}`, words: "Too Many Requests"},
		broken:    answer{status: 500, body: `{"message":"Internal Server Error"}`, words: "Internal Server Error"},
		expired:   answer{status: 401, body: `{"success":false,"error":{"reason":"UNAUTHORIZED","explanation":"This server could not verify that you are authorized"}}`, words: "UNAUTHORIZED"},
	}
}
