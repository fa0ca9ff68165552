package tests_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"headgate/tests/trial"
)

const (
	shopKey  = "shpss_of_the_shop_example"
	salesKey = "key-of-the-shop-s-servers"
)

const shopAndVendor = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
sources:
  events: {path: /e, server_keys: ["${SALES_KEY}"]}
  shop: {use: shopify, path: /hooks/shopify, secret: "${SHOP_KEY}"}
destinations:
  vendor: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%VENDOR%"}, delivery: {wait: 20ms}}
`

func newShop(t *testing.T, v *vendor) *process {
	p := newProcess(t, strings.ReplaceAll(shopAndVendor, "%VENDOR%", v.URL))
	p.Env = []string{"SHOP_KEY=" + shopKey, "SALES_KEY=" + salesKey}
	return p
}

// order is a paid order as Shopify sends it.
func order(id int, consent string) string {
	return fmt.Sprintf(`{"id":%[1]d,"financial_status":"paid","total_price":"59.90","currency":"EUR","email":"buyer-%[1]d@example.com","browser_ip":"203.0.113.24",
		"line_items":[{"product_id":7001,"price":"59.90","quantity":1}],"note_attributes":[{"name":"_hg_cid","value":"1.%[1]d"},{"name":"_hg_consent","value":"%[2]s"}]}`, id, consent)
}

// deliver sends a body as Shopify does, signed with a key, and returns status and answer.
func deliver(t *testing.T, p *process, topic, key, body string) string {
	t.Helper()
	said, err := sendSigned(t, p, topic, key, body)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// sendSigned is deliver for goroutines, which must not end a test.
func sendSigned(t *testing.T, p *process, topic, key, body string) (string, error) {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Public+"/hooks/shopify", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("X-Shopify-Topic", topic)
	req.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s", resp.StatusCode, said), err
}

// An order enters once, signed and with the choice that its cart carried, whatever is sent again, forged, or killed.
func TestAnOrderOfAShopCountsOnce(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newShop(t, v)
	p.Start()
	const granted, again = "analytics=1;ads=0", `200 {"accepted":0,"why":"it was taken before"}`
	for _, c := range []struct{ name, topic, key, body, want string }{
		{"an order", "orders/paid", shopKey, order(1, granted), `200 {"accepted":1}`},
		{"the same delivery", "orders/paid", shopKey, order(1, granted), again},
		{"the same order, changed", "orders/paid", shopKey, order(1, granted) + " ", again},
		{"one whose buyer refused", "orders/paid", shopKey, order(2, "analytics=0"), `200 {"accepted":1}`},
		{"one that says nothing", "orders/paid", shopKey, order(3, ""), `200 {"accepted":1}`},
		{"a forged one", "orders/paid", "shpss_of_somebody_else", order(4, granted), `401 {"error":"not accepted: the signature is not that of this body and a known secret"}`},
		{"an unknown topic", "carts/update", shopKey, `{"id":1}`, `200 {"accepted":0,"why":"nothing is made of this topic"}`},
		{"an altered topic", "refunds/create", shopKey, order(5, granted), `400 {"error":"malformed request: the body is not that of its topic"}`},
	} {
		if got := deliver(t, p, c.topic, c.key, c.body); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	counts := func(when string, most int) {
		t.Helper()
		s := p.Drained("vendor")
		if d := s.Destinations["vendor"]; s.Accepted != 3 || d.Delivered != 1 || d.Denied != 2 || v.came["1"] < 1 || v.came["1"] > most || len(v.came) != 1 {
			t.Errorf("%s: accepted %d, %+v, came %v", when, s.Accepted, d, v.came)
		}
	}
	counts("before the kill", 1)
	p.Kill()
	p.Start()
	if got := deliver(t, p, "orders/paid", shopKey, order(1, granted)); got != again {
		t.Errorf("after a restart: %s", got)
	}
	counts("after it", 2) // that it was delivered may not have been written down yet; the vendor knows it by its id
	resp, err := http.Get(p.Public + "/hooks/shopify")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("GET is answered %d", resp.StatusCode)
	}
}

// A sender that asks again before it has its answer is told what became of the first.
func TestDeliveriesOfOneMomentCountOnce(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newShop(t, v)
	p.Start()
	const rounds, atOnce = 20, 8
	for id := range rounds {
		var wait sync.WaitGroup
		said := make([]string, atOnce)
		for i := range said {
			wait.Go(func() {
				body := order(id, "analytics=1;ads=0") + strings.Repeat(" ", i/2) // pairs of equal ones, all of one order
				var err error
				if said[i], err = sendSigned(t, p, "orders/paid", shopKey, body); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		slices.Sort(said)
		want := append(slices.Repeat([]string{`200 {"accepted":0,"why":"it was taken before"}`}, atOnce-1), `200 {"accepted":1}`)
		if !slices.Equal(said, want) {
			t.Fatalf("%d were answered %q", id, said)
		}
	}
	if s := p.Drained("vendor"); s.Accepted != rounds {
		t.Errorf("%d events accepted, of %d orders", s.Accepted, rounds)
	}
}

// sales writes a file of events with ids of their own.
func sales(t *testing.T, folder string, n int) (file string, ids []string) {
	t.Helper()
	var b bytes.Buffer
	for i := range n {
		ids = append(ids, fmt.Sprintf("sale-%d", i))
		fmt.Fprintf(&b, `{"name":"purchase","id":"%s","time":"2026-01-02T03:04:05Z","consent":{"analytics":true},"params":{"value":%d,"currency":"EUR"}}`+"\n", ids[i], i)
	}
	file = filepath.Join(folder, "sales.ndjson")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, ids
}

func sender(p *process, file string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "send", "--config", p.Path(), "--events", "20", file)
	cmd.Env = append(append(os.Environ(), trial.AsHeadgate), p.Env...)
	return cmd
}

// A file that is sent is killed in the middle, twice, once with the receiver: at last each line was delivered once. The batch that
// was in flight when the receiver was killed, between the log and its mark, may be in the log twice, under the same ids; the one
// that it was still writing when only the sender was killed is not.
func TestASendingIsKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newShop(t, v)
	p.Start()
	file, ids := sales(t, p.Folder, 4000)
	for round := range 2 {
		before, _ := os.ReadFile(file + ".sent")
		cmd := sender(p, file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		p.Until("has taken some", func() bool {
			now, err := os.ReadFile(file + ".sent")
			return err == nil && !bytes.Equal(now, before)
		})
		if round == 1 {
			p.Kill()
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed: that is what it says
	}
	p.Start()
	said, err := sender(p, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if !strings.Contains(string(said), "were sent before") || !strings.Contains(string(said), "0 not accepted") {
		t.Errorf("it said %s", said)
	}
	s := p.Drained("vendor")
	missing, duplicates := v.missing(ids)
	const inFlight = 20 // one batch at the kill of the receiver
	if again := s.Accepted - int64(len(ids)); len(missing) > 0 || duplicates > 0 || again < 0 || again > inFlight {
		t.Errorf("%d missing, %d twice, accepted %d", len(missing), duplicates, s.Accepted)
	}
	if said, err := sender(p, file).CombinedOutput(); err != nil || !strings.Contains(string(said), "0 sent, 0 not accepted, 4000 sent before") {
		t.Errorf("a second time: %v: %s", err, said)
	}
}
