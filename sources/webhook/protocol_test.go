package webhook_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/event"
	"headgate/event/keys"
	"headgate/sources"
	_ "headgate/sources/protocols"
)

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

const (
	key    = "a secret of enough bytes"
	signed = `crm: {use: webhook, secret: "${S}", secrets: ["${OLD}"], verify: {header: X-Signature}}`
)

var env = map[string]string{"S": key, "OLD": "the secret of last month"}

func sign(body string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(body))
	return hex.EncodeToString(h.Sum(nil))
}

// delivery is a delivery to the source that signed configures.
func delivery(body string, headers ...string) *event.Hit {
	h := &event.Hit{Method: "POST", Path: "/hooks/crm", Body: []byte(body), Received: noon,
		Headers: event.Headers{{Name: "x-signature", Value: sign(body)}, {Name: "content-type", Value: "application/json"}}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		for i := range h.Headers {
			if h.Headers[i].Name == name {
				h.Headers = append(h.Headers[:i], h.Headers[i+1:]...)
				break
			}
		}
		h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
	}
	return h
}

// play is what the server does with a hit.
func play(s sources.Source, h *event.Hit) (sources.Reading, string) {
	r, err := sources.Read(s, h)
	a := s.Answer(h, r)
	if err != nil {
		a = s.Refuse(h, err)
	}
	return r, fmt.Sprintf("%d %s", a.Status, a.Body)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	s := open(t, signed, env)
	const login = `{"name":"login","id":"1"}`
	for _, c := range []struct {
		name   string
		hit    *event.Hit
		events int
		answer string
	}{
		{"an event", delivery(login), 1, `200 {"accepted":1}`},
		{"with a byte order mark", delivery("\xef\xbb\xbf" + login), 1, `200 {"accepted":1}`},
		{"a list", delivery(`[` + login + `,{"name":"a"}]`), 2, `200 {"accepted":2}`},
		{"one that is none among others", delivery(`[` + login + `,{}]`), 1, `200 {"accepted":1}`},
		{"none that is one", delivery(`[{}, 1]`), 0, `400 {"error":"malformed request","rejected":[{"index":0,"error":"the event has no name"},{"index":1,"error":"the event has no name"}]}`},
		{"an empty list", delivery(`[]`), 0, `400 {"error":"malformed request","rejected":[{"index":0,"error":"the event has no name"}]}`},
		{"no signature", delivery(login, "x-signature: "), 0, `401 {"error":"not accepted: the delivery carries no signature"}`},
		{"a forged one", delivery(login, "x-signature: "+sign("{}")), 0, `401 {"error":"not accepted: the signature is not that of this body and a known secret"}`},
		{"no JSON", delivery(`name=login`), 0, `400 {"error":"malformed request: the body is no JSON"}`},
		{"an empty body", delivery(``), 0, `400 {"error":"malformed request: the body is no JSON"}`},
		{"a text", delivery(`"login"`), 0, `400 {"error":"malformed request","rejected":[{"index":0,"error":"the event has no name"}]}`},
		{"a form", delivery(`name=login&id=7`, "content-type: application/x-www-form-urlencoded; charset=utf-8"), 1, `200 {"accepted":1}`},
		{"deep JSON", delivery(`{"name":"a","params":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`), 0, `400 {"error":"malformed request: the body is no JSON"}`},
		{"JSON of many values", delivery(`[` + strings.Repeat("1,", 60_000) + `1]`), 0, `413`},
		{"more events than a request may have", delivery(`[` + strings.Repeat(`{"name":"a"},`, 500) + `{"name":"a"}]`), 0, `413`},
		{"a large body", delivery(strings.Repeat(" ", 1<<20) + login), 0, `413`},
		{"an unknown encoding", delivery(login, "content-encoding: zstd"), 0, `400`},
	} {
		r, answer := play(s, c.hit)
		if len(r.Events) != c.events || !strings.HasPrefix(answer, c.answer) {
			t.Errorf("%s: %d events, %s", c.name, len(r.Events), answer)
		}
	}
}

// What is signed is what was sent, compressed or not; a bomb stays one.
func TestCompressedDeliveries(t *testing.T) {
	t.Parallel()
	s := open(t, signed, env)
	squeeze := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.String()
	}
	if r, answer := play(s, delivery(squeeze(`{"name":"login"}`), "content-encoding: gzip")); len(r.Events) != 1 {
		t.Error(answer)
	}
	if _, answer := play(s, delivery(squeeze(strings.Repeat(" ", 64<<20)))); !strings.HasPrefix(answer, "413") {
		t.Error(answer)
	}
}

func TestOnlyPostsAreTaken(t *testing.T) {
	t.Parallel()
	s := open(t, signed, env)
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH"} {
		if s.Claims(method, "/hooks/crm") {
			t.Errorf("%s is taken", method)
		}
	}
	if !s.Claims("POST", "/hooks/crm") || s.Claims("POST", "/hooks/crm/x") || s.Claims("POST", "/hooks") {
		t.Error("the path is another")
	}
}

// A delivery is a server's: nothing of its connection is the buyer's, and what it states of the buyer is known to be personal.
func TestWhatADeliveryStatesOfABuyer(t *testing.T) {
	t.Parallel()
	s := open(t, `shop: {use: shopify, path: /hooks/crm, secret: "${S}"}`, env)
	body := `{"id":1,"line_items":[],"total_price":"1.00","financial_status":"paid","browser_ip":"203.0.113.24","client_details":{"browser_ip":"203.0.113.25","user_agent":"Agent/1"}}`
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	h := delivery(body, "x-shopify-topic: orders/paid", "x-shopify-hmac-sha256: "+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	r, answer := play(s, h)
	if len(r.Events) != 1 {
		t.Fatal(answer)
	}
	e := &r.Events[0]
	if h.Sender != event.Server || e.Source != "shop" || e.Device.IP != "203.0.113.24" || e.Device.UserAgent != "Agent/1" {
		t.Errorf("sender %v, source %s, address %s, agent %s", h.Sender, e.Source, e.Device.IP, e.Device.UserAgent)
	}
	want := []event.Stated{{Meaning: keys.Address, Value: "203.0.113.24"}, {Meaning: keys.Address, Value: "203.0.113.25"}, {Meaning: keys.Agent, Value: "Agent/1"}}
	if fmt.Sprint(h.Stated) != fmt.Sprint(want) {
		t.Errorf("stated %v", h.Stated)
	}
}

func TestConsentOfDeliveries(t *testing.T) {
	t.Parallel()
	strict, presuming := open(t, signed, env), open(t, strings.Replace(signed, "{use", "{without_consent: region, use", 1), env)
	denied := "map[ads:false analytics:false basis:default functional:false personalized_ads:false sharing:false]"
	for _, c := range []struct{ name, said, strict, presuming string }{
		{"nothing", ``, denied, "map[]"},
		{"an object", `,"consent":{"analytics":true,"ads":false}`, "map[ads:false analytics:true]", ""},
		{"under names with dots", `,"consent.ads":true`, "map[ads:true]", ""},
		{"a text", `,"consent":"analytics=1;ads=0"`, "map[ads:false analytics:true]", ""},
		{"a text in words", `,"consent":"ads=granted, ad_user_data=denied"`, "map[ad_user_data:false ads:true]", ""},
		{"JSON in a text", `,"consent":"{\"ads\":true}"`, "map[ads:true]", ""},
		{"broken JSON in a text", `,"consent":"{\"ads\":tr"`, denied, "map[]"},
		{"words", `,"consent":"accepted"`, denied, "map[]"},
		{"no purpose that is known and no answer that is one", `,"consent":"ads=perhaps"`, denied, "map[]"},
		{"true", `,"consent":true`, denied, "map[]"},
	} {
		for s, want := range map[sources.Source]string{strict: c.strict, presuming: c.presuming} {
			if want == "" {
				want = c.strict
			}
			r, answer := play(s, delivery(`{"name":"a"`+c.said+`}`))
			if len(r.Events) != 1 {
				t.Fatal(c.name, answer)
			}
			got := map[string]string{}
			for _, p := range r.Events[0].Consent {
				got[p.Key] = strings.Trim(string(p.Value.AppendJSON(nil)), `"`)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("%s: %v, want %s", c.name, got, want)
			}
		}
	}
}

func TestDeliveriesAreToldApart(t *testing.T) {
	t.Parallel()
	s := open(t, signed, env)
	read := func(body string) *sources.Once {
		r, answer := play(s, delivery(body))
		if r.Once == nil {
			t.Fatal(answer)
		}
		return r.Once
	}
	first, again, other := read(`{"name":"a","id":"1"}`), read(`{"name":"a","id":"1"}`), read(`{"name":"a","id":"1","x":1}`)
	if first.Delivery != again.Delivery || first.Delivery == other.Delivery {
		t.Error("the delivery's mark is not that of its body")
	}
	if first.Events[0] != other.Events[0] || first.Events[0] == (sources.Mark{}) || first.Events[0] == read(`{"name":"b","id":"1"}`).Events[0] {
		t.Error("the event's mark is not that of its name and id")
	}
	if read(`{"name":"a"}`).Events[0] != (sources.Mark{}) {
		t.Error("an event without an id has a mark")
	}
	r, _ := play(s, delivery(`{"name":"a","id":"1"}`))
	r.Events, r.Once.Repeated = nil, 1
	if a := s.Answer(delivery(""), r); a.Status != 200 || string(a.Body) != `{"accepted":0,"why":"it was taken before"}` {
		t.Errorf("a repeated one is answered %d %s", a.Status, a.Body)
	}
}

// What is of another type than the sender's leaves out what it stands for, and is counted.
func TestStrangeBodies(t *testing.T) {
	t.Parallel()
	s := open(t, `crm: {use: shopify, secret: "${S}", verify: {header: X-Signature}}`, env)
	r, answer := play(s, delivery(`{"id":"77","line_items":"none","total_price":{"a":1},"financial_status":"paid","note_attributes":{"a":1},"discount_codes":7}`, "x-shopify-topic: orders/paid"))
	if len(r.Events) != 1 || r.Failed == 0 || r.Events[0].ID != "77" || len(r.Events[0].Items) != 0 {
		t.Errorf("%d events, %d formulas failed, %s", len(r.Events), r.Failed, answer)
	}
}

func TestMistakesOfWebhooks(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		`crm: {use: shopfy, secret: "${S}"}`:                                                                                                `headgate.yaml:1:12: no webhook "shopfy"; did you mean "shopify"?`,
		`crm: {use: webhook, secret: "${S}", verify: {header: X, algorithm: ed25519}}`:                                                      `headgate.yaml:1:1: no public key of the sender; write public_keys: ["${file:/etc/headgate/sender.pem}"] with what the sender publishes`,
		`crm: {use: webhook, public_keys: [x], verify: {header: X, algorithm: ed25519}}`:                                                    `headgate.yaml:1:35: a public key that cannot be used: it is neither PEM nor 32 bytes in base64; copy the sender's public key: PEM, or for ed25519 whpk_ and base64`,
		`crm: {use: webhook, public_keys: [whpk_osAtiXjcW38bxDvKHBvyPbi+sZ/swburAmN50VI2lgQ=], verify: {header: X, algorithm: rsa-sha256}}`: `headgate.yaml:1:1: none of the public keys is of the algorithm rsa-sha256; write the sender's public key of it, or the algorithm that the key is of`,
		`crm: {use: webhook, public_keys: [whpk_osAtiXjcW38bxDvKHBvyPbi+sZ/swburAmN50VI2lgQ=], verify: {header: X}}`:                        `headgate.yaml:1:1: no secret: anybody could send orders`,
		`crm: {use: crm.yaml, secret: "${S}"}`:                                                                                              `headgate.yaml:1:12: no webhook "crm.yaml"; write ./crm.yaml for a file beside this one`,
		`shopify:`:                                                                                                                          `headgate.yaml:1:1: no secret: anybody could send orders; write secret: "${NAME}" with what the sender signs with`,
		`shopify: {secret: "${SHORT}"}`:                                                                                                     `headgate.yaml:1:1: a secret of 5 bytes can be guessed; use one of at least 16 bytes`,
		`shopify: {secret: "${S}", settings: {item: sku}}`:                                                                                  `headgate.yaml:1:38: shopify has no setting "item"; there is item_id, value, sources`,
		`shopify: {secret: "${S}", settings: {item_id: gtin}}`:                                                                              `headgate.yaml:1:47: item_id cannot be "gtin"; write product_id, or variant_id, or sku`,
		`crm: {use: webhook, secret: "${S}"}`:                                                                                               `headgate.yaml:1:1: how deliveries are signed is not said; write verify: {header: X-Signature}, or what the sender's documentation says`,
		`crm: {use: shopify, path: hooks, secret: "${S}"}`:                                                                                  `headgate.yaml:1:1: the path "hooks" does not begin with a slash; write /hooks`,
		`ga4: {use: shopify, secret: "${S}"}`:                                                                                               `headgate.yaml:1:1: ga4 is a protocol, and takes no use; give the webhook another name, or leave use out`,
		`{a: {use: shopify, path: /x, secret: "${S}"}, b: {use: stripe, path: /x, secret: "${S}"}}`:                                         `headgate.yaml:1:47: a and b are both on /x; give one of them another path`,
		`shopifi: {secret: "${S}"}`:                                                                                                         `headgate.yaml:1:1: unknown key "shopifi"; did you mean "shopify"?`,
		`crm: {use: stripe, secret: "${S}", without_consent: allow}`:                                                                        `deny or region`,
	} {
		_, ms := tryOpen(config, map[string]string{"S": key, "SHORT": "short"})
		if err := ms.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v\nwant\n%s", config, err, want)
		}
	}
}

// Whatever a sender signs, reading it neither panics nor makes an event that cannot be written.
func FuzzDelivery(f *testing.F) {
	for _, body := range []string{`{"name":"a","consent":"ads=1"}`, `{"id":1,"line_items":[{"price":"1"}],"total_price":"1","financial_status":"paid"}`, `webhook_id=1`, `[]`} {
		f.Add(body, "orders/paid")
	}
	var all []sources.Source
	for _, use := range []string{"shopify", "stripe", "woocommerce", "webhook"} {
		all = append(all, open(f, `crm: {use: `+use+`, secret: "${S}", verify: {header: X-Signature}}`, env))
	}
	f.Fuzz(func(t *testing.T, body, topic string) {
		for _, s := range all {
			r, answer := play(s, delivery(body, "x-shopify-topic: "+topic, "x-wc-webhook-topic: "+topic))
			for i := range r.Events {
				if _, err := event.ParseJSON(r.Events[i].AppendJSON(nil)); err != nil {
					t.Errorf("an event of %q is no JSON: %v", body, err)
				}
			}
			if len(answer) > 100_000 {
				t.Errorf("a long answer: %d bytes", len(answer))
			}
		}
	})
}
