package script_test

import (
	"slices"
	"strings"
	"testing"
)

// said are the summaries of events, without those of the names left out.
func said(events []arrived, without ...string) (out []string) {
	for i := range events {
		if !slices.Contains(without, events[i].Name) {
			out = append(out, summary(&events[i]))
		}
	}
	return out
}

func TestEveryPartCaptures(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/parts.html")
	s.events(2, "page_view", "view_item")
	s.loaded("vitals", "forms", "video", "trouble", "datalayer")
	s.ask(map[string]any{"do": "type", "on": "#mail", "text": "a.visitor@shop.example"}, nil)
	s.ask(map[string]any{"do": "type", "on": "#city", "text": "Berlin"}, nil)
	s.run(`dataLayer.push({event: 'search', search_term: 'shoes', 'gtm.uniqueEventId': 3}); document.getElementById('video').play()`, nil)
	s.ask(map[string]any{"do": "click", "on": "#rage", "with": map[string]any{"clickCount": 3}}, nil)
	s.run(`setTimeout(() => { throw new Error('broken'); }); Promise.reject(new Error('rejected')); null`, nil)
	s.events(3, "video_complete")
	s.click("#dead")
	s.events(1, "dead_click")
	s.goTo(s.pages.URL + "/elsewhere?tag=data-manual")
	s.events(1, "web_vitals")
	s.events(1, "form_abandon")
	got := said(s.events(0), "page_view", "user_engagement", "web_vitals")
	for _, want := range []string{
		`view_item {"currency":"EUR"} [{"id":"SKU-1","name":"Red shoe"}]`,
		`search {"search_term":"shoes"}`,
		`form_start {"form_id":"letter","form_name":"newsletter"}`,
		`form_field {"field_name":"mail","form_id":"letter","form_name":"newsletter"}`,
		`form_abandon {"field_name":"city","form_id":"letter","form_name":"newsletter"}`,
		`rage_click {"element":"p#rage"}`,
		`dead_click {"element":"button#dead"}`,
		`exception {"description":"rejected","fatal":false,"file":"","line":0}`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, strings.Join(got, "\n"))
		}
	}
	all := strings.Join(got, "\n")
	for _, provider := range []string{"html5", "youtube", "vimeo"} {
		for _, want := range []string{"video_start", `"video_percent":25`, `"video_percent":50`, `"video_percent":75`, "video_complete"} {
			if !slices.ContainsFunc(got, func(one string) bool {
				return strings.Contains(one, want) && strings.Contains(one, `"video_provider":"`+provider+`"`)
			}) {
				t.Errorf("no %s of %s in\n%s", want, provider, all)
			}
		}
	}
	if strings.Contains(all, "visitor@") || strings.Contains(all, "Berlin") {
		t.Errorf("what was written into a field has left the page:\n%s", all)
	}
	vitals := s.events(1, "web_vitals")[0].Params
	for _, name := range []string{"lcp", "fcp", "ttfb", "inp"} {
		if n, ok := vitals[name].(float64); !ok || n < 0 || n > 60_000 {
			t.Errorf("web_vitals: %s in %v", name, vitals)
		}
	}
}

func TestAPageWhoseInteractionsAreAllQuickSaysHowQuick(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/quick.html")
	s.loaded("vitals")
	s.click("#quick")
	s.goTo(s.pages.URL + "/elsewhere?tag=data-manual")
	vitals := s.events(1, "web_vitals")[0].Params
	if n, ok := vitals["inp"].(float64); !ok || n < 0 || n > 60_000 {
		t.Errorf("%v", vitals)
	}
}

func TestPagesOfOtherScriptsChangeOnlyTheAddress(t *testing.T) {
	s := openSite(t, open)
	for _, c := range []struct {
		page, then string
		want       []string
	}{
		{"gtag", `gtag('event', 'sign_up', {method: 'mail'})`, []string{`page_view null`, `identify null`,
			`purchase {"currency":"EUR","transaction_id":"T-1","value":59.8} [{"id":"SKU-1","name":"Red shoe","quantity":2}]`, `sign_up {"color":"red","method":"mail"}`}},
		{"analytics", `analytics.track('Signed Up', {method: 'mail'}).page('Thanks')`, []string{`page_view null`, `identify null`,
			`purchase {"currency":"EUR","transaction_id":"T-1","value":59.8} [{"id":"SKU-1","name":"Red shoe","quantity":2}]`, `sign_up {"method":"mail"}`, `page_view null`}},
		{"plausible", `document.getElementById('act').click()`, []string{`page_view null`, `purchase {"currency":"EUR","plan":"gold","value":59.8}`, `Sign up {"plan":"Pro"}`}},
		{"umami", `document.getElementById('act').click(); umami.track('purchase', {value: 59.8}); umami.track((props) => ({...props, title: 'Thanks'})); umami.identify('u-7', {plan: 'gold'})`,
			[]string{`page_view null`, `Sign up {"plan":"Pro"}`, `purchase {"value":59.8}`, `page_view {"title":"Thanks"}`, `identify null`}},
		{"fbq", `fbq('track', 'PageView')`, []string{`page_view null`, `purchase {"currency":"EUR","value":59.8} [{"id":"SKU-1","price":29.9,"quantity":2}]`, `Purchase {"plan":"gold"}`, `page_view null`}},
	} {
		t.Run(c.page, func(t *testing.T) {
			s.browser, s.t = &browser{t, s.Browser}, t
			s.forget()
			s.visit(s.pages.URL + "/" + c.page + ".html")
			s.events(1, "page_view")
			s.run(c.then, nil)
			events := s.events(len(c.want), "page_view", "identify", "purchase", "Purchase", "sign_up", "Sign up")
			got := said(events)
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if c.page == "fbq" && events[1].ID != "order-1" {
				t.Errorf("the id that the pixel shares is %s", events[1].ID)
			}
			if last := events[len(events)-1]; c.page != "plausible" && c.page != "fbq" && last.User.UserID != "u-7" {
				t.Errorf("%s is of user %q", last.Name, last.User.UserID)
			}
		})
	}
}
