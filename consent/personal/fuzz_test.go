package personal

import (
	"net/netip"
	"strings"
	"testing"

	"headgate/consent/personal/patterns"
	"headgate/event"
)

// FuzzScrub: whatever comes, nothing panics, and nothing is found in what was scrubbed.
func FuzzScrub(f *testing.F) {
	for _, s := range []string{"", "ann@shop.example", "https://a.example/?u=ann%2540shop.example#x=1", "+49 151 1234567", "4111 1111 1111 1111",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "https://u:p@h/?next=https%3A%2F%2Fx%3Femail%3Da", "DE89370400440532013000", "Bearer abcdefghijklmn"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var found, again patterns.Findings
		clean := patterns.Scrub(s, &found)
		if patterns.Scrub(clean, &again); again.Total() > 0 && !strings.Contains(s, "[redacted") {
			t.Fatalf("%q becomes %q, in which there is still %v", s, clean, again)
		}
		want := clean
		if address := patterns.ScrubURL(s, &found); strings.Contains(s, "://") {
			want = address
		}
		if got := patterns.ScrubAny(s, &found); got != want {
			t.Fatalf("%q becomes %q in a parameter, want %q", s, got, want)
		}
		checkLooksPersonal(t, s)
		patterns.WithQuery(s, utmKeys)
		patterns.OriginOf(s)
	})
}

// FuzzRedact: the original stays as it is, and the client's id is nowhere in the copy.
func FuzzRedact(f *testing.F) {
	f.Add("https://shop.example/?cid=c123456", "title of c123456", `{"a":["c123456",1]}`)
	f.Add("https://shop.example/c123c123456456", "c12c1c12345623456", `{"c123456":1,"a c123456":{"c123456":"c123c123456456"}}`)
	f.Fuzz(func(t *testing.T, address, title, params string) {
		e := event.Event{Name: "x", User: event.User{ClientID: "c123456"}, Page: event.Page{URL: address, Title: title}}
		if v, err := event.ParseJSON([]byte(params)); err == nil {
			e.Params = v.Object()
		}
		before := string(e.AppendJSON(nil))
		out := keyed.Redact(&e, cookieless, nil)
		if string(e.AppendJSON(nil)) != before {
			t.Fatal("the original was changed")
		}
		if text := string(out.AppendJSON(nil)); strings.Contains(text, "c123456") {
			t.Fatalf("the id is still in %s", text)
		}
		from := Origin{Hit: &event.Hit{Address: netip.MustParseAddr("203.0.113.77"), Cookie: title}, Event: e, Address: event.TruncateAddress}
		e.Params = e.Params.Clone()
		e.Params.Set("copy", event.String("of 203.0.113.77 and c123456"))
		keyed.Clean(&e, &from)
		if got := e.Params.Text("copy"); got != "of 203.0.113.0 and c123456" {
			t.Fatalf("a copy of the address became %s", got)
		}
		if string(from.Event.AppendJSON(nil)) != before {
			t.Fatal("what the event was is changed")
		}
		out = keyed.Redact(&e, cookieless, &from)
		if text := string(out.AppendJSON(nil)); strings.Contains(text, "c123456") {
			t.Fatalf("the id is still in %s", text)
		}
	})
}
