package rules_test

import (
	"slices"
	"testing"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// evaluate returns what a formula makes of an event, and what its functions note.
func evaluate(t *testing.T, e *event.Event, formula string) (event.Value, []string) {
	t.Helper()
	l, _ := rules.NewLanguage(rules.Options{})
	f, ms := l.Formula(document.Words{Value: formula}, rules.RuleScope(), rules.Any)
	if len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	m := l.Machine()
	defer m.Release()
	var notes []string
	m.Note(&notes)
	v, err := f.Value(m, &rules.Env{Event: e})
	if err != nil {
		t.Fatal(err)
	}
	return v, notes
}

func TestNamesAreMadeValid(t *testing.T) {
	for _, c := range []struct{ vendor, name, want string }{
		{"ga4", "AddToCart", "AddToCart"},
		{"ga4", "Button Clicked", "button_clicked"},
		{"ga4", " Sign-Up / Step 2! ", "sign_up_step_2"},
		{"ga4", "Köpfe gezählt", "kopfe_gezahlt"},
		{"ga4", "50% scroll", "n50_scroll"},
		{"ga4", "_private", "private"},
		{"ga4", "購入", ""},
		{"ga4", "ga_hit", ""},
		{"ga4", "Google Review", ""},
		{"ga4", "a_name_of_more_than_forty_characters_in_all", "a_name_of_more_than_forty_characters_in"},
		{"ga4_property", "Customer lifetime value band", "customer_lifetime_value"},
		{"hubspot", "Order Placed", "order_placed"},
		{"hubspot", "order-placed", "order-placed"},
		{"hubspot", "OrderPlaced", "orderplaced"},
	} {
		e := &event.Event{Name: c.name}
		got, notes := evaluate(t, e, `valid_name(name, "`+c.vendor+`")`)
		if got.Text() != c.want {
			t.Errorf("%q for %s: got %q, want %q", c.name, c.vendor, got.Text(), c.want)
		}
		if changed := c.want != c.name; changed != (len(notes) == 1) {
			t.Errorf("%q for %s: notes %q", c.name, c.vendor, notes)
		}
	}
}

func TestTextsAreCutByCharacters(t *testing.T) {
	e := &event.Event{Page: event.Page{Title: "Köpfe"}}
	if got, notes := evaluate(t, e, `clip(page.title, 2)`); got.Text() != "Kö" || !slices.Equal(notes, []string{"page.title is cut to 2 characters, the most that the vendor takes"}) {
		t.Errorf("got %q, notes %q", got.Text(), notes)
	}
	if got, notes := evaluate(t, e, `clip(page.title, 5)`); got.Text() != "Köpfe" || len(notes) > 0 {
		t.Errorf("got %q, notes %q", got.Text(), notes)
	}
}

func TestAnInvalidPhoneIsNotedWithoutTheNumber(t *testing.T) {
	e := &event.Event{}
	e.User.Phone, e.Geo.Country = "12345", "DE"
	got, notes := evaluate(t, e, `phone(user.phone, geo.country, "meta")`)
	if !got.IsNull() || !slices.Equal(notes, []string{"user.phone is no valid telephone number of DE or abroad and was left out"}) {
		t.Errorf("got %q, notes %q", got.Text(), notes)
	}
}

func TestItemsAreWorthTheirPrices(t *testing.T) {
	items := []event.Item{{Price: event.Num(19.99), Quantity: event.Num(3)}, {Price: event.Num(5)}, {ID: "free"}}
	for _, c := range []struct {
		name  string
		value event.Value
		want  string
	}{
		{"add_to_cart", event.Value{}, "64.97"},
		{"add_to_cart", event.String(""), "64.97"},
		{"purchase", event.Float(0), "0"},
		{"purchase", event.String("12,50"), "12.5"},
		{"view_item_list", event.Value{}, ""},
		{"search", event.Value{}, ""},
	} {
		e := &event.Event{Name: c.name, Items: items}
		e.Params.Set("value", c.value)
		e.Params.Set("currency", event.String("EUR"))
		if got, _ := evaluate(t, e, `worth(event)`); got.Text() != c.want {
			t.Errorf("%s with value %s: got %q, want %q", c.name, c.value.AppendJSON(nil), got.Text(), c.want)
		}
	}
	if got, _ := evaluate(t, &event.Event{Name: "purchase", Items: items}, `worth(event)`); !got.IsNull() {
		t.Errorf("items are worth %q of no currency", got.Text())
	}
	if got, _ := evaluate(t, &event.Event{Name: "purchase", Items: []event.Item{{ID: "A"}}}, `worth(event)`); !got.IsNull() {
		t.Errorf("items without prices are worth %q", got.Text())
	}
}

func TestQuantitiesInWholePieces(t *testing.T) {
	for formula, want := range map[string]string{`pieces(nil)`: "1", `pieces(0.4)`: "1", `pieces(2.5)`: "3", `pieces(7)`: "7", `pieces(-1)`: "1"} {
		if got, _ := evaluate(t, &event.Event{}, formula); got.Text() != want {
			t.Errorf("%s: got %q, want %q", formula, got.Text(), want)
		}
	}
}

func TestAmountsInTheSmallestUnit(t *testing.T) {
	for formula, want := range map[string]string{`major_units(1999, "eur")`: "19.99", `major_units(1200, "JPY")`: "1200", `major_units(12340, "kwd")`: "12.34",
		`major_units(5, "no")`: "", `major_units(nil, "EUR")`: "",
		`minor_units(19.99, "EUR")`: "1999", `minor_units(1250, "jpy")`: "1250", `minor_units(1.2345, "KWD")`: "1235",
		`minor_units(5, "no")`: "", `minor_units(5, nil)`: "", `minor_units(nil, "EUR")`: ""} {
		if got, _ := evaluate(t, &event.Event{}, formula); got.Text() != want {
			t.Errorf("%s: got %q, want %q", formula, got.Text(), want)
		}
	}
}

func TestLabelledValues(t *testing.T) {
	for formula, want := range map[string]string{
		`labelled([{key: "a", value: ""}, {key: "b", value: "x"}], "key", "value", "a", "b")`: "x",
		`labelled([{key: "a", value: 1}, {key: "b", value: 2}], "key", "value", "b", "a")`:    "2",
		`labelled([1, nil, {key: "a"}], "key", "value", "a")`:                                 "",
		`labelled(nil, "key", "value", "a")`:                                                  "",
	} {
		if got, _ := evaluate(t, &event.Event{}, formula); got.Text() != want {
			t.Errorf("%s: got %q, want %q", formula, got.Text(), want)
		}
	}
}

func TestWhereAnEventHappened(t *testing.T) {
	web := &event.Event{Page: event.Page{URL: "https://shop.example/"}}
	server := &event.Event{}
	app := &event.Event{}
	app.Params.Set("app", event.ObjectOf(event.Map{{Key: "id", Value: event.String("com.shop")}}))
	apple := app.Clone()
	apple.Device.OS = "iOS"
	shop := web.Clone()
	shop.Params.Set("action_source", event.String("Physical_Store"))
	typo := web.Clone()
	typo.Params.Set("action_source", event.String("websight"))
	for _, c := range []struct {
		event         *event.Event
		formula, want string
	}{
		{web, `action_source(event)`, "website"},
		{server, `action_source(event)`, "system_generated"},
		{app, `action_source(event)`, "app"},
		{shop, `action_source(event, "website")`, "physical_store"},
		{typo, `action_source(event)`, "website"},
		{web, `action_source(event, "email")`, "email"},
		{app, `action_source(event, nil, "pinterest")`, "app_android"},
		{apple, `action_source(event, nil, "pinterest")`, "app_ios"},
		{shop, `action_source(event, "web", "pinterest")`, "offline"},
		{server, `action_source(event, nil, "snapchat")`, "OFFLINE"},
		{web, `action_source(event, "MOBILE_APP", "snapchat")`, "MOBILE_APP"},
		{app, `action_source(event, nil, "reddit")`, "APP"},
		{server, `action_source(event, nil, "reddit")`, "OTHER"},
		{server, `action_source(event, "crm", "tiktok")`, "crm"},
		{shop, `action_source(event, nil, "google")`, "IN_STORE"},
	} {
		if got, _ := evaluate(t, c.event, c.formula); got.Text() != c.want {
			t.Errorf("%s: got %q, want %q", c.formula, got.Text(), c.want)
		}
	}
}
