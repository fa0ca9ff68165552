package vendors_test

import (
	"net/url"
	"strings"
	"time"
)

// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
func ga4() *vendor {
	reserved := "session_start first_visit first_open user_engagement error in_app_purchase os_update ad_click app_remove app_update"
	name := matching(`[A-Za-z][A-Za-z0-9_]{0,39}`)
	named := func(known fields, most int) shape {
		return func(at string, v any) []string {
			o, _ := v.(map[string]any)
			var faults []string
			if len(o) > most {
				faults = fault(at, "has %d keys, of at most %d", len(o), most)
			}
			for key := range o {
				faults = append(faults, name(at+" key", key)...)
				for _, prefix := range []string{"_", "firebase_", "ga_", "google_"} {
					if strings.HasPrefix(key, prefix) && key != "ga_session_id" {
						faults = append(faults, fault(at+"."+key, "has a reserved name")...)
					}
				}
			}
			return append(faults, objectWith(known, either(upTo(100), either(number, boolean)))(at, v)...)
		}
	}
	item := named(fields{"item_id": upTo(100), "item_name": upTo(100), "price": number, "quantity": number, "discount": number, "index": integer}, 27)
	params := named(fields{
		"session_id": matching(`[0-9]+`), "engagement_time_msec!": between(1, 1e9), "debug_mode": integer, "page_location": upTo(1000), "page_referrer": upTo(420),
		"page_title": upTo(300), "currency": currency, "value": number, "transaction_id": upTo(100), "items": list(1, 200, both(item, oneOf("item_id", "item_name"))),
	}, 25)
	event := both(object(fields{"name!": name, "params": params, "timestamp_micros": moment(time.Microsecond, 72*time.Hour)}), func(at string, v any) []string {
		if strings.Contains(" "+reserved+" ", " "+textWithin(v, "name")+" ") {
			return fault(at+".name", "is reserved")
		}
		return nil
	})
	body := object(fields{
		"client_id!": text, "user_id": upTo(256), "events!": list(1, 25, event),
		"consent":         object(fields{"ad_user_data": choice("GRANTED DENIED"), "ad_personalization": choice("GRANTED DENIED")}),
		"user_properties": objectWith(fields{}, object(fields{"value!": either(upTo(36), either(number, boolean))})),
		// The names of these are unconfirmed by Google's pages.
		"user_location": object(fields{"city": text, "region_id": matching(`[A-Z]{2}-[A-Z0-9]{1,3}`), "country_id": country}),
		"device": object(fields{"category": choice("desktop mobile tablet"), "language": text, "screen_resolution": matching(`[0-9]+x[0-9]+`),
			"operating_system": text, "operating_system_version": text, "browser": text, "browser_version": text}),
		"ip_override": ip, "user_agent": text, "validation_behavior": choice("RELAXED ENFORCE_RECOMMENDATIONS"),
	})
	return &vendor{
		name:     "ga4",
		settings: `{measurement_id: G-ABC1234567, api_secret: "${SECRET}-ga4", endpoint: "%URL%"}`,
		takes:    "*",
		needs:    "analytics",
		read: func(r *received) []row {
			r.address("POST", "/mp/collect", url.Values{"measurement_id": {"G-ABC1234567"}, "api_secret": {"secret-ga4"}})
			return rows(listWithin(r.json(130_000, body), "events"), "params", "ref")
		},
		// Google answers 2xx to whatever it receives, even with a wrong secret; only its outages show.
		taken:     func([]row) answer { return answer{status: 204} },
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, words: "429"},
		broken:    answer{status: 500, words: "500"},
	}
}

// ga4Validation is the server of the Measurement Protocol that says what is wrong and records nothing.
func ga4Validation() *vendor {
	v := ga4()
	v.name, v.use = "ga4_validation", "ga4"
	v.settings = `{measurement_id: G-ABC1234567, api_secret: "${SECRET}-ga4", endpoint: "%URL%", validate: true}`
	plain := v.read
	v.read = func(r *received) []row {
		if r.URL.Path != "/debug/mp/collect" {
			r.fault("%s is not the validation server", r.URL.Path)
		}
		r.URL.Path = "/mp/collect"
		return plain(r)
	}
	v.taken = func([]row) answer { return answer{status: 200, body: `{"validationMessages":[]}`} }
	v.refuse = func(*received, []row, []int) answer {
		return answer{status: 200, body: `{"validationMessages":[{"fieldPath":"events.params","description":"The order is not valid.","validationCode":"VALUE_INVALID"}]}`}
	}
	v.why = "VALUE_INVALID events.params The order is not valid."
	return v
}
