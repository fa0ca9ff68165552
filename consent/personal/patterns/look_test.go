package patterns

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestPersonalDataIsFoundByItsLook(t *testing.T) {
	for text, want := range map[string]string{
		"write to ann.lee+x@shop.example.com.":        "write to [redacted:email].",
		"ann%40shop.example":                          "[redacted:email]",
		"mailto:ann@shop.example?x":                   "mailto:[redacted:email]?x",
		"call +49 151 12345678 now":                   "call [redacted:phone] now",
		"call +4915112345678.":                        "call [redacted:phone].",
		"paid with 4111 1111 1111 1111":               "paid with [redacted:card]",
		"5555-5555-5555-4444":                         "[redacted:card]",
		"378282246310005":                             "[redacted:card]",
		"DE89370400440532013000 please":               "[redacted:iban] please",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1": "[redacted:token]",
		"Bearer abcdefghijkl next":                    "[redacted:token] next",
		"+49 151 12345678 2026-11-22":                 "[redacted:phone] 2026-11-22",
		"4111 1111 1111 1111 on 12 24":                "[redacted:card] on 12 24",
		"4111 1111 1111 1111 12 24":                   "[redacted:card] 12 24",
		"ann@shop.example.x":                          "[redacted:email].x",
		// what only looks alike stays
		"4111 1111 1111 1112":    "4111 1111 1111 1112",
		"order 1234567890123":    "order 1234567890123",
		"@handle and a@b":        "@handle and a@b",
		"4006381333023":          "4006381333023", // an article's number
		"1795000000.123456789":   "1795000000.123456789",
		"DE88370400440532013000": "DE88370400440532013000", // its check digits are wrong
		"9795000000123455":       "9795000000123455",       // no issuer starts so
		"eyJub3.token":           "eyJub3.token",
		"+1 2 3":                 "+1 2 3",
		"":                       "",
	} {
		var found Findings
		if got := Scrub(text, &found); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if changed := text != want; changed != (found.Total() == 1) {
			t.Errorf("%q: found %v", text, found)
		}
	}
}

// Whatever stands beside what: nothing is left to be found.
func TestNothingIsFoundInWhatWasScrubbed(t *testing.T) {
	parts := []string{"ann@shop.example", "ann%40shop.example", "+4915112345678", "4111111111111111", "4111 1111 1111 1111", "DE89370400440532013000",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "Bearer ", "abcdefgh", "+", "-", "_", ".", "@", "%", "/", " ", ":", "a", "1", "49", "00", "(", "é", "\xff"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		var text strings.Builder
		for range 1 + random.IntN(6) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		var found, left Findings
		clean := Scrub(text.String(), &found)
		if Scrub(clean, &left); left.Total() > 0 {
			t.Fatalf("%q becomes %q, in which there is still %v", text.String(), clean, left)
		}
	}
}

// What Scrub does not look at more closely holds nothing that it would take out.
func TestTextsThatMayNotBePersonalHoldNothing(t *testing.T) {
	parts := []string{"eyJhbGciOi", "eyK.a.b", "Bearer", "DE89", "3704 0044", "+4915", "1112345678", "4111-1111", "ABCDEFGH", ".", "-", "+", " ", "a"}
	random := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		var text strings.Builder
		for range 1 + random.IntN(5) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		s := text.String()
		d := Search{Text: s}
		if kind, start, end := d.Next(0); end > 0 && !LookAt(s).MaybePersonal(len(s)) {
			t.Fatalf("%q holds %v at %d", s, kind, start)
		}
	}
}

func TestAddressesAreScrubbed(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.example/a?color=red&size=4":                         "https://shop.example/a?color=red&size=4",
		"https://shop.example/a?email=ann&x=1":                            "https://shop.example/a?email=[redacted:key]&x=1",
		"https://shop.example/a?Access-Token=abc":                         "https://shop.example/a?Access-Token=[redacted:key]",
		"https://shop.example/u/ann@shop.example/x":                       "https://shop.example/u/[redacted:email]/x",
		"https://shop.example/u/ann%40shop.example/x":                     "https://shop.example/u/[redacted:email]/x",
		"https://ann:pw@shop.example/x":                                   "https://shop.example/x",
		"https://shop.example/a?q=ann%2540shop.example":                   "https://shop.example/a?q=[redacted:email]",
		"https://shop.example/a?q=%2B4915112345678":                       "https://shop.example/a?q=[redacted:phone]",
		"https://shop.example/a?q=4111+1111+1111+1111&d=1+2":              "https://shop.example/a?q=[redacted:card]&d=1+2",
		"https://shop.example/a?q=ann%40shop.example+%2B49+151+12345678":  "https://shop.example/a?q=[redacted:email]%20[redacted:phone]",
		"https://shop.example/a?q=ann+shoes@shop.example":                 "https://shop.example/a?q=[redacted:email]",
		"https://shop.example/?to=https%3A%2F%2Fx.example%2F%3Femail%3Da": "https://shop.example/?to=https://x.example/%3Femail%3D[redacted:key]",
		"https://shop.example/a?q=x%2B4111%2B1111%2B1111%2B1111":          "https://shop.example/a?q=x%2520[redacted:card]",
		"https://shop.example/a?q=to%3A%252B4915112345678":                "https://shop.example/a?q=to:[redacted:phone]",
		"https://shop.example/out?ann%40shop.example":                     "https://shop.example/out?[redacted:email]",
		"https://shop.example/out?ann@shop.example=1&4111+1111+1111+1111": "https://shop.example/out?[redacted:email]=1&[redacted:card]",
		"https://shop.example/#access_token=abc&x=1":                      "https://shop.example/#access_token=[redacted:key]&x=1",
		"https://shop.example/?":                                          "https://shop.example/?",
		"":                                                                "",
	} {
		var found Findings
		if got := ScrubURL(address, &found); got != want {
			t.Errorf("%s\n got: %s\nwant: %s", address, got, want)
		}
		if (address != want) != (found.Total() > 0) {
			t.Errorf("%s: found %v", address, found)
		}
	}
}
