package stores_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"headgate/tests/trial"
)

const counting = `insight:
  keep: 180d
  funnels:
    checkout: {within: 2d, steps: [view_item, {event: add_to_cart, optional: true}, purchase]}
`

// TestInsightAsksClickHouseAndPostgreSQLAboutOldDays asks the same questions of an Insight that has kept all days, and of those that have
// two days and read the others from a real store: the answers are the same, to the event.
func TestInsightAsksClickHouseAndPostgreSQLAboutOldDays(t *testing.T) {
	t.Parallel()
	stores, secrets, _ := beside(t)
	stores = stores[:4] // those of rows
	head := strings.Replace(configuration(stores, secrets), "destinations:\n", "sources: {events: {path: /e, server_keys: [key-of-the-shop]}}\ndestinations:\n", 1)
	p := trial.New(t, head+counting)
	text, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	write := func(keep string) { p.Write(strings.Replace(string(text), "keep: 180d", keep, 1)) }
	p.Start()
	now := time.Now().UTC()
	for n := range 400 {
		at := now.Add(-time.Duration(3*24*60+n*17) * time.Minute) // three to seven days ago, in a session of an hour
		sendOld(t, p, n%150, n, at)
	}
	drained(t, p, names(stores)...)
	period := "since=" + now.Add(-9*24*time.Hour).Format(time.RFC3339) + "&until=" + now.Add(-2*24*time.Hour).Format(time.RFC3339)
	p.Until("has counted them", func() bool { return strings.Contains(asked(p, "overview?"+period), `"events":1200,`) })
	want := all(p, period)
	for _, name := range names(stores) {
		p.Stop()
		write("keep: 1d\n  store: " + name)
		p.Start()
		for i, got := range all(p, period) {
			if got != want[i] {
				t.Errorf("by %s:\n%s\nwant\n%s", name, got, want[i])
			}
		}
	}
	p.Stop()
	write("keep: 1d")
	p.Start()
	if got := asked(p, "overview?"+period); !strings.Contains(got, `"events":0,`) {
		t.Errorf("without a store the old days are still here: %s", got)
	}
}

// sendOld sends what a visitor did some days ago, by the shop's server.
func sendOld(t *testing.T, p *trial.Process, visitor, n int, at time.Time) {
	t.Helper()
	var list []string
	for k, name := range []string{"view_item", []string{"add_to_cart", "scroll"}[n%2], []string{"purchase", "page_view", "refund"}[n%3]} {
		list = append(list, fmt.Sprintf(`{"id":"old-%d-%d","name":%q,"time":%q,"user":{"client_id":"visitor-%d"},"page":{"url":"https://www.shop.example/p/%d"},"campaign":{"source":"s%d","medium":"cpc","name":"ä\t%d"},
			"params":{"value":%d.95,"currency":"EUR","transaction_id":"T-%d"},"items":[{"id":"sku-%d","name":"Größe \"M\"","category":"Shoes"}],"consent":{"analytics":true,"ads":true}}`,
			n, k, name, at.Add(time.Duration(k)*9*time.Minute).Format(time.RFC3339Nano), visitor, n%7, n%3, n%2, n%50, n, n%11))
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Public+"/e", strings.NewReader("["+strings.Join(list, ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Write-Key", "key-of-the-shop")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("old events are answered %d", resp.StatusCode)
	}
}

// asked is the answer to a question.
func asked(p *trial.Process, question string) string {
	resp := p.Send(http.MethodGet, "/api/insight/"+question, nil)
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(said)
}

// all are the answers to all questions about a period, a line each.
func all(p *trial.Process, period string) (list []string) {
	for _, question := range []string{"overview?", "overview?by=campaign&", "funnel?name=checkout&by=source&", "funnel?steps=view_item,purchase&mode=strict&per=session&", "paths?steps=3&", "carts?",
		"campaigns?model=position&lookback=3d&", "campaigns?model=last_non_direct&", "searches?", `overview?filter=any(items,%20.category%20==%20"Shoes")&`} {
		list = append(list, question+" "+asked(p, question+period))
	}
	return list
}
