package event_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headgate/event"
	"headgate/event/eventtest"
)

func TestJSONNamesEveryFieldAndReadsItBack(t *testing.T) {
	e := eventtest.Full(t).Event
	for i := range event.Fields { // JSON keeps milliseconds
		if p, ok := event.Fields[i].Ref(&e).(*time.Time); ok {
			*p = p.Truncate(time.Millisecond)
		}
	}
	b := e.AppendJSON(nil)
	if !json.Valid(b) {
		t.Fatalf("not JSON: %s", b)
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	var back event.Event
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	for i := range event.Fields {
		if diff := cmp.Diff(event.Fields[i].Ref(&e), event.Fields[i].Ref(&back), eventtest.SameValues); diff != "" {
			t.Errorf("%s: %s", event.Fields[i].Path, diff)
		}
	}
}

func TestEmptyFieldsAreLeftOutOfJSON(t *testing.T) {
	e := event.Event{Name: "purchase", Page: event.Page{URL: "https://shop.example/"}, Items: []event.Item{{ID: "a", Price: event.Num(0)}}}
	e.Geo.Country = "DE"
	want := `{"name":"purchase","page":{"url":"https://shop.example/"},"geo":{"country":"DE"},"items":[{"id":"a","price":0}]}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(new(event.Event).AppendJSON(nil)); got != "{}" {
		t.Errorf("empty event: %s", got)
	}
}

func TestTextsAreWrittenAsValidJSON(t *testing.T) {
	for _, s := range []string{"", "plain", `quote " backslash \`, "line\nbreak\ttab\r\x00\x1f", "größe 日本 😀", "bad \xff byte", "\u2028\u2029"} {
		got := event.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(got, &back); err != nil {
			t.Errorf("%q became %s: %v", s, got, err)
			continue
		}
		want, _ := json.Marshal(s)
		var wanted string
		if err := json.Unmarshal(want, &wanted); err != nil || back != wanted {
			t.Errorf("%q reads back as %q, want %q", s, back, wanted)
		}
	}
}

func TestWhereverAnOddByteStandsTheTextIsValidJSON(t *testing.T) {
	for odd := range 256 {
		for at := range 20 {
			s := strings.Repeat("a ~[", 5)
			s = s[:at] + string([]byte{byte(odd)}) + s[at+1:]
			var back string
			if err := json.Unmarshal(event.AppendString(nil, s), &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") {
				t.Fatalf("%q reads back as %q: %v", s, back, err)
			}
		}
	}
}

func TestTimesAreWrittenAsRFC3339(t *testing.T) {
	for _, at := range []time.Time{
		{}, time.Unix(0, 0), time.Unix(1795341600, 123456789), time.Date(2026, 2, 3, 4, 5, 6, 7_000_000, time.FixedZone("", 3600)),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		want := at.UTC().Format(`"2006-01-02T15:04:05.000Z07:00"`)
		if got := string(event.AppendTime(nil, at)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	for in, want := range map[string]string{"12345678901234567890": "12345678901234567890", "1.50": "1.50", "1e3": "1e3", "-0": "-0"} {
		v, err := event.ParseJSON([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(v.AppendJSON(nil)); got != want {
			t.Errorf("%s became %s", in, got)
		}
	}
	for f, want := range map[float64]string{10: "10", 0.1: "0.1", 129.9: "129.9", 1e21: "1e+21", -2.5: "-2.5"} {
		if got := string(event.Float(f).AppendJSON(nil)); got != want {
			t.Errorf("%v became %s, want %s", f, got, want)
		}
	}
	for _, s := range []string{"", "1 ", "0x10", "NaN", "1,5", "--1", "01", "+1", "1e999"} {
		if _, ok := event.NumberText(s); ok {
			t.Errorf("%q was taken for a number", s)
		}
	}
}

// What is foreign may be as deep and as wide as its sender likes: it is read in bounded time and memory, or not at all.
func TestJSONMadeToBeExpensiveIsRefusedOrRead(t *testing.T) {
	const keys = 100_000
	var wide strings.Builder
	for i := range keys {
		fmt.Fprintf(&wide, `"k%d":0,`, i)
	}
	v, err := event.ParseJSON([]byte("{" + wide.String() + wide.String() + `"k40":1,"last":2}`))
	if err != nil || len(v.Object()) != keys+1 || v.Object()[40].Value.Text() != "1" || v.Object()[keys].Key != "last" {
		t.Errorf("a wide object has %d keys: %v", len(v.Object()), err)
	}
	deep := func(n int) string { return strings.Repeat(`[{"a":`, n/2) + "1" + strings.Repeat("}]", n/2) }
	if _, err := event.ParseJSON([]byte(deep(event.MaxDepth))); err != nil {
		t.Errorf("as deep as may be: %v", err)
	}
	for name, in := range map[string]string{"too deep": deep(event.MaxDepth + 2), "a million brackets": strings.Repeat("[", 1e6), "something behind it": `{"a":1}]`,
		"two values": "1 2", "nothing": "", "half of it": `{"a":[1,`, "no key": `{"a":1,2}`} {
		if v, err := event.ParseJSON([]byte(in)); err == nil {
			t.Errorf("%s was read as %.80s", name, v.AppendJSON(nil))
		}
	}
}

func TestPathsReachEveryField(t *testing.T) {
	want := eventtest.Full(t).Event
	var got event.Event
	for i := range event.Fields {
		if err := got.SetPath(event.Fields[i].Path, want.GetPath(event.Fields[i].Path)); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := string(got.AppendJSON(nil)), string(want.AppendJSON(nil)); a != b {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

func TestPathsBelowMaps(t *testing.T) {
	var e event.Event
	steps := []struct {
		path string
		v    event.Value
		want string
	}{
		{"params.value", event.Float(10), `{"params":{"value":10}}`},
		{"params.a.b", event.String("x"), `{"params":{"value":10,"a":{"b":"x"}}}`},
		{"params.a.b", event.Value{}, `{"params":{"value":10}}`},
		{"user.traits.plan", event.String("pro"), `{"user":{"traits":{"plan":"pro"}},"params":{"value":10}}`},
		{"params.value", event.Value{}, `{"user":{"traits":{"plan":"pro"}}}`},
	}
	for _, s := range steps {
		if err := e.SetPath(s.path, s.v); err != nil {
			t.Fatal(err)
		}
		if got := string(e.AppendJSON(nil)); got != s.want {
			t.Errorf("after %s: %s, want %s", s.path, got, s.want)
		}
	}
	e.Params = event.Map{{Key: "user_data.address.0.city", Value: event.String("Köln")}}
	if got := e.GetPath("params.user_data.address.0.city").Text(); got != "Köln" {
		t.Errorf("a key with dots: %q", got)
	}
}

func TestWrongValuesForAPathAreNamed(t *testing.T) {
	for path, c := range map[string]struct {
		v    event.Value
		want string
	}{
		"page.ulr":       {event.String("x"), "page.ulr: no such field"},
		"page":           {event.String("x"), "page: no such field"},
		"page.url":       {event.ListOf(), "page.url: expected text"},
		"device.bot":     {event.String("yes"), "device.bot: expected true or false"},
		"session.number": {event.String("1"), "session.number: expected a number"},
		"params":         {event.String("x"), "params: expected an object"},
		"items":          {event.ObjectOf(nil), "items: expected a list of items"},
		"time":           {event.String("noon"), "time: expected a time such as 2026-11-22T10:00:00Z, or unix seconds or milliseconds"},
	} {
		if err := new(event.Event).SetPath(path, c.v); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", path, err, c.want)
		}
	}
}

func TestRawCookiesWithQuotesAreFound(t *testing.T) {
	h := event.Hit{Cookie: `a=1; CookieControl={"x":"y\"z"}; b=2; a=3`}
	if v, ok := h.CookieValue("CookieControl"); !ok || v != `{"x":"y\"z"}` {
		t.Errorf("%q %v", v, ok)
	}
	if v, _ := h.CookieValue("a"); v != "1" {
		t.Errorf("first of two: %q", v)
	}
	if _, ok := h.CookieValue("missing"); ok {
		t.Error("found a cookie that is not there")
	}
}

func TestQueryValues(t *testing.T) {
	h := event.Hit{Query: "a=1&b=x%20y+z&c&a=%zz2"}
	for name, want := range map[string]string{"a": "%zz2", "b": "x y z", "c": "", "d": ""} {
		if got := h.QueryValue(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	d := eventtest.Full(b)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = d.Event.AppendJSON(buf[:0])
	}
}
