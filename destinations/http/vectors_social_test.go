package http_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
)

// vendorVectors are the cases of one vendor: in a folder, which has the destination's name when it is left out. wo is the
// configuration under which the cases of the other product are run, differ what of them is not followed, and why, and
// nothing the files of which nothing is sent.
type vendorVectors struct {
	name     string
	folder   string
	settings func(config event.Map) string
	wo       string
	differ   []difference
	nothing  map[string]string
}

// difference is a path in what the other product sends that we do otherwise on purpose.
type difference struct{ path, why string }

// socialVectors are the ad platforms of social networks.
var socialVectors = []vendorVectors{
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

func TestVectorsOfSocialNetworks(t *testing.T) {
	const root = "../../../shared/vectors/destinations"
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
	const root = "../../../shared/vectors/destinations"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared vectors are not here: " + root)
	}
	for _, v := range socialVectors {
		v.runOthers(t, root)
	}
}

// runOthers checks that we send what the other product sends of its events, but for what is listed.
func (v vendorVectors) runOthers(t *testing.T, root string) {
	t.Helper()
	folder := v.folder
	if folder == "" {
		folder = v.name
	}
	files, err := filepath.Glob(filepath.Join(root, folder, "wo-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors of %s: %v", v.name, err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		t.Run(v.name+"/"+filepath.Base(file), func(t *testing.T) {
			one := readVector(t, file)
			e := woEvent(t, one.Get("input").Object())
			e.Name = woNames[strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "wo-"), ".json")]
			d := opened(t, v.name, v.wo, func(deps *destinations.Deps) { deps.Now = func() time.Time { return e.Time.Add(time.Minute) } })
			requests, verdicts := d.Encode([]destinations.Sending{{Event: e, Attempt: 1}})
			if why := v.nothing[filepath.Base(file)]; why != "" && len(requests) == 0 && verdicts[0].Why == why {
				return
			}
			if len(requests) != 1 {
				t.Fatalf("%d requests; %v", len(requests), verdicts)
			}
			got, err := event.ParseJSON(requests[0].Body)
			if err != nil {
				t.Fatal(err)
			}
			address, body := woRequest(t, one.Get("expected_requests").List()[0].Object())
			paths := differing(nil, "", got, body)
			if requests[0].URL != address {
				paths = append(paths, "url")
			}
			for _, path := range paths {
				i := slices.IndexFunc(v.differ, func(d difference) bool { return regexp.MustCompile(d.path).MatchString(path) })
				if i < 0 {
					t.Errorf("%s differs: we send %s", path, requests[0].Body)
					continue
				}
				seen[v.differ[i].path] = true
			}
		})
	}
	for _, d := range v.differ {
		if !seen[d.path] {
			t.Errorf("%s: %s does not differ any more (%s)", v.name, d.path, d.why)
		}
	}
}

// woRequest is what the other product sends: written out, or as the call of fetch that sends it.
func woRequest(t *testing.T, request event.Map) (address string, body event.Value) {
	t.Helper()
	call := request.Get("sdk_call").List()
	if len(call) != 3 {
		return request.Text("url"), bodyOf(request)
	}
	body, err := event.ParseJSON([]byte(call[2].Object().Text("body")))
	if err != nil {
		t.Fatal(err)
	}
	return call[1].Text(), body
}

// woNames are our names of the events that the files hold.
var woNames = map[string]string{"pageview": "page_view", "pagevisit": "page_view", "addtocart": "add_to_cart", "purchase": "purchase", "checkout": "purchase",
	"purchasewithlifatid": "purchase", "purchasewithtwclid": "purchase", "viewitem": "view_item", "ga4pageview": "page_view", "lead": "generate_lead", "search": "search", "signup": "sign_up"}

// woEvent is an event of the other product as ours, but for its name: data of a page, a product or an order, with products
// nested in it.
func woEvent(t *testing.T, in event.Map) *event.Event {
	t.Helper()
	data, user, source := in.Get("data").Object(), in.Get("user").Object(), in.Get("source").Object()
	ms, _ := in.Get("timestamp").Float()
	e := &event.Event{
		ID: in.Text("id"), Time: time.UnixMilli(int64(ms)).UTC(),
		User: event.User{Email: user.Text("email"), UserID: user.Text("id"), ClientID: user.Text("device")},
		Page: event.Page{URL: source.Text("url"), Referrer: source.Text("referrer")},
		// The other product leaves who it was to whatever calls it.
		Device: event.Device{IP: "203.0.113.7", UserAgent: "Test/1.0"},
	}
	if u, err := url.Parse(e.Page.URL); err == nil {
		e.Page.Path = u.Path
	}
	for _, click := range []string{"li_fat_id", "twclid"} {
		if id := in.Get("context").Object().Get(click).List(); len(id) > 0 {
			e.Cookies.Set(click, id[0])
		}
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
