package tests_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/alerts"
)

const shopWithCosts = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
sources:
  events: {path: /e, server_keys: [key-of-the-shop]}
insight:
  costs: {file: costs.csv}
  funnels:
    checkout: {steps: [view_item, begin_checkout, purchase]}
destinations:
  hook:
    use: webhook
    settings: {url: "https://hooks.shop.example/events"}
    consent: {needs: [analytics, ads], refused: drop}
`

// shopper is a visitor who looks at something, and may buy it: of five all but one go to the checkout, and of those three in four buy.
type shopper struct {
	n     int
	began time.Time
}

const (
	onFirefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	onSafari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

// events are what the shop's server sends of a visit: one line of JSON each.
func (s shopper) events() string {
	steps := []string{"view_item"}
	if s.n%5 > 0 {
		steps = append(steps, "add_to_cart", "begin_checkout")
	}
	if s.n%5 > 1 {
		steps = append(steps, "purchase")
	}
	browser := onFirefox
	if s.n%2 == 0 {
		browser = onSafari
	}
	var list []string
	for k, name := range steps {
		campaign := ""
		if k == 0 && s.n%4 == 0 {
			campaign = `"campaign":{"source":"newsletter","medium":"email","name":"november"},`
		}
		list = append(list, fmt.Sprintf(`{"id":"%d-%d","name":%q,"time":%q,%s"user":{"client_id":"shopper-%d"},"device":{"user_agent":%q},"page":{"url":"https://www.shop.example/p"},"params":{"value":20,"currency":"EUR"},"consent":{"analytics":true}}`,
			s.n, k, name, s.began.Add(time.Duration(k)*30*time.Second).Format(time.RFC3339), campaign, s.n, browser))
	}
	return "[" + strings.Join(list, ",") + "]"
}

func (p *process) visit(s shopper) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.Public+"/e", strings.NewReader(s.events()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("X-Write-Key", "key-of-the-shop")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusAccepted {
		p.t.Fatalf("a visit is answered %d", resp.StatusCode)
	}
}

// said is what insight says of the shop, in a line.
func (p *process) said(since string) string {
	p.t.Helper()
	var funnel funnelSaid
	var carts struct {
		Opened, Bought, Pending, Abandoned int
		Lost                               float64 `json:"value_lost"`
	}
	var campaigns struct {
		Rows []struct {
			Source             string
			Visitors           int
			Conversions, Value float64
			Return             *float64
		}
	}
	p.Ask(http.MethodGet, "/api/insight/funnel?name=checkout&since="+since, &funnel)
	p.Ask(http.MethodGet, "/api/insight/carts?since="+since, &carts)
	p.Ask(http.MethodGet, "/api/insight/campaigns?since="+since, &campaigns)
	text := fmt.Sprintf("%s; carts %d = %d bought, %d pending, %d abandoned, %v lost", funnel, carts.Opened, carts.Bought, carts.Pending, carts.Abandoned, carts.Lost)
	for _, r := range campaigns.Rows {
		if r.Source == "newsletter" && r.Return != nil {
			text += fmt.Sprintf("; newsletter %d visitors, %v bought, %v, return %.2f", r.Visitors, r.Conversions, r.Value, *r.Return)
		}
	}
	return text
}

func (p *process) says(since, want string) {
	p.t.Helper()
	said := ""
	limit := time.Now().Add(20 * time.Second)
	p.Until("says "+want, func() bool {
		if said = p.said(since); said != want && time.Now().After(limit) {
			p.t.Fatalf("it says\n%s\nwant\n%s", said, want)
		}
		return said == want
	})
}

// A shop with 200 visitors: funnel, carts and the return of a campaign say what they did, while they do it. Then a rule drops the purchases
// of one browser: the funnel shows it within a minute, and an alert says so.
func TestAShopSeesItsVisitorsAndItsBrokenCheckout(t *testing.T) {
	t.Parallel()
	p := newProcess(t, shopWithCosts)
	today := time.Now().UTC().Format(time.DateOnly)
	if err := os.WriteFile(filepath.Join(p.Folder, "costs.csv"), []byte("date,source,medium,campaign,cost\n"+today+",newsletter,email,november,100\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Start()
	begin := time.Now().UTC()
	for n := range 100 {
		p.visit(shopper{n, begin.Add(-5*time.Hour - time.Duration(n)*8*time.Minute)})
	}
	p.says("2d", "view_item 100 2000, begin_checkout 80 1600, purchase 60 1200, unmeasured 0; carts 80 = 60 bought, 0 pending, 20 abandoned, 400 lost; newsletter 25 visitors, 15 bought, 300, return 3.00")
	for n := range 100 {
		p.visit(shopper{100 + n, begin.Add(-3*time.Hour - time.Duration(n)*time.Minute)})
	}
	p.says("2d", "view_item 200 4000, begin_checkout 160 3200, purchase 120 2400, unmeasured 0; carts 160 = 120 bought, 0 pending, 40 abandoned, 800 lost; newsletter 50 visitors, 30 bought, 600, return 6.00")

	good, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	hash := p.Status().Config.Hash
	p.Write(string(good) + "\nrules:\n  - {name: broken, when: 'name == \"purchase\" and device.os == \"iOS\"', drop: true}\n")
	p.Until("has loaded it", func() bool { return p.Status().Config.Hash != hash })
	for n := range 100 {
		p.visit(shopper{200 + n, time.Now().UTC().Add(-8*time.Minute - time.Duration(n)*10*time.Second)})
	}
	sent := time.Now()
	p.says("1h", "view_item 100 2000, begin_checkout 80 1600, purchase 30 600, unmeasured 0; carts 80 = 30 bought, 50 pending, 0 abandoned, 0 lost; newsletter 25 visitors, 0 bought, 0, return 0.00")
	if took := time.Since(sent); took > time.Minute {
		t.Errorf("the funnel showed it after %v", took)
	}
	p.Until("raises an alert", func() bool {
		var said []alerts.Alert
		p.Ask(http.MethodGet, "/api/alerts", &said)
		for _, a := range said {
			if a.Kind == alerts.Funnel && a.About == "checkout: purchase" && strings.Contains(a.Cause, "(30 of 80 in half an hour)") {
				return true
			}
		}
		return false
	})
}
