package personal

import (
	"testing"

	"headgate/event"
)

func TestWordsOfAVendorAreLoggedWithoutTheVisitor(t *testing.T) {
	t.Parallel()
	e := &event.Event{
		User:     event.User{ClientID: "c-17", UserID: "cust 42", Email: "jane@shop.example", FirstName: "Jane", Country: "de"},
		Campaign: event.Campaign{ClickIDs: event.Map{{Key: "gclid", Value: event.String("Cj0x")}}},
		Device:   event.Device{IP: "203.0.113.9"},
	}
	for words, want := range map[string]string{
		"":                                           "",
		"status 400: invalid currency 'EURO'":        "status 400: invalid currency 'EURO'",
		"no user jane@shop.example":                  "no user [redacted:user.email]",
		"no user joe@shop.example":                   "no user [redacted:email]",
		"Janet is not Jane":                          "Janet is not [redacted:user.first_name]",
		"id c-17 (cust 42), click Cj0x":              "id [redacted:user.client_id] ([redacted:user.user_id]), click [redacted:campaign.click_ids]",
		"203.0.113.9 is blocked":                     "[redacted:device.ip] is blocked",
		"client 1234567890.1700000000.":              "client [redacted:id].",
		"cookie GA1.1.1234567890.1700000000":         "cookie [redacted:id]",
		"GET https://a.example/p?q=red+shoes failed": "GET https://a.example/p?... failed",
		`url "/done?name=Joe" and (x#email=joe)`:     `url "/done?..." and (x#...`,
		"https://joe:pw@a.example/p#top":             "https://a.example/p#...",
		"trace 0b54ab7e-8a4e-4f6c-9d54-f0b0f9ab1c11": "trace [redacted:id]",
		"fbclid IwAR2xKq7vLmN0pQrStUv":               "fbclid [redacted:id]",
		"column page_url of v2024-01-01, code 2001":  "column page_url of v2024-01-01, code 2001",
		"dial tcp 10.0.0.1:5432: connection refused": "dial tcp 10.0.0.1:5432: connection refused",
		"the address is https://a.example/jan...":    "the address is ...",
		"jane@shop.exam...":                          "...",
		"what? no = sign":                            "what? no = sign",
	} {
		if got := Impersonal(words, []*event.Event{e}); got != want {
			t.Errorf("%q is logged as %q, want %q", words, got, want)
		}
	}
}

func FuzzImpersonal(f *testing.F) {
	f.Add("client 12.34 of https://a.example/?b=c#d", "12.34")
	f.Fuzz(func(t *testing.T, words, id string) {
		about := []*event.Event{{User: event.User{ClientID: id}}}
		if logged := Impersonal(words, about); len(logged) > 40*(len(words)+1) {
			t.Errorf("%q grew to %q", words, logged)
		}
		const replaced = "[redacted:user.client_id]"
		if len(id) >= shortestQuoted && id != replaced && Impersonal(id, about) == id {
			t.Errorf("the client id %q is logged", id)
		}
	})
}
