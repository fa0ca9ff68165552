package vendors_test

// https://posthog.com/docs/api/capture
func posthog() *vendor {
	event := object(fields{
		"event!": text, "distinct_id!": upTo(200), "timestamp": clock, "uuid": matching(`[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`),
		"properties!": objectWith(fields{"$current_url": address, "$ip": ip, "$process_person_profile": boolean, "$set": objectWith(fields{}, anything), "$set_once": objectWith(fields{}, anything)}, anything),
	})
	body := object(fields{"api_key!": choice("secret-posthog"), "batch!": list(1, 10_000, event), "historical_migration": boolean})
	return &vendor{
		name:     "posthog",
		settings: `{api_key: "${SECRET}-posthog", endpoint: "%URL%"}`,
		takes:    "*",
		needs:    "analytics",
		read: func(r *received) []row {
			r.address("POST", "/batch/", nil)
			r.header("Content-Encoding", "gzip")
			all := rows(listWithin(r.json(20<<20, body), "batch"), "properties", "ref")
			for i, one := range all {
				if textWithin(one.value, "event") == "$identify" { // stands beside the event that it came with
					all[i].id = ""
				}
			}
			return all
		},
		// PostHog answers 200 whatever it thinks of an event.
		taken:     func([]row) answer { return answer{status: 200, body: `{"status":"Ok"}`} },
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"type":"throttled_error","code":"throttled","detail":"Request was throttled."}`, words: "Request was throttled."},
		broken:    answer{status: 500, body: `{"type":"server_error","code":"error","detail":"A server error occurred."}`, words: "A server error occurred."},
		expired:   answer{status: 401, body: `{"type":"authentication_error","code":"invalid_api_key","detail":"Project API key invalid. You can find your project API key in PostHog project settings."}`, words: "Project API key invalid."},
	}
}
