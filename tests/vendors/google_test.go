package vendors_test

import (
	"fmt"
	"strings"
)

// https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest
func googleAds() *vendor {
	const conversions = `{page_view: "1001", view_item: "1002", add_to_cart: "1003", begin_checkout: "1005", purchase: "6543210987", generate_lead: "6543210988", sign_up: "1009"}`
	identifier := func(at string, v any) []string {
		if o, _ := v.(map[string]any); len(o) != 1 {
			return fault(at, "is not exactly one identifier")
		}
		return object(fields{"emailAddress": hashed, "phoneNumber": hashed,
			"address": object(fields{"givenName!": hashed, "familyName!": hashed, "regionCode!": country, "postalCode!": text})})(at, v)
	}
	account := object(fields{"accountId!": matching(`[0-9]{10}`), "accountType!": choice("GOOGLE_ADS")})
	event := both(object(fields{
		"eventTimestamp!": clock, "transactionId": text, "eventSource": choice("WEB APP IN_STORE PHONE MESSAGE OTHER"),
		"conversionValue": number, "currency": currency, "conversionCount": number,
		"userData":        object(fields{"userIdentifiers!": list(1, 10, identifier)}),
		"adIdentifiers":   object(fields{"gclid": text, "gbraid": text, "wbraid": text, "dclid": text, "sessionAttributes": text}),
		"consent":         object(fields{"adUserData": choice("CONSENT_GRANTED CONSENT_DENIED"), "adPersonalization": choice("CONSENT_GRANTED CONSENT_DENIED")}),
		"eventDeviceInfo": object(fields{"userAgent": text, "ipAddress": ip}),
		"userProperties":  object(fields{"customerType": choice("NEW RETURNING REENGAGED"), "customerValueBucket": choice("LOW MEDIUM HIGH")}),
		"cartData": object(fields{"merchantId": text, "merchantFeedLabel": text, "merchantFeedLanguageCode": text, "transactionDiscount": number, "couponCodes": list(1, 10, text),
			"items": list(1, 1000, object(fields{"merchantProductId": text, "quantity": integer, "unitPrice": number, "itemId": text}))}),
		"customVariables": list(1, 100, object(fields{"variable!": text, "value!": text})),
	}), oneOf("userData", "adIdentifiers"))
	body := object(fields{
		"destinations!": list(1, 10, object(fields{"reference": text, "loginAccount": account, "operatingAccount!": account, "productDestinationId!": matching(`[0-9]+`)})),
		"events!":       list(1, 2000, event), "encoding!": choice("HEX BASE64"), "validateOnly": boolean,
	})
	status := func(code int, name, message string) answer {
		return answer{status: code, words: message, body: fmt.Sprintf(`{"error":{"code":%d,"message":%q,"status":%q}}`, code, message, name)}
	}
	slow := status(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Ingest requests'")
	slow.headers = map[string]string{"Retry-After": "1"}
	stale := status(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
	stale.words = "Token has been expired or revoked."
	return &vendor{
		name: "google_ads",
		settings: `{account_id: 123-456-7890, conversions: ` + conversions + `, client_id: client-1, client_secret: "${SECRET}-client", refresh_token: "${SECRET}-refresh", ` +
			`endpoint: "%URL%", token_url: "%URL%/token"}`,
		oauth: &grant{path: "/token", client: "client-1", secret: "secret-client", token: "secret-refresh"},
		needs: "ads sharing",
		takes: "page_view view_item add_to_cart begin_checkout purchase generate_lead sign_up",
		lacks: "page_view_anonymous",
		read: func(r *received) []row {
			r.address("POST", "/v1/events:ingest", nil)
			r.bearer(r.token)
			return rows(listWithin(r.json(4<<20, body), "events"), "transactionId")
		},
		taken: func([]row) answer { return answer{status: 200, body: `{"requestId":"r-1"}`} },
		refuse: func(_ *received, _ []row, bad []int) answer {
			var violations []string
			for _, i := range bad {
				violations = append(violations, fmt.Sprintf(`{"field":"events[%d].transaction_id","description":"The order is none of this account.","reason":"INVALID_TRANSACTION_ID"}`, i))
			}
			return answer{status: 400, body: `{"error":{"code":400,"message":"There was a problem with the request.","status":"INVALID_ARGUMENT","details":[` +
				`{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"INVALID_ARGUMENT","domain":"datamanager.googleapis.com"},` +
				`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[` + strings.Join(violations, ",") + `]}]}}`}
		},
		why:       "transaction_id INVALID_TRANSACTION_ID The order is none of this account.",
		throttled: slow,
		broken:    status(500, "INTERNAL", "Internal error encountered."),
		expired:   stale,
	}
}
