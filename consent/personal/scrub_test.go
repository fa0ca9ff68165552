package personal

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"headgate/event"
)

var everywhere = Scrubbing{URLs: true, Texts: true}

// arrived is the origin of an event that has just been read.
func arrived(e *event.Event) *Origin {
	o := &Origin{Hit: &event.Hit{}}
	o.Take(e)
	return o
}

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

// Work in proportion to the square of a text would not end within the time that a test has.
func TestATextMadeToBeExpensiveIsNot(t *testing.T) {
	for _, part := range []string{"eyJ-", "eyJ.", "+1 ", "444 ", "4444-", "@a.", "a@b.c.", "%40", "AB12", "Bearer ", "+(", "?a=%3F", "&a=", "%25"} {
		var found Findings
		text := strings.Repeat(part, 2<<20/len(part))
		Scrub(text, &found)
		ScrubURL("https://shop.example/?q="+text, &found)
	}
	e := event.Event{User: event.User{ClientID: strings.Repeat("c", 1<<20)}, Page: event.Page{Title: strings.Repeat("c", 4<<20)}}
	for i := range 10_000 {
		e.Cookies.Add(strconv.Itoa(i), event.String("value "+strconv.Itoa(i)))
	}
	if out := keyed.Redact(&e, cookieless, nil); out.Page.Title != takenOut {
		t.Errorf("the title is %.100q", out.Page.Title)
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

func TestAnEventIsScrubbedBeforeStorage(t *testing.T) {
	dirtyEvent := func() event.Event {
		return event.Event{
			User: event.User{Email: "ann@shop.example"},
			Page: event.Page{URL: "https://shop.example/?q=ann@shop.example", Query: "q=ann@shop.example", Title: "Order of ann@shop.example"},
			Params: event.Map{{Key: "message", Value: event.String("I am ann@shop.example")}, {Key: "email", Value: event.String("ann@shop.example")},
				{Key: "link_url", Value: event.String("https://shop.example/?token=abc")}, {Key: "value", Value: event.Float(3)}},
			Items: []event.Item{{ID: "4111111111111111", Name: "Ring for ann@shop.example", Params: event.Map{
				{Key: "engraving", Value: event.String("+49 151 12345678")}, {Key: "email", Value: event.String("ann@shop.example")}}}},
		}
	}
	e := dirtyEvent()
	found := everywhere.Event(&e, arrived(&e), new(Scrubbed))
	if found[Email] != 5 || found[Key] != 1 || found[Phone] != 1 {
		t.Errorf("found %v", found)
	}
	if e.User.Email != "ann@shop.example" || e.Params.Text("email") != "ann@shop.example" {
		t.Error("data in a field that may hold it is gone")
	}
	if e.Page.Title != "Order of [redacted:email]" || e.Params.Text("link_url") != "https://shop.example/?token=[redacted:key]" {
		t.Errorf("%+v", e)
	}
	if got, want := string(e.Items[0].AppendJSON(nil)), `{"id":"4111111111111111","name":"Ring for [redacted:email]","params":{"engraving":"[redacted:phone]","email":"ann@shop.example"}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	e = dirtyEvent()
	if found := (Scrubbing{}).Event(&e, arrived(&e), new(Scrubbed)); found.Total() != 0 || !reflect.DeepEqual(e, dirtyEvent()) {
		t.Errorf("where nothing is scrubbed %v was found", found)
	}
}

func TestEventsOfARequestAreScrubbedAsIfEachWereAlone(t *testing.T) {
	page := func(title string) event.Page {
		return event.Page{URL: "https://shop.example/?q=ann@shop.example", Query: "q=ann@shop.example", Title: title}
	}
	last := new(Scrubbed)
	for i, page := range []event.Page{page("a"), page("a"), page("of bob@shop.example"), page("of bob@shop.example"), page("a"), {}, {}, page("a")} {
		alone, together := event.Event{Page: page}, event.Event{Page: page}
		want, got := everywhere.Event(&alone, arrived(&alone), new(Scrubbed)), everywhere.Event(&together, arrived(&together), last)
		if got != want || alone.Page != together.Page || strings.Contains(together.Page.URL, "ann@") {
			t.Errorf("event %d: %v in %+v, want %v in %+v", i, got, together.Page, want, alone.Page)
		}
	}
}

func TestAKeyIsNoPlaceForPersonalDataEither(t *testing.T) {
	e := event.Event{Params: event.Map{{Key: "of ann@shop.example", Value: event.Float(0)}, {Key: "of bob@shop.example", Value: event.Float(1)}, {Key: "points", Value: event.ObjectOf(event.Map{
		{Key: "ann@shop.example", Value: event.Float(2)}, {Key: "bob@shop.example", Value: event.Float(3)}, {Key: "all", Value: event.Float(5)}})}}}
	found := everywhere.Event(&e, arrived(&e), new(Scrubbed))
	if got, want := string(e.Params.AppendJSON(nil)), `{"of [redacted:email]":1,"points":{"[redacted:email]":3,"all":5}}`; got != want || found[Email] != 4 {
		t.Errorf("%v in %s, want %s", found, got, want)
	}
}

// A text that does not look personal is not changed, and one that a glance takes for clean neither.
func TestWhatIsScrubbedLooksPersonal(t *testing.T) {
	parts := []string{"ann@shop.example", "ann%40shop.example", "+49151", "12345678", "+(49) 151", "4111111111111111", "4111 1111 ", "1111 ", "-", "5555-5555-5555-4444",
		"378282246310005", "DE89370400440532013000", "GB82WEST12345698765432", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "ey", "J", "Bearer ", "abcdefgh", "+", "_", ".",
		"@", "%40", "/", " ", ":", "a", "1", "49", "00", "(", "é", "\xff", "https://", "?", "&", "#", "email=", "password=x", "next=https%3A%2F%2Fx%3Femail%3Da"}
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for range 300_000 {
		var made strings.Builder
		for range 1 + random.IntN(6) {
			made.WriteString(parts[random.IntN(len(parts))])
		}
		text := made.String()
		if checkLooksPersonal(t, text) {
			found++
		}
	}
	if found < 50_000 {
		t.Errorf("only %d texts were changed: the test looks for too little", found)
	}
}

// checkLooksPersonal reports whether scrubbing changes a text, which must have looked personal then.
func checkLooksPersonal(t *testing.T, text string) bool {
	t.Helper()
	var found Findings
	d := search{text: text}
	if kind, _, end := d.next(0); end > 0 {
		if !suspicious(text) {
			t.Fatalf("%q holds a %v and is not suspicious", text, kind)
		}
		if has := lookAt(text); !has.maybePersonal(len(text)) {
			t.Fatalf("%q holds a %v and does not look so", text, kind)
		}
	}
	clean := scrubAny(text, &found)
	var g glance
	if g.text(text); clean != text && !g.personal {
		t.Fatalf("%q becomes %q, and a glance sees nothing personal in it", text, clean)
	}
	return clean != text
}
