package sdks_test

import (
	"fmt"
	"strconv"
	"strings"
)

// check looks at what arrived in the end.
func (v *visit) check() {
	where := v.sdk.name + ", " + v.mount + " origin"
	for name, want := range v.want {
		came := v.sink.of(v.run, name)
		n, most := len(came), 1
		switch {
		case want == twice, name == "page_view" && v.sdk.name == "umami": // its script sends one for each page by itself
			most = 2
		case name == v.sdk.identify:
			most = max(1, v.sdk.identities)
		}
		switch {
		case n > most, n == 0 && want != never && want != perhaps, n > 0 && want == never:
			v.shop.t.Errorf("%s: %s arrived %d times, want %s", where, name, n, want)
		case n > 0:
			v.checkEvent(where, name, &came[0])
		}
	}
	for _, a := range v.sink.of(v.run, "purchase") {
		v.checkPurchase(where, &a)
	}
	clients := map[string]bool{}
	for name := range v.want {
		if name == "after_closing" {
			continue // Jitsu cannot keep an id for a name below localhost
		}
		for _, a := range v.sink.of(v.run, name) {
			clients[a.User.ClientID] = true
		}
	}
	if v.sdk.client && len(clients) != 1 {
		v.shop.t.Errorf("%s: the events of one visitor are of %d clients", where, len(clients))
	}
}

func (v *visit) checkEvent(where, name string, a *arrival) {
	if a.Source != v.sdk.name {
		v.shop.t.Errorf("%s: %s is of the source %s", where, name, a.Source)
	}
	several := name == v.sdk.identify && v.sdk.identities > 1 // what is said of a person is of no page
	if page := "/shop/" + v.sdk.name + "/" + v.mount + "/" + v.run; !v.sdk.pageless && !several && !strings.HasSuffix(a.Page.URL, page) {
		v.shop.t.Errorf("%s: %s is of the page %q, want %s", where, name, a.Page.URL, page)
	}
	if name == "page_view" && !v.sdk.titleless && a.Page.Title != "Shirts & coats" {
		v.shop.t.Errorf("%s: the page is called %q", where, a.Page.Title)
	}
	if v.sdk.client && a.User.ClientID == "" {
		v.shop.t.Errorf("%s: %s has no client id: %s", where, name, a.text)
	}
	if name != "purchase" && name != v.sdk.identify {
		return
	}
	if user := "u-" + v.run; !v.sdk.userless && a.User.UserID != user {
		v.shop.t.Errorf("%s: %s is of the user %q, want %s", where, name, a.User.UserID, user)
	}
}

func (v *visit) checkPurchase(where string, a *arrival) {
	p := a.Params
	if p.ID != "T-"+v.run || p.Value != 59.8 || p.Currency != "EUR" {
		v.shop.t.Errorf("%s: the purchase is %+v", where, p)
	}
	items := ""
	for _, i := range a.Items {
		items += fmt.Sprint(i.ID, " ", i.Name, " ", strconv.FormatFloat(i.Price, 'f', -1, 64), " ", i.Quantity, "; ")
	}
	want := "SKU1 Shirt 9.9 2; SKU2 Coat 40 1; "
	if v.sdk.itemless {
		want = ""
	}
	if items != want {
		v.shop.t.Errorf("%s: the items are %q, want %q", where, items, want)
	}
}
