package vendors_test

import (
	"fmt"
	"strings"
	"time"
)

// https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration
func microsoft() *vendor {
	person := object(fields{
		"clientUserAgent": text, "clientIpAddress": ip, "anonymousId": text, "externalId": text, "em": hashed, "ph": hashed, "gaid": text, "idfa": text, "msclkid": text,
	})
	item := object(fields{"id": text, "name": text, "price": number, "quantity": integer})
	custom := object(fields{
		"eventCategory": text, "eventLabel": text, "eventValue": number, "searchTerm": text, "transactionId": text, "value": number, "currency": currency,
		"itemIds": list(1, 1000, text), "pageType": choice("home product category searchresults cart purchase other"), "ecommTotalValue": number, "ecommCategory": text,
		"items": list(1, 1000, item),
	})
	event := both(object(fields{
		"eventType!": choice("pageLoad custom"), "eventName": text, "eventTime": moment(time.Second, 7*24*time.Hour), "eventId": text, "eventSourceUrl": address,
		"pageLoadId":  matching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`),
		"referrerUrl": address, "pageTitle": text, "keywords": text, "adStorageConsent": choice("G D"), "userData": person, "customData": custom,
	}), func(at string, v any) []string {
		if textWithin(v, "eventType") == "custom" {
			return oneOf("eventName")(at, v)
		}
		return oneOf("eventSourceUrl")(at, v)
	})
	body := object(fields{"data!": list(1, 1000, event), "dataProvider": text, "continueOnValidationError": boolean})
	return &vendor{
		name:     "microsoft_ads",
		settings: `{tag_id: "97247724", access_token: "${SECRET}-microsoft", endpoint: "%URL%"}`,
		needs:    "ads sharing",
		takes: "page_view view_item view_item_list select_item search view_search_results add_to_cart add_to_wishlist begin_checkout add_payment_info " +
			"purchase generate_lead sign_up contact subscribe start_trial schedule find_location submit_application customize_product donate",
		read: func(r *received) []row {
			r.address("POST", "/v1/97247724/events", nil)
			r.bearer("secret-microsoft")
			v := r.json(1_000_000, body)
			if within(v, "continueOnValidationError") != true {
				r.fault("one bad event would have all of them refused")
			}
			return rows(listWithin(v, "data"), "eventId")
		},
		taken: func(rows []row) answer {
			return answer{status: 200, body: fmt.Sprintf(`{"eventsReceived":%d,"traceId":"t-1"}`, len(rows))}
		},
		refuse: func(_ *received, rows []row, bad []int) answer {
			var details []string
			for _, i := range bad {
				details = append(details, fmt.Sprintf(`{"index":%d,"propertyName":"customData.transactionId","attemptedValue":%q,"errorMessage":"The order is none of this tag"}`, i, rows[i].id))
			}
			status, received := 200, len(rows)-len(bad)
			if received == 0 {
				status = 400
			}
			return answer{status: status, body: fmt.Sprintf(`{"eventsReceived":%d,"error":{"code":"ValidationError","message":"Some events are not valid","details":[%s]},"traceId":"t-2"}`, received, strings.Join(details, ","))}
		},
		why:       "customData.transactionId The order is none of this tag",
		parts:     true,
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"error":{"code":"TooManyRequests","message":"The rate limit is exceeded"},"traceId":"t-3"}`, words: "The rate limit is exceeded"},
		broken:    answer{status: 500, body: `{"error":{"code":"InternalError","message":"An internal error occurred"},"traceId":"t-4"}`, words: "An internal error occurred"},
		expired:   answer{status: 401, body: `{"error":{"code":"Unauthorized","message":"The token is not valid for this tag"},"traceId":"t-5"}`, words: "The token is not valid for this tag"},
	}
}
