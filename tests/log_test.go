package tests_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

const echoConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: %DATA%
egress: {allow: [127.0.0.0/8]}
destinations:
  hook:
    use: webhook
    settings: {url: "VENDOR"}
    delivery: {batch: 1, wait: 1ms}
    consent: {needs: none, reason: the test's own}
`

// TestNoVisitorIsLoggedThatAVendorSpeaksOf has a vendor that first fails and then refuses the settings, each time in words that
// quote the visitor.
func TestNoVisitorIsLoggedThatAVendorSpeaksOf(t *testing.T) {
	t.Parallel()
	const email, client, user, address = "jane@shop.example", "1234567890.1700000000", "cust-42", "https://shop.example/thanks?order=A17&name=Jane"
	var status atomic.Int32
	status.Store(http.StatusInternalServerError)
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(status.Load()))
		fmt.Fprintf(w, `{"error":{"message":"unknown client %s (%s, %s) of %s"}}`, client, user, email, address)
	}))
	t.Cleanup(vendor.Close)
	p := newProcess(t, strings.ReplaceAll(echoConfig, "VENDOR", vendor.URL))
	p.Start()
	p.post(fmt.Sprintf(`{"id":"evt-echo-1","name":"purchase","user":{"client_id":%q,"user_id":%q,"email":%q},"page":{"url":%q},"consent":{"analytics":true}}`,
		client, user, email, address))
	shown := map[string]string{}
	p.Until("has failed", func() bool {
		shown["status after a failure"] = p.Status().Destinations["hook"].LastError
		return shown["status after a failure"] != ""
	})
	status.Store(http.StatusUnauthorized)
	p.Until("is halted", func() bool {
		d := p.Status().Destinations["hook"]
		shown["status after a refusal"] = d.LastError
		return d.State == "halted"
	})
	p.Stop()
	shown["log"] = p.Output.String()
	for where, text := range shown {
		if !strings.Contains(text, "unknown client") {
			t.Errorf("%s does not say what the vendor said: %s", where, text)
		}
		for _, personal := range []string{email, client, user, "A17", "Jane"} {
			if strings.Contains(text, personal) {
				t.Errorf("%s shows %q:\n%s", where, personal, text)
			}
		}
	}
}
