package webhook_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
	"headgate/sources"
	"headgate/sources/webhook"
)

// vectors is where the shared deliveries of real senders' shape lie, seen from this folder.
const vectors = "../../../shared/vectors/webhooks"

// vectorFile is one sender's deliveries, made and signed by another implementation than ours.
type vectorFile struct {
	Now       int64
	Secret    string
	SecretOld string `json:"secret_old"`
	PublicURL string `json:"public_url"`
	PublicKey string `json:"public_key"`
	PublicPEM string `json:"public_key_pem"`
	Cases     []vectorCase
}

type vectorCase struct {
	Name, After string
	Request     struct {
		Method, Path, Query string
		Headers             map[string]any
		Body                string
	}
	Expected struct {
		Verified    bool
		Kind        string
		DuplicateOf string `json:"duplicate_of"`
		Events      []map[string]any
		Action      string
		Subject     struct {
			Email      string
			ExternalID string `json:"external_id"`
		}
	}
}

// senders says how each is configured. Of those that are told by the generic form only, that the signature is right is asserted.
var senders = []struct {
	file, config string
	mapped       bool
}{
	{"shopify", `{use: shopify, path: /in, secret: "${S}"}`, true},
	{"stripe", `{use: stripe, path: /in, secret: "${S}", settings: {purchase: checkout}}`, true},
	{"woocommerce", `{use: woocommerce, path: /in, secret: "${S}"}`, true},
	{"generic", `{use: webhook, path: /in, secret: "${S}", verify: {header: X-Signature, signed: "{timestamp}.{id}.{body}", timestamp: X-Timestamp, id: X-Id}}`, true},
	{"hmac-hex", `{use: webhook, path: /in, secret: "${S}", verify: {header: X-Hub-Signature-256, prefix: "sha256="}}`, false},
	{"standard-webhooks", `{use: webhook, path: /in, secret: "${S}", secrets: ["${OLD}"], public_keys: ["${PUBLIC}"], verify: [
		{header: webhook-signature, separator: " ", prefix: "v1,", encoding: base64, key: base64, signed: "{id}.{timestamp}.{body}", timestamp: webhook-timestamp, id: webhook-id},
		{header: webhook-signature, algorithm: ed25519, separator: " ", prefix: "v1a,", encoding: base64, signed: "{id}.{timestamp}.{body}", timestamp: webhook-timestamp, id: webhook-id},
		{header: svix-signature, separator: " ", prefix: "v1,", encoding: base64, key: base64, signed: "{id}.{timestamp}.{body}", timestamp: svix-timestamp, id: svix-id}]}`, false},
	{"bigcommerce", `{use: webhook, path: /in, secret: "${S}", verify: {header: webhook-signature, separator: " ", prefix: "v1,", encoding: base64, signed: "{id}.{timestamp}.{body}", timestamp: webhook-timestamp, id: webhook-id}}`, false},
	{"adobe-commerce", `{use: webhook, path: /in, public_keys: ["${PEM}"], verify: [
		{header: X-Adobe-Digital-Signature-1, algorithm: rsa-sha256, encoding: base64}, {header: X-Adobe-Digital-Signature-2, algorithm: rsa-sha256, encoding: base64}]}`, false},
	{"paddle", `{use: webhook, path: /in, secret: "${S}", verify: {header: Paddle-Signature, separator: ";", field: h1, timestamp: ts, signed: "{timestamp}:{body}", window: 5s}}`, false},
	{"typeform", `{use: webhook, path: /in, secret: "${S}", verify: {header: Typeform-Signature, prefix: "sha256=", encoding: base64}}`, false},
	{"calendly", `{use: webhook, path: /in, secret: "${S}", verify: {header: Calendly-Webhook-Signature, separator: ",", field: v1, timestamp: t, signed: "{timestamp}.{body}", window: 180s}}`, false},
	{"hubspot", `{use: webhook, path: /in, secret: "${S}", verify: {header: X-HubSpot-Signature-v3, encoding: base64, signed: "{method}{url}{body}{timestamp}", timestamp: X-HubSpot-Request-Timestamp, unit: ms, url: "${URL}"}}`, false},
}

// left are the cases that no scheme can say: HubSpot's older hashes, a handshake by GET, and what Adobe states of itself in the body
// and in the address of its key, which is given here by hand.
var left = map[string][]string{
	"hubspot":        {"v1", "v2"},
	"adobe-commerce": {"registration challenge", "a challenge with markup is not echoed", "other recipient", "key path with another host"},
}

func TestDeliveriesOfRealSenders(t *testing.T) {
	t.Parallel()
	for _, s := range senders {
		t.Run(s.file, func(t *testing.T) {
			t.Parallel()
			var file vectorFile
			data, err := os.ReadFile(filepath.Join(vectors, s.file+".json"))
			if os.IsNotExist(err) {
				t.Skip("the shared vectors are not beside the project; the cases here cover the same ground")
			}
			if err == nil {
				err = json.Unmarshal(data, &file)
			}
			if err != nil {
				t.Fatal(err)
			}
			source := open(t, "in: "+s.config, map[string]string{"S": file.Secret, "OLD": file.SecretOld, "URL": file.PublicURL, "PUBLIC": file.PublicKey, "PEM": file.PublicPEM})
			taken := map[sources.Mark]bool{}
			for i := range file.Cases {
				c := &file.Cases[i]
				if slices.Contains(left[s.file], c.Name) || strings.HasPrefix(c.Name, "empty secret") {
					continue
				}
				c.run(t, source, time.Unix(file.Now, 0).UTC(), s.mapped, taken)
			}
		})
	}
}

// run plays one case and compares what the vector says. taken has what the cases before it were marked with.
func (c *vectorCase) run(t *testing.T, s sources.Source, now time.Time, mapped bool, taken map[sources.Mark]bool) {
	t.Helper()
	h := c.hit(now)
	r, err := sources.Read(s, h)
	genuine := err == nil || !isSignature(err)
	if ping := c.Expected.Kind == "handshake"; genuine != (c.Expected.Verified || ping) {
		t.Errorf("%s: genuine %v: %v", c.Name, genuine, err)
		return
	}
	if !mapped {
		return
	}
	if failed := err != nil; failed != (c.Expected.Kind == "error") {
		t.Errorf("%s: %v", c.Name, err)
		return
	}
	if err == nil && c.Expected.DuplicateOf != "" && !wasTaken(&r, taken) {
		t.Errorf("%s: it is not known again", c.Name)
	}
	if c.Expected.Kind == "events" {
		compare(t, c, r.Events)
	} else if len(r.Events) > 0 && c.Expected.DuplicateOf == "" {
		t.Errorf("%s: %d events", c.Name, len(r.Events))
	}
	if asked := c.Expected.Kind == "privacy"; asked != (len(r.Requests) > 0) {
		t.Errorf("%s: %d requests", c.Name, len(r.Requests))
	} else if asked {
		c.compareRequest(t, &r.Requests[0])
	}
	if r.Once != nil && len(r.Events) > 0 {
		taken[r.Once.Delivery] = true
		for _, m := range r.Once.Events {
			taken[m] = true
		}
	}
}

// compareRequest compares what is asked for about a person.
func (c *vectorCase) compareRequest(t *testing.T, got *event.PrivacyRequest) {
	t.Helper()
	var want []event.Named
	if c.Expected.Subject.Email != "" {
		want = append(want, event.Named{Kind: event.Email, ID: c.Expected.Subject.Email})
	}
	if c.Expected.Subject.ExternalID != "" {
		want = append(want, event.Named{Kind: event.UserID, ID: c.Expected.Subject.ExternalID})
	}
	if string(got.Do) != c.Expected.Action || !slices.Equal(got.Person, want) {
		t.Errorf("%s: %+v", c.Name, got)
	}
}

func wasTaken(r *sources.Reading, taken map[sources.Mark]bool) bool {
	return taken[r.Once.Delivery] || len(r.Once.Events) > 0 && taken[r.Once.Events[0]]
}

func (c *vectorCase) hit(now time.Time) *event.Hit {
	h := &event.Hit{Method: c.Request.Method, Path: c.Request.Path, Query: c.Request.Query, Body: []byte(c.Request.Body), Received: now}
	for name, v := range c.Request.Headers {
		values, several := v.([]any)
		if !several {
			values = []any{v}
		}
		for _, one := range values {
			text, _ := one.(string)
			h.Headers = append(h.Headers, event.Header{Name: strings.ToLower(name), Value: text})
		}
	}
	return h
}

// compare looks for what a vector names in what was read; the vectors have GA4's names.
func compare(t *testing.T, c *vectorCase, got []event.Event) {
	t.Helper()
	if len(c.Expected.Events) > 0 && len(got) != len(c.Expected.Events) {
		t.Errorf("%s: %d events, want %d", c.Name, len(got), len(c.Expected.Events))
		return
	}
	for i, want := range c.Expected.Events {
		for name, v := range want {
			check(t, c.Name, &got[i], name, v)
		}
	}
}

var ourPath = map[string]string{"event_id": "id", "name": "name", "client_id": "user.client_id", "session_id": "session.id", "ip": "device.ip"}

func check(t *testing.T, name string, e *event.Event, key string, want any) {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(e.AppendJSON(nil), &whole); err != nil {
		t.Fatal(err)
	}
	switch key {
	case "raw_name":
		if original := e.Params.Text("original_name"); original != want {
			t.Errorf("%s: original name %q, want %v", name, original, want)
		}
	case "timestamp":
		if at, _ := time.Parse(time.RFC3339, want.(string)); !e.Time.Equal(at) {
			t.Errorf("%s: time %v, want %v", name, e.Time, want)
		}
	case "params", "user", "campaign":
		inside, _ := whole[key].(map[string]any)
		for k, v := range want.(map[string]any) {
			switch k {
			case "external_id":
				k = "user_id"
			case "gclid":
				ids, _ := inside["click_ids"].(map[string]any)
				inside["gclid"] = ids["gclid"]
			}
			if !same(inside[k], v) {
				t.Errorf("%s: %s.%s is %v, want %v", name, key, k, inside[k], v)
			}
		}
	case "items":
		for i, one := range want.([]any) {
			item, _ := whole["items"].([]any)[i].(map[string]any)
			for k, v := range one.(map[string]any) {
				got := item[strings.TrimPrefix(k, "item_")]
				if k == "item_sku" {
					params, _ := item["params"].(map[string]any)
					got = params["sku"]
				}
				if !same(got, v) {
					t.Errorf("%s: items[%d].%s is %v, want %v", name, i, k, got, v)
				}
			}
		}
	default:
		path, known := ourPath[key]
		if !known {
			t.Errorf("%s: the vector says %s, which nobody compares", name, key)
			return
		}
		var v any = whole
		for part := range strings.SplitSeq(path, ".") {
			m, _ := v.(map[string]any)
			v = m[part]
		}
		if !same(v, want) {
			t.Errorf("%s: %s is %v, want %v", name, path, v, want)
		}
	}
}

func same(got, want any) bool {
	a, number := got.(float64)
	if b, both := want.(float64); number && both {
		return math.Abs(a-b) < 1e-9
	}
	return got == want
}

// open opens the one source of a configuration, whose ${NAME} stand for what env has.
func open(t testing.TB, config string, env map[string]string) sources.Source {
	t.Helper()
	all, ms := tryOpen(config, env)
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func tryOpen(config string, env map[string]string) ([]sources.Source, document.Mistakes) {
	n, ms := document.Parse("headgate.yaml", []byte(config))
	fill(n, env)
	var c sources.Config
	ms = append(ms, document.Decode(n, &c)...)
	opener, wrong := built()
	ms = append(ms, wrong...)
	all, wrong := sources.Open(c, sources.Limits{}, opener)
	return all, append(ms, wrong...)
}

// built is what all tests open their webhooks with.
var built = sync.OnceValues(func() (sources.Opener, document.Mistakes) {
	language, ms := rules.NewLanguage(rules.Options{})
	files, wrong := webhook.BuiltIn()
	return webhook.Open(files, language), append(ms, wrong...)
})

// fill is what loading a configuration does with ${NAME}.
func fill(n *document.Node, env map[string]string) {
	if name, ok := strings.CutPrefix(n.Text, "${"); ok {
		name = strings.TrimSuffix(name, "}")
		n.Text, n.From = env[name], []string{name}
	}
	for _, f := range n.Fields {
		fill(f.Value, env)
	}
	for _, item := range n.Items {
		fill(item, env)
	}
}

func isSignature(err error) bool { return errors.Is(err, sources.ErrSignature) }
