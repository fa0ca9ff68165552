package rules_test

import (
	"testing"

	"headgate/event"
	"headgate/rules"
)

const fiveRules = `
rules:
  - name: staff
    when: in_cidr(device.ip, "198.51.100.0/24")
    drop: true
  - name: currency in capitals
    when: name == "purchase"
    set:
      params.currency: =upper(default(params.currency, "eur"))
  - name: value doubled
    when: name == "purchase" and params.value > 0
    set:
      params.value: =params.value * 2
  - name: campaign traffic
    when: page.url contains "utm_source="
    set:
      params.campaign_hit: true
  - name: bots out
    when: device.bot
    drop: true
`

func benchmarkRules(b *testing.B, e *event.Event) {
	l, r, ms := load(b, fiveRules, rules.RuleScope(), nil)
	if len(ms) > 0 {
		b.Fatal(ms.Err())
	}
	m := l.Machine()
	env := &rules.Env{}
	b.ReportAllocs()
	for b.Loop() {
		copied := *e
		r.Apply(m, env, &copied, nil)
	}
}

func BenchmarkFiveRulesOnAPageView(b *testing.B) {
	e := purchase()
	e.Name, e.Device.IP, e.Page.URL = "page_view", "203.0.113.9", "https://www.shop.example/a/long/enough/path?q=red+shoes"
	benchmarkRules(b, e)
}

func BenchmarkFiveRulesOnACampaignPurchase(b *testing.B) {
	e := purchase()
	e.Device.IP = "203.0.113.9"
	benchmarkRules(b, e)
}

func BenchmarkFormulas(b *testing.B) {
	l := language(b)
	for _, formula := range []string{
		`page.url`, `params.value`, `name == "purchase" and params.value > 100`, `sha256(lower(user.email))`,
		`sum(items, .price * default(.quantity, 1))`, `map(items, ({id: .id, quantity: default(.quantity, 1)}))`,
	} {
		b.Run(formula, func(b *testing.B) {
			f, ms := l.Formula(words(formula), rules.RuleScope(), rules.Any)
			if len(ms) > 0 {
				b.Fatal(ms.Err())
			}
			m, env := l.Machine(), environment()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Value(m, env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
