package vendors_test

import "fmt"

// https://developers.klaviyo.com/en/reference/create_event
func klaviyo() *vendor {
	kind := func(name string, attributes shape) shape {
		return object(fields{"type!": choice(name), "id": text, "attributes!": attributes})
	}
	data := func(of shape) shape { return object(fields{"data!": of}) }
	location := object(fields{"address1": text, "address2": text, "city": text, "region": text, "country": text, "zip": text, "timezone": text, "ip": ip})
	person := both(object(fields{
		"email": matching(`[^\s@]+@[^\s@]+\.[a-z]+`), "phone_number": matching(`\+[0-9]{7,15}`), "external_id": text, "anonymous_id": text, "_kx": text, "first_name": text, "last_name": text,
		"organization": text, "locale": text, "title": text, "image": text, "location": location, "properties": objectWith(fields{}, anything),
	}), oneOf("email", "phone_number", "external_id", "anonymous_id", "_kx"))
	event := kind("event", object(fields{
		"properties!": objectWith(fields{}, anything), "time": clock, "value": number, "value_currency": currency, "unique_id!": text, "backfill": boolean,
		"metric!": data(kind("metric", object(fields{"name!": upTo(127), "service": text}))), "profile!": data(kind("profile", person)),
	}))
	failed := func(status int, code, detail string) answer {
		return answer{status: status, words: detail, body: fmt.Sprintf(`{"errors":[{"id":"e-1","status":%d,"code":%q,"title":"Invalid input.","detail":%q,"source":{"pointer":"/data/attributes/properties"}}]}`, status, code, detail)}
	}
	slow := failed(429, "throttled", "Request was throttled. Expected available in 1 second.")
	slow.headers = map[string]string{"Retry-After": "1"}
	return &vendor{
		name:     "klaviyo",
		settings: `{api_key: "${SECRET}-klaviyo", endpoint: "%URL%"}`,
		needs:    "ads",
		takes:    "page_view view_item view_item_list add_to_cart remove_from_cart begin_checkout purchase refund search sign_up login",
		lacks:    "page_view_anonymous page_view_hashed",
		read: func(r *received) []row {
			r.header("Authorization", "Klaviyo-API-Key secret-klaviyo")
			r.header("revision", "2026-07-15")
			r.header("Accept", "application/vnd.api+json")
			r.header("Content-Type", "application/vnd.api+json")
			if r.URL.Path == "/api/profile-import" {
				r.address("POST", "/api/profile-import", nil)
				return []row{{value: r.json(5_000_000, data(kind("profile", person)))}}
			}
			r.address("POST", "/api/events", nil)
			v := r.json(5_000_000, data(event))
			return []row{{id: textWithin(v, "data", "attributes", "unique_id"), value: v}}
		},
		taken: func([]row) answer { return answer{status: 202} },
		refuse: func(*received, []row, []int) answer {
			return failed(400, "invalid", "The order is none of this account")
		},
		why:       "The order is none of this account at /data/attributes/properties",
		throttled: slow,
		broken:    failed(500, "error", "A server error occurred."),
		expired:   failed(401, "not_authenticated", "The API key specified is invalid."),
	}
}
