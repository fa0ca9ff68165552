package tests_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/tests/trial"
)

// asks is the body of a shop's privacy request about the buyer of an order; more are further members.
func asks(id int, more string) string {
	return fmt.Sprintf(`{"shop_id":7,"shop_domain":"mark.example","customer":{"id":9%[1]d,"email":"Buyer-%[1]d@example.com","phone":null}%[2]s}`, id, more)
}

// What a shop asks for about its buyers is done before it is answered, stays done after a kill, and is written down without a
// word of who they are.
func TestAShopAsksForWhatItsBuyersAskFor(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.answer(http.StatusServiceUnavailable)
	p := newShop(t, v)
	p.Start()
	const granted = "analytics=1;ads=0"
	for id := 1; id <= 3; id++ {
		if got := deliver(t, p, "orders/paid", shopKey, order(id, granted)); got != `200 {"accepted":1}` {
			t.Fatal(got)
		}
	}
	p.Until("has asked in vain", func() bool { return v.tries() > 0 })
	const done, again = `200 {"accepted":0,"requests":1}`, `200 {"accepted":0,"why":"it was taken before"}`
	for _, c := range []struct{ name, topic, key, body, want string }{
		{"forged", "customers/redact", "shpss_of_somebody_else", asks(2, ""), `401 {"error":"not accepted: the signature is not that of this body and a known secret"}`},
		{"a deletion", "customers/redact", shopKey, asks(1, `,"orders_to_redact":[1]`), done},
		{"sent again", "customers/redact", shopKey, asks(1, `,"orders_to_redact":[1]`), again},
		{"a request for data", "customers/data_request", shopKey, asks(3, `,"data_request":{"id":9999}`), done},
		{"the same under the topic of a deletion", "customers/redact", shopKey, asks(3, `,"data_request":{"id":9999}`), `200 {"accepted":0,"why":"nothing is made of this delivery"}`},
		{"a shop", "shop/redact", shopKey, `{"shop_id":7,"shop_domain":"mark.example"}`, done},
		{"a shape that is none", "customers/redact", shopKey, `{"id":1}`, `400 {"error":"malformed request: the body is not that of its topic"}`},
	} {
		if got := deliver(t, p, c.topic, c.key, c.body); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	metrics := p.metrics()
	for _, want := range []string{`{do="delete",source="shop",state="to_do"} 2`, `{do="export",source="shop",state="to_do"} 1`} {
		if !strings.Contains(metrics, "headgate_privacy_requests_total"+want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	p.Kill()
	p.Start()
	if got := deliver(t, p, "customers/redact", shopKey, asks(1, `,"orders_to_redact":[1]`)); got != again {
		t.Errorf("after a restart: %s", got)
	}
	// The buyer's later orders are stopped, too, by the address and by the shop's own number.
	for _, body := range []string{strings.Replace(order(11, granted), "buyer-11@", "buyer-1@", 1), strings.Replace(order(12, granted), `"browser_ip"`, `"customer":{"id":91},"browser_ip"`, 1)} {
		if got := deliver(t, p, "orders/paid", shopKey, body); got != `200 {"accepted":1}` {
			t.Error(got)
		}
	}
	if came := p.arrived(v, "1", "2", "3", "11", "12"); strings.Join(came, " ") != "2 3" {
		t.Errorf("arrived: %q", came)
	}

	said := p.command(0, "subject", "requests", "--config", p.Path())
	var rows, ids []string
	for line := range strings.Lines(said) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[2] == "shop" {
			rows = append(rows, strings.Join(fields[3:len(fields)-1], " "))
			ids = append(ids, fields[len(fields)-1])
		}
	}
	want := []string{"delete - 2 to_do vendor", "export 9999 2 to_do -", "delete - 0 to_do -"}
	if strings.Join(rows, "|") != strings.Join(want, "|") {
		t.Errorf("listed: %q, want %q", rows, want)
	}
	p.command(0, "subject", "done", ids[1], "--why", "ticket 7", "--config", p.Path())
	p.command(1, "subject", "done", ids[1], "--config", p.Path()) // somebody has done it
	p.command(1, "subject", "done", "0123456789ab", "--config", p.Path())
	if said := p.command(0, "subject", "requests", "--json", "--config", p.Path()); strings.Count(said, `"to_do"`) != 2 || !strings.Contains(said, `"ticket 7"`) {
		t.Errorf("after one was done: %s", said)
	}
	if said := p.command(0, "admin", "audit", "--action", "person.request_done", "--config", p.Path()); !strings.Contains(said, "request:"+ids[1]) || !strings.Contains(said, "ticket 7") {
		t.Errorf("the audit: %s", said)
	}
	p.Stop()
	p.showsNobody(t)
	record := filepath.Join(p.Folder, "data", "requests.jsonl")
	if said := p.command(0, "consent", "verify", "--config", p.Path()); !strings.Contains(said, "3 privacy requests") {
		t.Errorf("verify: %s", said)
	}
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, []byte(strings.Replace(string(text), `"do":"export"`, `"do":"delete"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.command(2, "consent", "verify", "--config", p.Path())
}

// showsNobody fails when the log or the record says who asked.
func (p *process) showsNobody(t *testing.T) {
	t.Helper()
	record, err := os.ReadFile(filepath.Join(p.Folder, "data", "requests.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a person asks for their data", "reference=9999", "a privacy request names no person"} {
		if !strings.Contains(p.Output.String(), line) {
			t.Errorf("the log lacks %q", line)
		}
	}
	for _, who := range []string{"uyer-1", "uyer-3", `"91"`, `"93"`} {
		if strings.Contains(string(record)+p.Output.String(), who) {
			t.Errorf("%s is shown", who)
		}
	}
}

// A request that cannot be written down is not answered with success: the shop sends it again.
func TestAPrivacyRequestThatCannotBeWrittenDownComesAgain(t *testing.T) {
	t.Parallel()
	p := newShop(t, newVendor(t))
	p.Start()
	record := filepath.Join(p.Folder, "data", "requests.jsonl")
	if err := os.Mkdir(record, 0o700); err != nil {
		t.Fatal(err)
	}
	body := asks(1, `,"orders_to_redact":[1]`)
	if got := deliver(t, p, "customers/redact", shopKey, body); got != `503 {"error":"not accepting events now"}` {
		t.Errorf("in vain: %s", got)
	}
	if err := os.Remove(record); err != nil {
		t.Fatal(err)
	}
	if got := deliver(t, p, "customers/redact", shopKey, body); got != `200 {"accepted":0,"requests":1}` {
		t.Errorf("again: %s", got)
	}
	if metrics := p.metrics(); !strings.Contains(metrics, `headgate_privacy_requests_total{do="delete",source="shop",state="failed"} 1`) {
		t.Error("the metrics lack the failure")
	}
	p.Stop()
	if said := p.Output.String(); !strings.Contains(said, "a privacy request could not be carried out") || strings.Contains(said, "uyer-1") {
		t.Errorf("it said %s", said)
	}
}

const shopAndWarehouse = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
egress: {allow: [127.0.0.0/8]}
sources:
  shop: {use: shopify, path: /hooks/shopify, secret: "${SHOP_KEY}"}
destinations:
  archive: {use: parquet, settings: {to: "%DATA%/archive"}}
`

// A destination that cannot remove what it holds now is asked again when the shop asks again.
func TestADeletionThatADestinationCannotDoComesAgain(t *testing.T) {
	t.Parallel()
	away := fmt.Sprintf("  pg: {use: postgres, settings: {url: \"postgres://u@%s/db\"}}\n", trial.FreeAddress(t))
	p := newProcess(t, shopAndWarehouse+away)
	p.Env = []string{"SHOP_KEY=" + shopKey}
	p.Start()
	body := asks(1, `,"orders_to_redact":[1]`)
	if got := deliver(t, p, "customers/redact", shopKey, body); got != `503 {"error":"not accepting events now"}` {
		t.Errorf("while the warehouse is away: %s", got)
	}
	text, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	p.Write(strings.Replace(string(text), away, "", 1))
	p.Ask(http.MethodPost, "/api/reload", nil)
	if got := deliver(t, p, "customers/redact", shopKey, body); got != `200 {"accepted":0,"requests":1}` {
		t.Errorf("again: %s", got)
	}
	said := p.command(0, "subject", "requests", "--config", p.Path())
	if !strings.Contains(said, "failed  pg") || !strings.Contains(said, "done    -") {
		t.Errorf("listed:\n%s", said)
	}
	p.Stop()
	if said := p.Output.String(); strings.Count(said, "a privacy request is not done") != 1 || strings.Contains(said, "uyer-1") {
		t.Error("the log does not say what is to be done, or says who asked")
	}
}
