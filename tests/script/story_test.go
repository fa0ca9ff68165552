package script_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/alerts"
)

// counted is what the shop of the story counts; it replaces the section insight of the tests' configuration.
const counted = `
insight:
  costs: {file: "%COSTS%"}
  funnels:
    checkout: {steps: [view_item, add_to_cart, begin_checkout, purchase]}
`

// crowd are made-up visitors, each with one cart of one red shoe at most. Of five one only looks, one leaves the checkout, and three buy.
type crowd struct {
	from, until int // numbers of the visitors
	began       func(n int) time.Time
}

const (
	redShoe  = 59.8
	onChrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"
	onOther  = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

func stepsOf(n int) []string {
	all := []string{"view_item", "add_to_cart", "begin_checkout", "purchase"}
	return all[:[]int{1, 3, 4, 4, 4}[n%5]]
}

// Each other visitor has Chrome; each fourth comes from the newsletter.
func hasChrome(n int) bool      { return n%2 == 0 }
func fromNewsletter(n int) bool { return n%4 == 0 }

// walk sends what the crowd does.
func (s *site) walk(c crowd) {
	s.t.Helper()
	for n := c.from; n < c.until; n++ {
		campaign := ""
		if fromNewsletter(n) {
			campaign = `"campaign":{"source":"newsletter","medium":"email","name":"november"},`
		}
		var events []string
		for k, name := range stepsOf(n) {
			events = append(events, fmt.Sprintf(`{"id":"%d-%d","name":%q,"time":%q,%s"user":{"client_id":"visitor-%d"},"page":{"url":"https://www.shop.example/red.html"},"params":{"value":%v,"currency":"EUR"},"consent":{"analytics":true}}`,
				n, k, name, c.began(n).Add(time.Duration(k)*20*time.Second).Format(time.RFC3339), campaign, n, redShoe))
		}
		req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.process.Public+"/e", strings.NewReader("["+strings.Join(events, ",")+"]"))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", onOther)
		if hasChrome(n) {
			req.Header.Set("User-Agent", onChrome)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode >= 300 {
			s.t.Fatalf("the crowd is answered %d", resp.StatusCode)
		}
	}
}

// be is another person from now on.
func (s *site) be(who string) { s.t.Helper(); s.ask(map[string]any{"do": "be", "who": who}, nil) }

// desk opens a screen of the console for somebody who signs in and leaves it open.
func (s *site) desk(path string) {
	s.t.Helper()
	s.be(path)
	token, err := os.ReadFile(filepath.Join(s.process.Folder, "data", "admin-token"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.visit(s.process.Admin + "/sign-in?to=" + strings.NewReplacer("?", "%3F", "&", "%26").Replace(path))
	s.ask(map[string]any{"do": "type", "on": "[name=token]", "text": strings.TrimSpace(string(token))}, nil)
	s.click("form button")
}

// shows waits until a screen that is open shows texts at a selector. Nobody touches it: it asks again by itself.
func (s *site) shows(path, selector string, want ...string) {
	s.t.Helper()
	s.be(path)
	var got []string
	limit := time.Now().Add(time.Minute)
	s.process.Until("shows "+strings.Join(want, ", "), func() bool {
		s.run(fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.textContent.trim())`, selector), &got)
		if !slices.Equal(got, want) && time.Now().After(limit) {
			s.t.Fatalf("%s shows %q, want %q", path, got, want)
		}
		return slices.Equal(got, want)
	})
}

// A shop with 200 visitors, of whom five are at real browsers. The console, open beside them, shows in funnel, carts and campaigns what they do
// while they do it. Then a rule drops the purchases of one browser: the funnel shows where visitors are lost, and an alert says so.
func TestTheConsoleShowsAShopWhatItsVisitorsDo(t *testing.T) {
	now := time.Now().UTC()
	costs := filepath.Join(t.TempDir(), "costs.csv")
	if err := os.WriteFile(costs, []byte("date,source,medium,campaign,cost\n"+now.Format(time.DateOnly)+",newsletter,email,november,100\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openConfigured(t, strings.NewReplacer("\ninsight: {}\n", strings.ReplaceAll(counted, "%COSTS%", costs)).Replace(config)+strict)
	shop := openShop(t, s)
	s.walk(crowd{0, 95, func(n int) time.Time { return now.Add(-5*time.Hour - time.Duration(n)*5*time.Minute) }})

	const funnel, carts, campaigns = "/insight/funnels/checkout?since=24h", "/insight/carts?since=24h", "/insight/campaigns?since=24h"
	for _, path := range []string{funnel, carts, campaigns} {
		s.desk(path)
	}
	const reached, cartsNow, newsletter = ".funnel-steps .big", ".figures .v", "tr:has(th a[href*=newsletter]) td:not(.wide)"
	s.shows(funnel, reached, "95", "76", "76", "57")

	// Five people come to the shop, two of them from the newsletter; one does not want to be measured.
	for _, p := range []struct{ name, query, choice, shoe string }{
		{"anna", "/?utm_source=newsletter&utm_medium=email&utm_campaign=november", "all", "red"},
		{"ben", "/?utm_source=newsletter&utm_medium=email&utm_campaign=november", "measure", "red"},
		{"carl", "/", "all", "blue"}, {"dora", "/", "measure", "blue"}, {"emil", "/", "none", "red"},
	} {
		s.be(p.name)
		s.visit(shop.URL + p.query)
		s.click(`[data-choice="` + p.choice + `"]`)
		if p.choice != "none" {
			s.known()
		}
		s.click(`a[href="` + p.shoe + `.html"]`)
	}
	s.shows(funnel, reached, "99", "76", "76", "57")
	s.shows(funnel, ".loss .denied", "1") // emil is nobody, and has looked at a shoe
	each := func(do func(), names ...string) {
		for _, name := range names {
			s.be(name)
			do()
		}
	}
	each(func() { s.click("#add") }, "anna", "ben", "carl", "dora", "emil")
	s.shows(funnel, reached, "99", "80", "76", "57")
	s.shows(carts, cartsNow, "80", "57", "4", "19")
	checkout := func() { s.goTo(shop.URL + "/cart.html"); s.click("#checkout") }
	buy := func() {
		s.ask(map[string]any{"do": "type", "on": "[name=name]", "text": "A Visitor"}, nil)
		s.ask(map[string]any{"do": "type", "on": "[name=mail]", "text": "a.visitor@shop.example"}, nil)
		s.click("#buy")
	}
	each(checkout, "anna", "ben", "dora")
	s.shows(funnel, reached, "99", "80", "79", "57")
	each(buy, "anna", "ben")
	s.shows(funnel, reached, "99", "80", "79", "59")
	s.shows(carts, cartsNow, "80", "59", "2", "19")
	s.shows(carts, ".figures a:nth-child(4) .d", "23.8 %, €1,136 lost") // 19 red shoes
	// 24 of the crowd came by the newsletter, of whom 15 have bought. 17 red shoes are €1,016.60, for which €100 was paid.
	s.shows(campaigns, newsletter, "26", "26", "17", "65.4 %", "€1,017", "€100.00", "€5.88", "10.2 ×")

	text, err := os.ReadFile(s.process.Path())
	if err != nil {
		t.Fatal(err)
	}
	hash := s.process.Status().Config.Hash
	s.process.Write(string(text) + "\nrules:\n  - {name: broken, when: 'name == \"purchase\" and device.browser == \"Chrome\"', drop: true}\n")
	s.process.Until("has loaded it", func() bool { return s.process.Status().Config.Hash != hash })
	each(checkout, "carl")
	s.shows(funnel, reached, "99", "80", "80", "59")
	each(buy, "carl", "dora")
	s.walk(crowd{95, 195, func(n int) time.Time { return now.Add(-8*time.Minute - time.Duration(n-95)*10*time.Second) }})
	// Of the crowd 60 have bought, half of them with Chrome.
	s.shows(funnel, reached, "199", "160", "160", "89")
	const lastHour = "/insight/funnels/checkout?since=1h"
	s.desk(lastHour)
	s.shows(lastHour, reached, "104", "84", "84", "32")
	s.shows(lastHour, ".funnel-say", "30.8 % of the 104 visitors that began with view_item came to purchase. The largest loss is before purchase.")
	s.be("/alerts")
	s.desk("/alerts")
	s.process.Until("shows an alert", func() bool {
		var shown string
		s.run(`document.querySelector('.alerts')?.textContent ?? ''`, &shown)
		return strings.Contains(shown, "went on to purchase in the funnel checkout") && strings.Contains(shown, alerts.Funnel)
	})
}
