package script_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"

	"headgate/tests/trial"
)

// openShop serves examples/shop, with this test's Headgate in place of the one that its pages name.
func openShop(t *testing.T, s *site) *httptest.Server {
	t.Helper()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if name == "" {
			name = "index.html"
		}
		text, err := os.ReadFile("../../examples/shop/" + name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		kinds := map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
		w.Header().Set("Content-Type", kinds[path.Ext(name)])
		_, _ = w.Write(bytes.ReplaceAll(text, []byte("http://localhost:8080"), []byte(s.edge.URL))) // the browser has gone
	}))
	t.Cleanup(shop.Close)
	return shop
}

func TestTheExampleShop(t *testing.T) { goShopping(openSite(t, strict), "form_start ") }

// goShopping has two visitors come to the shop. entered is what is captured when the first field of the checkout gets the focus.
func goShopping(s *site, entered string) {
	t := s.t
	t.Helper()
	shop := openShop(t, s)
	// One visitor agrees after the first page and buys; another refuses.
	s.visit(shop.URL)
	s.click(`[data-choice="all"]`)
	s.known()
	s.click(`a[href="red.html"]`)
	s.events(1, "view_item") // the shop's own script is there
	s.click("#add")
	s.goTo(shop.URL + "/cart.html")
	s.click("#checkout")
	s.events(1, "begin_checkout")
	s.loaded("forms")
	s.ask(map[string]any{"do": "type", "on": "[name=name]", "text": "A Visitor"}, nil)
	s.ask(map[string]any{"do": "type", "on": "[name=mail]", "text": "a.visitor@shop.example"}, nil)
	s.click("#buy")
	purchase := s.events(1, "purchase")[0]
	got := said(s.events(0), "web_vitals", "user_engagement", "form_field")
	names := ""
	for _, one := range got {
		names += strings.SplitN(one, " ", 2)[0] + " "
		if strings.Contains(one, "visitor@") {
			t.Errorf("what was written into the form has left the page: %s", one)
		}
	}
	if want := "page_view select_item page_view view_item add_to_cart page_view view_cart page_view begin_checkout " + entered + "form_submit identify purchase "; !strings.HasPrefix(names, want) {
		t.Errorf("the visitor did %s", names)
	}
	if purchase.Params["value"] != 59.8 || len(purchase.Items) != 1 || purchase.Items[0]["id"] != "RED" || purchase.User.ClientID == "" {
		t.Errorf("%+v", purchase)
	}
	s.events(5, "page_view") // thanks.html
	accepted := s.process.Status().Accepted
	s.visit(shop.URL)
	s.click(`[data-choice="none"]`)
	s.process.Until("has got the refusal", func() bool { return s.process.Status().Accepted > accepted })
	if n := len(s.events(5, "page_view")); n != 5 {
		t.Errorf("%d page views were sent on", n)
	}
	var funnel struct{ Steps []struct{ Visitors int } }
	s.process.Until("has counted", func() bool {
		s.process.Ask(http.MethodGet, "/api/insight/funnel?since=1h&steps=view_item,add_to_cart,begin_checkout,purchase", &funnel)
		return len(funnel.Steps) == 4 && funnel.Steps[3].Visitors == 1
	})
	if funnel.Steps[0].Visitors != 1 {
		t.Errorf("%+v", funnel)
	}
}

func TestTheConfigurationOfTheExampleShopIsRight(t *testing.T) {
	cmd := exec.Command(os.Args[0], "check", "--config", "../../examples/shop/headgate.yaml")
	cmd.Env = append(os.Environ(), trial.AsHeadgate)
	if said, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(said), "0 warnings") {
		t.Errorf("%s %v", said, err)
	}
}
