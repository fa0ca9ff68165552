package destinations_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
)

// socialVectors are the ad platforms of social networks. wo is the configuration under which the cases of the other
// product are run, and differ what of them is not followed, and why.
var socialVectors = []struct {
	name     string
	settings func(config event.Map) string
	wo       string
	differ   []difference
}{
	{
		name: "tiktok",
		settings: func(c event.Map) string {
			return fmt.Sprintf(`settings: {pixel_code: %q, access_token: %q}`, c.Text("pixel_code"), c.Text("access_token"))
		},
		wo: `settings: {pixel_code: PIXELCODE, access_token: TOKEN}`,
		differ: []difference{
			{`^pixel_code$`, "is event_source_id since version 1.3"},
			{`^partner_name$`, "we are no partner of TikTok's"},
			{`\.timestamp$`, "is event_time since version 1.3"},
			{`\.context\.`, "user and page stand beside the event since version 1.3"},
			{`\.event$`, "names of before 1.3, and an event that is sent as the site calls it"},
		},
	},
	{
		name: "pinterest",
		settings: func(c event.Map) string {
			return fmt.Sprintf(`settings: {ad_account_id: %q, access_token: %q}`, c.Text("ad_account_id"), c.Text("token"))
		},
		wo: `settings: {ad_account_id: "123456789", access_token: TOKEN}`,
		differ: []difference{
			{`\.event_time$`, "seconds were taken for milliseconds"},
			{`\.custom_data\.(value|contents\[\d+\]\.item_price)$`, "amounts are texts to Pinterest, and 42.00 is written as 42"},
			{`\.num_items$`, "the pieces are counted, not the lines"},
		},
	},
	{
		name: "snapchat",
		settings: func(c event.Map) string {
			return fmt.Sprintf(`settings: {pixel_id: %q, access_token: %q}`, c.Text("pixel_id"), c.Text("access_token"))
		},
		wo: `settings: {pixel_id: p1x3l1d, access_token: TOKEN}`,
		differ: []difference{
			{`\.event_name$`, "an event that is sent as the site calls it"},
			{`\.custom_data\.transaction_id$`, "is order_id since version 3"},
			{`\.custom_data\.sign_up_method$`, "is set for every form there, for sign_up with a method here"},
		},
	},
	{
		name: "reddit",
		settings: func(c event.Map) string {
			return fmt.Sprintf(`settings: {pixel_id: %q, access_token: %q}`, c.Text("pixel_id"), c.Text("token"))
		},
		wo: `settings: {pixel_id: a2_abcdef123456, access_token: TOKEN}`,
		differ: []difference{
			{`^url$`, "version 2"},
			{`\.event_(at|at_ms)$`, "version 2, and milliseconds where the input has seconds"},
			{`\.(event_type|event_metadata)\.`, "type and metadata since version 3"},
		},
	},
	{
		name: "linkedin",
		settings: func(c event.Map) string {
			return fmt.Sprintf(`settings: {access_token: %q, version: %q, conversions: {purchase: %q}, names: true, user_id: true}`,
				c.Text("token"), c.Text("version"), c.Get("rules").Object().Text("purchase"))
		},
		wo: `settings: {access_token: TOKEN, version: "202604", conversions: {purchase: "12345678", generate_lead: "12345678"}}`,
	},
}

// difference is a path in what the other product sends that we do otherwise on purpose.
type difference struct{ path, why string }

func TestVectorsOfSocialNetworks(t *testing.T) {
	const root = "../../shared/vectors/destinations"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared vectors are not here: " + root)
	}
	for _, v := range socialVectors {
		runDerivedVectors(t, filepath.Join(root, v.name), v.name, v.settings)
	}
}

// What another product sends of its own events is what we send, but for what differs on purpose. Nothing may be listed
// that does not differ.
func TestVectorsOfSocialNetworksByAnotherProduct(t *testing.T) {
	const root = "../../shared/vectors/destinations"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared vectors are not here: " + root)
	}
	for _, v := range socialVectors {
		seen := map[string]bool{}
		files, err := filepath.Glob(filepath.Join(root, v.name, "wo-*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no vectors of %s: %v", v.name, err)
		}
		for _, file := range files {
			t.Run(v.name+"/"+filepath.Base(file), func(t *testing.T) {
				one := readVector(t, file)
				e := woEvent(t, one.Get("input").Object())
				e.Name = woNames[strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "wo-"), ".json")]
				d := opened(t, v.name, v.wo, func(deps *destinations.Deps) { deps.Now = func() time.Time { return e.Time.Add(time.Minute) } })
				requests, verdicts := d.Encode([]destinations.Sending{{Event: e, Attempt: 1}})
				if len(requests) != 1 {
					t.Fatalf("%d requests; %v", len(requests), verdicts)
				}
				want := one.Get("expected_requests").List()[0].Object()
				got, err := event.ParseJSON(requests[0].Body)
				if err != nil {
					t.Fatal(err)
				}
				paths := differing(nil, "", got, bodyOf(want))
				if requests[0].URL != want.Text("url") {
					paths = append(paths, "url")
				}
			next:
				for _, path := range paths {
					for _, d := range v.differ {
						if regexp.MustCompile(d.path).MatchString(path) {
							seen[d.path] = true
							continue next
						}
					}
					t.Errorf("%s differs: we send %s", path, requests[0].Body)
				}
			})
		}
		for _, d := range v.differ {
			if !seen[d.path] {
				t.Errorf("%s: %s does not differ any more (%s)", v.name, d.path, d.why)
			}
		}
	}
}

// woNames are our names of the events that the files hold.
var woNames = map[string]string{"pageview": "page_view", "pagevisit": "page_view", "addtocart": "add_to_cart", "purchase": "purchase", "checkout": "purchase",
	"purchasewithlifatid": "purchase", "lead": "generate_lead", "search": "search", "signup": "sign_up"}

// woEvent is an event of the other product as ours, but for its name: data of a page, a product or an order, with products
// nested in it.
func woEvent(t *testing.T, in event.Map) *event.Event {
	t.Helper()
	data, user := in.Get("data").Object(), in.Get("user").Object()
	ms, _ := in.Get("timestamp").Float()
	e := &event.Event{
		ID: in.Text("id"), Time: time.UnixMilli(int64(ms)).UTC(),
		User: event.User{Email: user.Text("email"), UserID: user.Text("id")},
		Page: event.Page{URL: in.Get("source").Object().Text("url")},
		// The other product leaves who it was to whatever calls it.
		Device: event.Device{IP: "203.0.113.7", UserAgent: "Test/1.0"},
	}
	if id := in.Get("context").Object().Get("li_fat_id").List(); len(id) > 0 {
		e.Cookies = event.Map{{Key: "li_fat_id", Value: id[0]}}
	}
	worth := false
	for _, p := range data {
		switch p.Key {
		case "total", "price":
			worth = true
			e.Params.Set("value", p.Value)
		case "currency":
			e.Params.Set("currency", p.Value)
		case "query":
			e.Params.Set("search_term", p.Value)
		case "id":
			if _, order := data.Find("total"); order {
				e.Params.Set("transaction_id", p.Value)
			}
		}
	}
	if _, known := data.Find("currency"); worth && !known {
		e.Params.Set("currency", event.String("EUR")) // the default of its mappings
	}
	products := in.Get("nested").List()
	if _, one := data.Find("price"); one && len(products) == 0 {
		products = []event.Value{event.ObjectOf(event.Map{{Key: "entity", Value: event.String("product")}, {Key: "data", Value: in.Get("data")}})}
	}
	for _, n := range products {
		if n.Object().Text("entity") != "product" {
			continue
		}
		var item event.Item
		for _, p := range n.Object().Get("data").Object() {
			switch p.Key {
			case "id", "name", "category", "price", "quantity":
				if fact := item.Set(p.Key, p.Value); fact != "" {
					t.Fatal(fact)
				}
			}
		}
		e.Items = append(e.Items, item)
	}
	return e
}

// differing appends the paths of what is in want and not so in got. One value and a list of just it are the same.
func differing(paths []string, path string, got, want event.Value) []string {
	switch want.Kind() {
	case event.Object:
		for _, p := range want.Object() {
			paths = differing(paths, strings.TrimPrefix(path+"."+p.Key, "."), got.Object().Get(p.Key), p.Value)
		}
		return paths
	case event.List:
		for i, one := range want.List() {
			var other event.Value
			if i < len(got.List()) {
				other = got.List()[i]
			}
			paths = differing(paths, fmt.Sprintf("%s[%d]", path, i), other, one)
		}
		return paths
	}
	if all := got.List(); len(all) == 1 {
		got = all[0]
	}
	if !got.Equal(want) {
		paths = append(paths, path)
	}
	return paths
}
