package rules_test

import (
	"strings"
	"testing"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// language is a language with two tables, the usual purposes and a clock that stands.
func language(t testing.TB) *rules.Language {
	t.Helper()
	n, ms := document.Parse("rules.yaml", []byte(`
tables:
  tiers: {gold: 3, silver: 2}
  margin: {A1: 0.25, "007": "text"}
`))
	var c rules.Config
	ms = append(ms, document.Decode(n, &c)...)
	l, wrong := rules.NewLanguage(rules.Options{
		Tables:   c.Tables,
		Purposes: []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"},
		Now:      func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) },
		Random:   strings.NewReader(strings.Repeat("0123456789abcdef", 100)),
	})
	if ms = append(ms, wrong...); len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	return l
}

// purchase is an event with something in every group.
func purchase() *event.Event {
	value, _ := event.ParseJSON([]byte(`{"value": 119, "tax": 19, "currency": "eur", "transaction_id": "T-1", "order.id": "dotted",
		"order_number": 12345678901234567890, "nested": {"a": {"b": 7}}, "list": [1, "two"], "empty": "", "flag": true, "text_number": "12"}`))
	return &event.Event{
		ID: "e1", Name: "purchase", Source: "ga4", Site: "shop",
		Time:     time.Date(2026, 11, 22, 9, 59, 58, 123456789, time.UTC),
		Received: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		User:     event.User{ClientID: "c.1", Email: "Person@Shop.example", Traits: event.Map{{Key: "plan", Value: event.String("pro")}}},
		Session:  event.Session{ID: "1700000000", Number: 3},
		Page:     event.Page{URL: "https://www.shop.example/thanks?utm_source=news&x=1", Host: "www.shop.example", Path: "/thanks"},
		Campaign: event.Campaign{Source: "news", ClickIDs: event.Map{{Key: "gclid", Value: event.String("G1")}}},
		Device:   event.Device{IP: "198.51.100.7", Bot: false},
		Geo:      event.Geo{Country: "DE", EU: true},
		Cookies:  event.Map{{Key: "_fbp", Value: event.String("fb.1.2.3")}},
		Consent:  event.Map{{Key: "ads", Value: event.Boolean(true)}, {Key: "sharing", Value: event.Boolean(false)}},
		Params:   value.Object(),
		Items: []event.Item{
			{ID: "A1", Name: "Red", Price: event.Num(50), Quantity: event.Num(2), Params: event.Map{{Key: "size", Value: event.String("M")}}},
			{ID: "B2", Name: "Blue", Price: event.Num(19)},
		},
	}
}

func environment() *rules.Env {
	body, _ := event.ParseJSON([]byte(`{"error": {"code": 190, "message": "expired"}}`))
	e := purchase()
	other := &event.Event{ID: "e2", Name: "page_view"}
	return &rules.Env{
		Event: e,
		Hit: &event.Hit{Method: "POST", Host: "t.shop.example", Path: "/g/collect", Query: "v=2&dl=a%20b", Cookie: `_ga=GA1.1.2; x="1"`,
			Headers: event.Headers{{Name: "user-agent", Value: "UA"}}},
		Settings: event.Map{{Key: "pixel_id", Value: event.String("111")}, {Key: "version", Value: event.String("v25.0")}},
		Theirs:   "Purchase", Batch: []*event.Event{e, other}, Item: event.ObjectOf(event.Map{{Key: "sku", Value: event.String("S")}}), Index: 4,
		Status: 400, Body: body, Headers: event.Headers{{Name: "retry-after", Value: "30"}}, Attempt: 2, Row: event.Float(1),
	}
}

func everything() rules.Scope {
	return rules.DestinationScope([]string{"pixel_id", "version", "access_token"}).Batch().Each().Answer().Row().Request()
}

func words(s string) document.Words {
	return document.Words{At: document.Place{File: "rules.yaml", Line: 14, Column: 9}, Value: s}
}

// run compiles and runs one formula, and returns its result as JSON, or what went wrong.
func run(t testing.TB, l *rules.Language, formula string) string {
	t.Helper()
	f, ms := l.Formula(words(formula), everything(), rules.Any)
	if len(ms) > 0 {
		return ms.Err().Error()
	}
	m := l.Machine()
	defer m.Release()
	v, err := f.Value(m, environment())
	if err != nil {
		return err.Error()
	}
	return string(v.AppendJSON(nil))
}

func TestEveryFunctionDoesWhatItsExampleSays(t *testing.T) {
	l := language(t)
	for _, f := range rules.Functions() {
		formula, want, ok := strings.Cut(f.Example, " → ")
		if !ok || f.Help == "" || !strings.HasPrefix(f.Usage, f.Name+"(") {
			t.Errorf("%s: example %q, help %q, usage %q", f.Name, f.Example, f.Help, f.Usage)
			continue
		}
		if got := run(t, l, formula); got != want {
			t.Errorf("%s: got %s, the example says %s", formula, got, want)
		}
	}
}

// formulas are read as the language's reference: a formula and its result as JSON.
var formulas = []struct{ formula, result string }{
	// fields
	{`name`, `"purchase"`},
	{`page.host`, `"www.shop.example"`},
	{`event.page.host`, `"www.shop.example"`},
	{`user.phone`, `null`},
	{`user.phone == ""`, `true`},
	{`user.phone == nil`, `true`},
	{`user.phone ?? "none"`, `"none"`},
	{`session.number + 1`, `4`},
	{`session.engaged`, `false`},
	{`time`, `"2026-11-22T09:59:58.123Z"`},
	{`geo`, `{"country":"DE","eu":true}`},
	{`campaign`, `{"source":"news","click_ids":{"gclid":"G1"}}`},
	{`user.traits.plan`, `"pro"`},
	{`campaign.click_ids.gclid`, `"G1"`},
	{`cookies._fbp`, `"fb.1.2.3"`},
	{`cookies["_fbp"]`, `"fb.1.2.3"`},
	{`consent.ads and not consent.sharing and not consent.analytics`, `true`},
	{`consent["ads"]`, `true`},
	// parameters
	{`params.value`, `119`},
	{`params["value"]`, `119`},
	{`params.missing`, `null`},
	{`params.missing.deeper.still`, `null`},
	{`params?.missing?.deeper`, `null`},
	{`params.nested.a.b`, `7`},
	{`params.nested.a.x.y`, `null`},
	{`params.order.id`, `"dotted"`},
	{`params.order_number`, `12345678901234567890`},
	{`params[lower("VALUE")]`, `119`},
	{`params.list[1]`, `"two"`},
	{`params.list[-1]`, `"two"`},
	{`params.list[9]`, `null`},
	{`"value" in params`, `true`},
	{`"nope" in params`, `false`},
	{`"nope" not in params`, `true`},
	{`"a" in params.nested`, `true`},
	{`2 in [1, 2]`, `true`},
	{`params.currency in ["usd", "eur"]`, `true`},
	{`geo.country in ["US", "CA"]`, `false`},
	// what is nil
	{`params.missing > 5`, `false`},
	{`params.missing <= 5`, `false`},
	{`params.missing == 5`, `false`},
	{`params.missing != 5`, `true`},
	{`params.missing == nil`, `true`},
	{`params.missing contains "x"`, `false`},
	{`params.missing and true`, `false`},
	{`not params.missing`, `true`},
	{`params.missing ?? 3`, `3`},
	{`upper(params.missing)`, `null`},
	{`sha256(params.missing)`, `null`},
	{`len(params.missing)`, `0`},
	{`default(params.missing, params.empty, "x")`, `"x"`},
	{`params.value - default(params.missing, 0)`, `119`},
	// operators
	{`1 + 2 * 3`, `7`},
	{`2 ** 10`, `1024`},
	{`7 % 4`, `3`},
	{`-params.value`, `-119`},
	{`params.value / 2`, `59.5`},
	{`"a" + "b"`, `"ab"`},
	{`params.currency + "/" + name`, `"eur/purchase"`},
	{`1 < 2 < 3`, `true`},
	{`"a" < "b"`, `true`},
	{`params.value > 100 and name == "purchase"`, `true`},
	{`params.value > 100 && name != "purchase" || geo.eu`, `true`},
	{`params.text_number == 12`, `false`},
	{`number(params.text_number) > 9`, `true`},
	{`page.path startsWith "/th" and page.path endsWith "ks"`, `true`},
	{`page.url contains "utm_source="`, `true`},
	{`page.path matches "^/tha"`, `true`},
	{`page.path not matches "^/tha"`, `false`},
	{`params.flag ? "yes" : "no"`, `"yes"`},
	{`if params.flag { 1 } else { 2 }`, `1`},
	{`let v = params.value; v * v`, `14161`},
	{`let a = 1; let b = a + 1; a + b`, `3`},
	{`1..4`, `[1,2,3,4]`},
	{`[1, "a", nil, params.value]`, `[1,"a",null,119]`},
	{`{a: 1, "b c": params.value}`, `{"a":1,"b c":119}`},
	{`params.currency | upper() | replace("E", "3")`, `"3UR"`},
	{`page.title[0:3]`, `null`},
	{`"Größe"[0:3]`, `"Grö"`},
	{`"Größe"[-2:]`, `"ße"`},
	{`[1, 2, 3][1:]`, `[2,3]`},
	// times
	{`received > time`, `true`},
	{`time < "2026-11-22T10:00:00Z"`, `true`},
	{`time == time`, `true`},
	{`unix(time)`, `1795341598`},
	{`unix_us(time)`, `1795341598123456`},
	{`unix(session.start)`, `null`},
	{`unix(now()) - unix(received)`, `0`},
	{`iso8601(time)`, `"2026-11-22T09:59:58.123Z"`},
	// items
	{`items[0].price`, `50`},
	{`items[0].params.size`, `"M"`},
	{`items[1].quantity`, `null`},
	{`items[5].name`, `null`},
	{`items[0]`, `{"id":"A1","name":"Red","price":50,"quantity":2,"params":{"size":"M"}}`},
	{`first(items).id + last(items).id`, `"A1B2"`},
	{`len(items)`, `2`},
	{`map(items, .id)`, `["A1","B2"]`},
	{`map(items, #.id)`, `["A1","B2"]`},
	{`sum(items, .price * default(.quantity, 1))`, `119`},
	{`sum(items, lookup("margin", .id, 0) * default(.quantity, 1))`, `0.5`},
	{`sum(items, .quantity)`, `2`},
	{`count(items, .price > 20)`, `1`},
	{`any(items, .params.size == "M")`, `true`},
	{`all(items, .price > 0)`, `true`},
	{`none(items, .id == "C3")`, `true`},
	{`one(items, .id == "A1")`, `true`},
	{`filter(items, .price < 20)`, `[{"id":"B2","name":"Blue","price":19}]`},
	{`filter(items, .price < 20)[0].name`, `"Blue"`},
	{`find(items, .id == "B2").name`, `"Blue"`},
	{`map(items, ({content_id: .id, n: #index}))`, `[{"content_id":"A1","n":0},{"content_id":"B2","n":1}]`},
	{`map(sortBy(items, .price), .id)`, `["B2","A1"]`},
	{`sum(map(items, .price))`, `69`},
	{`any(items, any([1, 2], # == 2))`, `true`},
	{`join(map(items, .id), ",")`, `"A1,B2"`},
	{`map(sortBy(["b", 2, nil, "a", true, 1], #), text(#))`, `["1","2","a","b","true",null]`},
	{`count([true, false, true])`, `3`},
	{`any([true], #)`, `true`},
	{`sum([])`, `0`},
	{`find(items, false)`, `null`},
	{`filter(batch, .name == "page_view")`, `[{"id":"e2","name":"page_view"}]`},
	{`len(batch) + len(params) + len(page.host)`, `29`},
	{`items[1:]`, `[{"id":"B2","name":"Blue","price":19}]`},
	{`{a: items}.a[1].price`, `19`},
	{`(params.flag ? items : nil)[0].price`, `50`},
	{`let i = items; i[1].price`, `19`},
	{`event.items[0].id + event.params.currency`, `"A1eur"`},
	{`params.list in [[1, "two"], 3]`, `true`},
	{`nil in [nil]`, `true`},
	{`geo.eu == params.flag`, `true`},
	{`received > "2026-11-22" and received < "2026-11-23"`, `true`},
	{`time != "2026-11-22T10:00:00Z"`, `true`},
	{`session.start > "2026-11-22"`, `false`},
	{`session.start == nil`, `true`},
	// the rest of the environment
	{`request.header("User-Agent")`, `"UA"`},
	{`request.query("dl")`, `"a b"`},
	{`request.cookie("_ga")`, `"GA1.1.2"`},
	{`request.path`, `"/g/collect"`},
	{`request`, `{"method":"POST","host":"t.shop.example","path":"/g/collect"}`},
	{`settings.pixel_id`, `"111"`},
	{`settings["version"]`, `"v25.0"`},
	{`settings.access_token`, `null`},
	{`theirs`, `"Purchase"`},
	{`map(batch, .id)`, `["e1","e2"]`},
	{`batch[1].name`, `"page_view"`},
	{`first(batch).user.client_id`, `"c.1"`},
	{`batch[9].name`, `null`},
	{`item.sku`, `"S"`},
	{`index`, `4`},
	{`status == 429 or status >= 500 or body.error.code in [190, 102]`, `true`},
	{`body.error.message`, `"expired"`},
	{`number(header("Retry-After")) * attempt`, `60`},
	{`row`, `1`},
	// functions that have more to say than their example
	{`sha256("DE8B8F9FF5EA5A03AF3AEB2E6AAFB7C7A8C8C7EA2E6DC5A5E3E4E8D5E0E2FD7A")`, `"de8b8f9ff5ea5a03af3aeb2e6aafb7c7a8c8c7ea2e6dc5a5e3e4e8d5e0e2fd7a"`},
	{`sha256("")`, `null`},
	{`sha256(params.order_number) == sha256("12345678901234567890")`, `true`},
	{`number("12,50")`, `12.5`},
	{`number("1.234,50")`, `1234.5`},
	{`number("1,234")`, `1234`},
	{`number("007")`, `7`},
	{`number("EUR 5")`, `null`},
	{`number("")`, `null`},
	{`round(2.5)`, `3`},
	{`round(119 / 1.19, 2)`, `100`},
	{`min(params.missing, 3)`, `3`},
	{`lookup("tiers", "nickel")`, `null`},
	{`lookup("margin", "007")`, `"text"`},
	{`lookup("tiers", user.traits.plan, "other")`, `"other"`},
	{`in_cidr(device.ip, "10.0.0.0/8", "198.51.100.0/24")`, `true`},
	{`in_cidr(device.ip, ["10.0.0.0/8"])`, `false`},
	{`in_cidr("::ffff:198.51.100.7", "198.51.100.0/24")`, `true`},
	{`in_cidr(params.missing, "10.0.0.0/8")`, `false`},
	{`url_query(page.url, "utm_source")`, `"news"`},
	{`url_host(page.url)`, `"www.shop.example"`},
	{`url_host("not a url")`, `null`},
	{`registrable_domain(page.url)`, `"shop.example"`},
	{`registrable_domain("192.0.2.1")`, `null`},
	{`url_without(page.url, ["utm_source", "x"])`, `"https://www.shop.example/thanks"`},
	{`get(params, "nested.a.b")`, `7`},
	{`get(params, "nope", 1)`, `1`},
	{`get(items, "0.id")`, `"A1"`},
	{`from_json("{broken")`, `null`},
	{`json(params.nested)`, `"{\"a\":{\"b\":7}}"`},
	{`uuid()`, `"30313233-3435-4637-b839-616263646566"`},
	{`uuid(id) == uuid("e1")`, `true`},
	{`format_time(received, "DD.MM.YYYY", "Pacific/Auckland")`, `"22.11.2026"`},
	{`hmac_sha256("abc", "key", "base64")`, `"nBluMtwBdfhvSxy4konWYZ3mvuaZ5MN45oMJ7Zehpqs="`},
}

func TestFormulas(t *testing.T) {
	l := language(t)
	for _, c := range formulas {
		if got := run(t, l, c.formula); got != c.result {
			t.Errorf("%s\n got %s\nwant %s", c.formula, got, c.result)
		}
	}
}
