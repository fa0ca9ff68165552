package hostile_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
)

// paths are where each protocol takes a body, and the key that it takes there.
var paths = []struct{ path, key string }{
	{"/e", "X-Write-Key: right\r\n"}, {"/g/collect?v=2&tid=G-EXAMPLE", ""}, {"/mp/collect?measurement_id=G-EXAMPLE&api_secret=right", ""},
	{"/v1/t", basic}, {"/v1/batch", basic}, {"/rudder/v1/track", basic}, {"/rudder/v1/batch", basic}, {"/rudder/beacon/v1/batch?writeKey=right", ""},
	{"/api/s/track", "X-Write-Key: right:key\r\n"}, {"/api/s/s2s/batch", "X-Write-Key: right:key\r\n"}, {"/com.snowplowanalytics.snowplow/tp2", ""},
	{"/ph/e/", ""}, {"/ph/batch/", ""}, {"/ph/i/v1/analytics/events", "Authorization: Bearer right\r\n"}, {"/amplitude/2/httpapi", ""}, {"/mixpanel/track/", ""},
	{"/mixpanel/engage/", ""}, {"/matomo.php", ""}, {"/api/event", ""}, {"/api/send", ""}, {"/api/batch", ""}, {"/tr", ""}, {"/walkeros", ""},
	{"/cloudevents", "X-Write-Key: right\r\n"}, {"/data", ""}, {"/consent", ""},
}

const basic = "Authorization: Basic cmlnaHQ6\r\n" // right

// body is one that no protocol expects.
type body struct{ name, headers, text string }

func bodies() []body {
	zeros := zipped(strings.Repeat("0", 50<<20))
	many := `{"events":[` + strings.Repeat(`{"name":"many"},`, 9999) + `{"name":"many"}]}`
	return []body{
		{"a gzip bomb", "Content-Encoding: gzip\r\n", zeros},
		{"a gzip bomb that is not announced", "", zeros},
		{"gzip within gzip", "Content-Encoding: gzip, gzip\r\n", zipped(zipped(forged))},
		{"half of a gzip", "Content-Encoding: gzip\r\n", zipped(forged)[:20]},
		{"no gzip", "Content-Encoding: gzip\r\n", "this is none"},
		{"an unknown encoding", "Content-Encoding: zstd-x\r\n", forged},
		{"100,000 lists in each other", "", strings.Repeat("[", 100000)},
		{"100,000 objects in each other", "", strings.Repeat(`{"batch":`, 100000)},
		{"10,000 events", "Content-Type: application/json\r\n", many},
		{"an object of 60,000 keys", "", "{" + strings.Repeat(`"k":1,`, 60000) + `"k":1}`},
		{"2 MiB", "", strings.Repeat(" ", 2<<20)},
		{"broken JSON", "Content-Type: application/json\r\n", `{"name":"forged"`},
		{"no UTF-8", "", "\xff\xfe\x00{"},
	}
}

// attacked are all bodies at all paths.
func attacked() (list []attack) {
	for _, p := range paths {
		name, _, _ := strings.Cut(p.path, "?")
		for _, b := range bodies() {
			list = append(list, attack{name + ": " + b.name, post(p.path, p.key+b.headers, b.text)})
		}
		list = append(list, attack{name + ": of another site's page", post(p.path, p.key+"Origin: https://evil.example\r\nContent-Type: application/json\r\n", forged)})
	}
	return list
}

// keyless are requests that are right but for their key.
func keyless() (list []attack) {
	track := `{"type":"track","event":"forged","anonymousId":"a","messageId":"m"}`
	for _, c := range []struct{ path, headers, text string }{
		{"/e", "X-Write-Key: wrong\r\n", forged},
		{"/e", "Authorization: Bearer wrong\r\n", forged},
		{"/e", "", forged},
		{"/mp/collect?measurement_id=G-EXAMPLE&api_secret=wrong", "", `{"client_id":"1.2","events":[{"name":"forged"}]}`},
		{"/mp/collect?measurement_id=G-EXAMPLE", "", `{"client_id":"1.2","events":[{"name":"forged"}]}`},
		{"/v1/t", "Authorization: Basic d3Jvbmc6\r\n", track},
		{"/v1/t", "Authorization: Basic %%%\r\n", track},
		{"/v1/batch", "Authorization: Basic d3Jvbmc6\r\n", `{"batch":[` + track + `]}`},
		{"/v1/batch", "", `{"writeKey":"wrong","batch":[` + track + `]}`},
		{"/rudder/v1/track", "Authorization: Basic d3Jvbmc6\r\n", track},
		{"/rudder/v1/batch", "Authorization: Basic d3Jvbmc6\r\n", `{"batch":[` + track + `]}`},
		{"/rudder/beacon/v1/batch?writeKey=wrong", "", `{"batch":[` + track + `]}`},
		{"/api/s/track", "X-Write-Key: wrong:key\r\n", track},
		{"/api/s/s2s/track", "X-Write-Key: wrong:key\r\n", track},
		{"/ph/e/", "", `{"api_key":"wrong","event":"forged","distinct_id":"a"}`},
		{"/ph/batch/", "", `{"api_key":"phx_personal","batch":[{"event":"forged","distinct_id":"a"}]}`},
		{"/ph/i/v1/analytics/events", "Authorization: Bearer wrong\r\n", `{"batch":[{"event":"forged","distinct_id":"a","uuid":"u"}]}`},
		{"/amplitude/2/httpapi", "", `{"api_key":"wrong","events":[{"event_type":"forged","device_id":"a"}]}`},
		{"/mixpanel/track/", "", `[{"event":"forged","properties":{"token":"wrong","distinct_id":"a"}}]`},
		{"/mixpanel/import?strict=1", "Authorization: Basic d3Jvbmc6\r\n", `[{"event":"forged","properties":{"distinct_id":"a"}}]`},
		{"/cloudevents", "X-Write-Key: wrong\r\nContent-Type: application/cloudevents+json\r\n", `{"specversion":"1.0","id":"1","source":"s","type":"forged"}`},
	} {
		name, _, _ := strings.Cut(c.path, "?")
		list = append(list, attack{fmt.Sprintf("%s with %.40q", name, strings.TrimSpace(c.headers+c.text)), post(c.path, c.headers+"Content-Type: application/json\r\n", c.text)})
	}
	return list
}

// foreign are events of pages of other sites, whose addresses look like one of ours.
func foreign() (list []attack) {
	for _, origin := range []string{"https://evil.example", "null", "https://www.shop.example.evil.example", "https://evil.example?https://www.shop.example", "https://www.shop.example@evil.example",
		"http://www.shop.example", "https://www.shop.example:8443", "https://www.shop.example/", "https://xwww.shop.example", "file://", "https://", "chrome-extension://www.shop.example",
		"https://www.shop.example https://evil.example"} {
		list = append(list,
			attack{"an event of " + origin, post("/e", "X-Write-Key: right\r\nOrigin: "+origin+"\r\n", forged)},
			attack{"a preflight of " + origin, "OPTIONS /e HTTP/1.1\r\nHost: t.shop.example\r\nOrigin: " + origin + "\r\nAccess-Control-Request-Method: POST\r\n\r\n"})
	}
	evil := strings.Replace(post("/e", "X-Write-Key: right\r\n", forged), "t.shop.example", "evil.example", 1)
	// Images say only sometimes what page they are in, and mails have none: the event is taken, and nobody's consent with it.
	image := "GET /p.gif?e=image HTTP/1.1\r\nHost: t.shop.example\r\n"
	return append(list,
		attack{"an event for another host", evil},
		attack{"an image in another site's page", image + "Referer: https://other.example/\r\nSec-Fetch-Site: cross-site\r\n\r\n"},
		attack{"a consent that another site's page gives", post("/consent", "Origin: https://evil.example\r\n", `{"consent":{"ads":true}}`)})
}

// spoofed are events that are taken and say by headers that they come from somebody else: nobody is believed.
func spoofed() (list []attack) {
	for _, header := range []string{"X-Forwarded-For: 198.51.100.66", "X-Forwarded-For: 198.51.100.66, 127.0.0.1", "Forwarded: for=198.51.100.66;host=evil.example", "X-Real-IP: 198.51.100.66",
		"CF-Connecting-IP: 198.51.100.66", "True-Client-IP: 198.51.100.66", "Fastly-Client-IP: 198.51.100.66", "X-Client-IP: 198.51.100.66", "X-Appengine-User-IP: 198.51.100.66",
		"CloudFront-Viewer-Address: 198.51.100.66:1", "X-Forwarded-Host: evil.example", "CF-IPCountry: KP", "X-Geo-Country: KP"} {
		list = append(list, attack{header, post("/e", header+"\r\nX-Write-Key: right\r\n", `{"name":"spoofed","ip":"198.51.100.66"}`)})
	}
	return list
}

// replayed are one event, again and again.
func replayed() (list []attack) {
	for i := range 5 {
		list = append(list, attack{fmt.Sprintf("an event for the %d. time", i+1), post("/e", "X-Write-Key: right\r\n", `{"name":"replayed","id":"once-only"}`)})
	}
	return list
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}
