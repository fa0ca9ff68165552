package http_test

import (
	"testing"
	"unicode/utf8"

	"headgate/destinations/http"

	"headgate/event"
)

// Whatever a vendor answers, every event of the request is settled once, and its words can be kept.
func FuzzJudge(f *testing.F) {
	f.Add(200, []byte(`{"events_received":3}`), "")
	f.Add(400, []byte(`{"error":{"code":190,"message":"expired"}}`), "")
	f.Add(400, []byte(`{"error":{"code":"190","message":["x"]}}`), "120")
	f.Add(429, []byte(`<html>`), "Mon, 02 Nov 2026 10:11:00 GMT")
	f.Add(500, []byte("\xff\xfe\x00"), "-1")
	f.Add(207, []byte(`{"errors":[{"i":0},{"i":99},{"i":-1},{"i":1e99},{"i":null}]}`), "")
	f.Add(400, []byte(`{"bad":["<0>","<0>","<1>"],"text":"at 2, at 77777777777777777777"}`), "1e309")
	f.Add(400, append([]byte(`{"errors":`), append(make([]byte, 0, 2000), "[[[[[[[[[[[[[[[[[[[["...)...), "")
	own := own(f, crm+`
send: {post: "https://crm.example/", batch: {events: 100}, body: [{each: =batch, as: =id}]}
answers:
  - {when: status == 207, rows: {each: =body.errors, index: =row.i, why: =row.message}}
  - {when: body.bad != nil, isolate: drop_named, rows: {each: =body.bad, id: =row}}
  - {when: body.text != nil, rows: {each: =body.text, pattern: "at (?P<at>[0-9]+)", index: =row.at}}
  - {when: body.half == true, then: reject, isolate: bisect}
`, "{}", nil)
	all := []*opening{own,
		opened(f, "meta", `settings: {pixel_id: "1", access_token: hidden-token}`, nil),
		opened(f, "ga4", `settings: {measurement_id: G-ABC1234567, api_secret: hidden-token, validate: true}`, nil),
		opened(f, "webhook", `settings: {url: "https://hooks.shop.example/", secret: hidden-token}`, nil),
	}
	batch := batchOf(f, 3, "purchase")
	f.Fuzz(func(t *testing.T, status int, body []byte, header string) {
		if status < 100 || status > 599 {
			return
		}
		for _, d := range all {
			requests, _ := d.Encode(batch)
			verdicts, again := d.Judge(requests[0], http.Response{Status: status, Body: body, Headers: event.Headers{{Name: "retry-after", Value: header}}})
			settled := make([]int, len(batch))
			for i, v := range verdicts {
				if v.Kind != 0 {
					settled[i]++
				}
				if v.After < 0 || !utf8.ValidString(v.Why) || len(v.Why) > 500 {
					t.Fatalf("%s: %+v", d.Name(), v)
				}
			}
			for _, group := range again {
				if len(group) == 0 || len(group) == len(batch) {
					t.Fatalf("%s sends %d of %d again", d.Name(), len(group), len(batch))
				}
				for _, i := range group {
					settled[i]++
				}
			}
			for i, n := range settled {
				if n != 1 {
					t.Fatalf("%s settles event %d %d times", d.Name(), i, n)
				}
			}
		}
	})
}

// A file of arbitrary bytes never crashes the loader.
func FuzzLoad(f *testing.F) {
	f.Add(crm + "send: {post: 'https://crm.example/', body: {id: =id}}\n")
	f.Add(crm + "send: [{get: '{page.url}'}, {put: x, body: [{each: =batch, as: {each: =items, as: =item.id}}]}]\n")
	f.Add(crm + "extends: crm\nflags: [{when: consent.ads, set: {a.b.c: 1}}]\nanswers: [{rows: {}}]\n")
	f.Add("name: crm\nsettings: {a: {type: choice}}\n")
	f.Fuzz(func(t *testing.T, file string) {
		d, ms := tryOwn(t, file, "{}", nil)
		if (d == nil) == (len(ms) == 0) {
			t.Fatalf("%v with %d mistakes", d, len(ms))
		}
		if d != nil {
			requests, verdicts := d.Encode(numbered(3))
			if len(verdicts) != 3 || len(requests) > 30 {
				t.Fatalf("%d verdicts, %d requests", len(verdicts), len(requests))
			}
			d.Show(numbered(1))
		}
	})
}
