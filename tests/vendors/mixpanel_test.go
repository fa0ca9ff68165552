package vendors_test

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// https://developer.mixpanel.com/reference/import-events
func mixpanel() *vendor {
	id := func(at string, v any) []string {
		s, _ := v.(string)
		if strings.Contains(" anon anonymous nil none null n/a na undefined unknown 0 -1 true false [] {} ", " "+strings.ToLower(s)+" ") {
			return fault(at, "%q stands for nobody", s)
		}
		return text(at, v)
	}
	properties := func(at string, v any) []string {
		o, _ := v.(map[string]any)
		var faults []string
		if len(o) >= 255 {
			faults = fault(at, "has %d properties", len(o))
		}
		item := objectWith(fields{}, scalar)
		return append(faults, objectWith(fields{
			"time!": moment(time.Millisecond, 5*365*24*time.Hour), "distinct_id!": id, "$insert_id!": matching(`[A-Za-z0-9-]{1,36}`), "$device_id": text, "$user_id": text, "ip": ip,
			"items": list(1, 254, item),
		}, nested(3))(at, v)...)
	}
	events := list(1, 2000, object(fields{"event!": upTo(255), "properties!": properties}))
	profiles := list(1, 2000, object(fields{"$token!": choice("secret-mixpanel"), "$distinct_id!": id, "$ip": ip, "$set!": objectWith(fields{}, either(scalar, list(1, 254, scalar)))}))
	return &vendor{
		name:     "mixpanel",
		settings: `{project_token: "${SECRET}-mixpanel", endpoint: "%URL%"}`,
		takes:    "*",
		needs:    "analytics",
		read: func(r *received) []row {
			if r.URL.Path == "/engage" {
				r.address("POST", "/engage", url.Values{"verbose": {"1"}})
				l, _ := r.json(1<<20, profiles).([]any)
				return rows(l, "no id of an event")
			}
			r.address("POST", "/import", url.Values{"strict": {"1"}})
			r.basic("secret-mixpanel", "")
			r.header("Content-Encoding", "gzip")
			l, _ := r.json(2_097_152, events).([]any)
			return rows(l, "properties", "$insert_id")
		},
		taken: func(rows []row) answer {
			if within(rows[0].value, "$set") != nil {
				return answer{status: 200, body: `{"status":1,"error":null}`}
			}
			return answer{status: 200, body: fmt.Sprintf(`{"code":200,"num_records_imported":%d,"status":"OK"}`, len(rows))}
		},
		refuse: func(_ *received, rows []row, bad []int) answer {
			var failed []string
			for _, i := range bad {
				failed = append(failed, fmt.Sprintf(`{"index":%d,"$insert_id":%q,"field":"properties.transaction_id","message":"The order is none of this project"}`, i, rows[i].id))
			}
			return answer{status: 400, body: fmt.Sprintf(`{"code":400,"error":"some data points in the request failed validation","failed_records":[%s],"num_records_imported":%d,"status":"Bad Request"}`, strings.Join(failed, ","), len(rows)-len(bad))}
		},
		why:       "properties.transaction_id: The order is none of this project",
		parts:     true,
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"code":429,"error":"Project exceeded rate limits. Please retry the request with exponential backoff.","status":"Too Many Requests"}`, words: "Project exceeded rate limits."},
		broken:    answer{status: 500, body: `{"code":500,"error":"Internal server error","status":"error"}`, words: "Internal server error"},
		expired:   answer{status: 401, body: `{"code":401,"error":"Invalid credentials","status":"Unauthorized"}`, words: "Invalid credentials"},
	}
}
