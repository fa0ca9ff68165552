package personal

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"headgate/consent/personal/patterns"
	"headgate/event"
)

var everywhere = Scrubbing{URLs: true, Texts: true}

// arrived is the origin of an event that has just been read.
func arrived(e *event.Event) *Origin {
	o := &Origin{Hit: &event.Hit{}}
	o.Take(e)
	return o
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
	if found[patterns.Email] != 5 || found[patterns.Key] != 1 || found[patterns.Phone] != 1 {
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
	if got, want := string(e.Params.AppendJSON(nil)), `{"of [redacted:email]":1,"points":{"[redacted:email]":3,"all":5}}`; got != want || found[patterns.Email] != 4 {
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
	var found patterns.Findings
	d := patterns.Search{Text: text}
	if kind, _, end := d.Next(0); end > 0 {
		if !patterns.Suspicious(text) {
			t.Fatalf("%q holds a %v and is not suspicious", text, kind)
		}
		if has := patterns.LookAt(text); !has.MaybePersonal(len(text)) {
			t.Fatalf("%q holds a %v and does not look so", text, kind)
		}
	}
	clean := patterns.ScrubAny(text, &found)
	var g glance
	if g.text(text); clean != text && !g.personal {
		t.Fatalf("%q becomes %q, and a glance sees nothing personal in it", text, clean)
	}
	return clean != text
}

// Work in proportion to the square of a text would not end within the time that a test has.
func TestATextMadeToBeExpensiveIsNot(t *testing.T) {
	for _, part := range []string{"eyJ-", "eyJ.", "+1 ", "444 ", "4444-", "@a.", "a@b.c.", "%40", "AB12", "Bearer ", "+(", "?a=%3F", "&a=", "%25"} {
		var found patterns.Findings
		text := strings.Repeat(part, 2<<20/len(part))
		patterns.Scrub(text, &found)
		patterns.ScrubURL("https://shop.example/?q="+text, &found)
	}
	e := event.Event{User: event.User{ClientID: strings.Repeat("c", 1<<20)}, Page: event.Page{Title: strings.Repeat("c", 4<<20)}}
	for i := range 10_000 {
		e.Cookies.Add(strconv.Itoa(i), event.String("value "+strconv.Itoa(i)))
	}
	if out := keyed.Redact(&e, cookieless, nil); out.Page.Title != takenOut {
		t.Errorf("the title is %.100q", out.Page.Title)
	}
}

// A query that stands in the page's address too is looked at once, and left as if it had been looked at twice.
func TestThePartsOfAPageAreScrubbedAsIfTheyStoodAlone(t *testing.T) {
	queries := []string{"", "a=1", "email=ann", "q=ann%40shop.example&a=1", "q=+4915112345678", "email=[redacted:key]", "a=1&b=%2540"}
	for _, of := range queries {
		for _, query := range queries {
			for _, fragment := range []string{"", "#top", "#email=ann"} {
				page := event.Page{URL: "https://shop.example/a?" + of + fragment, Query: query}
				var found patterns.Findings
				url, alone := patterns.ScrubURL(page.URL, &found), patterns.ScrubQuery(page.Query, &found)
				got := scrubPage(page)
				if got.clean.URL != url || got.clean.Query != alone || got.found != found {
					t.Errorf("%+v\n got %+v, %v\nwant %s, %s, %v", page, got.clean, got.found, url, alone, found)
				}
			}
		}
	}
}
