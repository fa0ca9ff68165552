package browser_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"headgate/tests/docs"
)

// A page of a shop on Shopify with the lines of docs/senders/shopify.md, and the cookies that the tags of the shop have set.
const cartPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A shop on Shopify</title>
<link rel="icon" href="data:,">
<script>
  document.cookie = "_ga=GA1.1.1234567890.1795300000; path=/";
  document.cookie = "_fbp=fb.1.1795300000000.123; path=/";
  let sent;
  const real = fetch;
  window.fetch = (...args) => (sent = real(...args));
  window.settled = () => sent.then(() => true);
</script>
%s
</html>
`

func TestWhatAShopOnShopifyStoresWithTheCart(t *testing.T) {
	stored := make(chan map[string]string, 1)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/cart/update.js" {
			var cart struct{ Attributes map[string]string }
			if err := json.NewDecoder(r.Body).Decode(&cart); err != nil {
				t.Error(err)
			}
			stored <- cart.Attributes
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, cartPage, docs.On(t, "docs/senders/shopify.md", "html")[0].Text)
	}))
	t.Cleanup(shop.Close)
	newBrowser(t).ask(map[string]any{"do": "open", "url": shop.URL}, nil)
	got := <-stored
	for name, want := range map[string]string{"_hg_cid": "1234567890.1795300000", "_fbp": "fb.1.1795300000000.123", "_fbc": "", "_hg_consent": "analytics=1;ads=0"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}
