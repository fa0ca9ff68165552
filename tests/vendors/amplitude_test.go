package vendors_test

import (
	"fmt"
	"strings"
	"time"
)

// https://amplitude.com/docs/apis/analytics/http-v2
func amplitude() *vendor {
	properties := object(fields{"$set": objectWith(fields{}, anything), "$setOnce": objectWith(fields{}, anything), "$add": objectWith(fields{}, number), "$append": objectWith(fields{}, anything), "$unset": objectWith(fields{}, anything)})
	event := both(object(fields{
		"event_type!": text, "user_id": upTo(128), "device_id": upTo(128), "time": moment(time.Millisecond, 30*24*time.Hour), "insert_id!": text, "event_id": integer,
		"session_id": integer, "event_properties": objectWith(fields{}, anything), "user_properties": properties, "groups": objectWith(fields{}, anything), "ip": ip,
		"app_version": text, "platform": text, "os_name": text, "os_version": text, "device_brand": text, "device_manufacturer": text, "device_model": text, "carrier": text,
		"country": text, "region": text, "city": text, "dma": text, "language": text, "library": text, "user_agent": text,
		"price": number, "quantity": integer, "revenue": number, "productId": text, "revenueType": text,
	}), oneOf("user_id", "device_id"))
	body := object(fields{"api_key!": choice("secret-amplitude"), "events!": list(1, 2000, event), "options": object(fields{"min_id_length": integer})})
	return &vendor{
		name:     "amplitude",
		settings: `{api_key: "${SECRET}-amplitude", endpoint: "%URL%"}`,
		takes:    "*",
		needs:    "analytics",
		read: func(r *received) []row {
			r.address("POST", "/2/httpapi", nil)
			return rows(listWithin(r.json(1_000_000, body), "events"), "insert_id")
		},
		taken: func(rows []row) answer {
			return answer{status: 200, body: fmt.Sprintf(`{"code":200,"events_ingested":%d,"payload_size_bytes":50,"server_upload_time":1}`, len(rows))}
		},
		refuse: func(_ *received, _ []row, bad []int) answer {
			return answer{status: 400, body: fmt.Sprintf(`{"code":400,"error":"Request contained invalid events","events_with_invalid_fields":{"revenue":%s}}`, strings.ReplaceAll(fmt.Sprint(bad), " ", ","))}
		},
		why: "Request contained invalid events: revenue",
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, words: "Too many requests for some devices and users",
			body: `{"code":429,"error":"Too many requests for some devices and users","eps_threshold":30,"throttled_devices":{"d":31},"throttled_users":{"u":32},"throttled_events":[0]}`},
		broken:  answer{status: 500, body: `{"code":500,"error":"Internal server error"}`, words: "Internal server error"},
		expired: answer{status: 400, body: `{"code":400,"error":"Invalid API key: *","missing_field":null}`, words: "Invalid API key"},
	}
}
