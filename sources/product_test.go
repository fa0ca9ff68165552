package sources_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/event"
	"headgate/sources"
)

// productVector is a captured request of a product analytics library.
type productVector struct {
	request
	Expected struct {
		Kind     string
		Events   []map[string]any
		Rejected []struct{ Index int }
		Sent     json.Number     `json:"sent_at_ms"`
		Status   int             `json:"response_status"`
		Body     string          `json:"response_body"`
		JSON     json.RawMessage `json:"response_json"`
		Minimum  json.RawMessage `json:"response_json_minimum"`
		Location string
		Network  string   `json:"network_userid"`
		Allow    []string `json:"must_allow_headers"`
	}
}

var sentText = regexp.MustCompile(`"(?:client_upload_time|sent_at)":"([^"]+)"`)

// arrival is when a captured request arrives: when its library says that it sent it, else with its last event, so that no clock is
// corrected.
func (v *productVector) arrival(h *event.Hit) time.Time {
	if found := sentText.FindSubmatch(plainBody(h.Body)); found != nil {
		if at, err := time.Parse(time.RFC3339, string(found[1])); err == nil {
			return at
		}
	}
	latest, _ := v.Expected.Sent.Int64()
	for _, e := range v.Expected.Events {
		for _, key := range []string{"timestamp_ms", "sent_ms"} {
			if n, ok := e[key].(json.Number); ok {
				ms, _ := n.Int64()
				latest = max(latest, ms)
			}
		}
	}
	if ms, err := strconv.ParseInt(h.QueryValue("_"), 10, 64); err == nil {
		latest = ms
	}
	if latest == 0 {
		return received
	}
	return time.UnixMilli(latest).UTC()
}

// plainBody is a body without its compression and form.
func plainBody(body []byte) []byte {
	if data, ok := bytes.CutPrefix(body, []byte("data=")); ok {
		text, _ := url.QueryUnescape(string(data))
		body, _ = base64.StdEncoding.DecodeString(text)
	}
	if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		if plain, err := io.ReadAll(z); err == nil {
			return plain
		}
	}
	return body
}

func TestCapturedRequestsOfProductAnalyticsLibrariesAreRead(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func(t *testing.T, key string, want any, e *event.Event) bool{
		"amplitude": checkAmplitude,
		"mixpanel":  checkMixpanel,
		"posthog":   checkPostHog,
		"snowplow":  checkSnowplow,
	} {
		for _, file := range glob(t, "sources/"+name+"/*.json") {
			t.Run(name+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				var v productVector
				load(t, file, &v)
				checkProductVector(t, name, &v, check)
			})
		}
	}
}

// checkProductVector reads a captured request with its source alone and compares what is read and answered.
func checkProductVector(t *testing.T, name string, v *productVector, check func(t *testing.T, key string, want any, e *event.Event) bool) {
	t.Helper()
	h := v.hit(t)
	h.Received, h.Cookie = v.arrival(h), v.Headers["cookie"]
	config := name + ": {}"
	if v.Expected.Location != "" {
		config = name + ": {redirects: [partner.example]}"
	}
	if v.Expected.Kind == "preflight" {
		h.Method = "POST"
		s := claimant(t, open(t, config, sources.Limits{}), h)
		for _, header := range v.Expected.Allow {
			if !slices.Contains(s.AllowHeaders(), strings.ToLower(header)) {
				t.Errorf("the header %s is not allowed", header)
			}
		}
		return
	}
	s := claimant(t, open(t, config, sources.Limits{}), h)
	r, err := s.Read(h)
	if err != nil {
		t.Fatal(err)
	}
	checkProductAnswer(t, h, v, s.Answer(h, r))
	if len(r.Events) != len(v.Expected.Events) || len(r.Rejected) != len(v.Expected.Rejected) {
		t.Fatalf("%d events and %v, want %d", len(r.Events), r.Rejected, len(v.Expected.Events))
	}
	if id := v.Expected.Network; id != "" && r.Events[0].GetPath("params.snowplow.network_userid").Text() != id {
		t.Errorf("the network user id %s is lost", id)
	}
	for i, want := range v.Expected.Rejected {
		if r.Rejected[i].Index != want.Index {
			t.Errorf("event %d is rejected, want %d", r.Rejected[i].Index, want.Index)
		}
	}
	for i, want := range v.Expected.Events {
		for key, value := range want {
			if !check(t, key, value, &r.Events[i]) {
				checkProduct(t, key, value, &r.Events[i])
			}
		}
	}
}

// checkProductAnswer compares the answer with the one stated; times and sizes are the request's.
func checkProductAnswer(t *testing.T, h *event.Hit, v *productVector, a sources.Answer) {
	t.Helper()
	if want := v.Expected.Status; want != 0 && a.Status != want || want == 0 && a.Status != 200 {
		t.Errorf("answered %d", a.Status)
	}
	if a.Headers.Get("location") != v.Expected.Location {
		t.Errorf("redirected to %q, want %q", a.Headers.Get("location"), v.Expected.Location)
	}
	if v.Expected.Body != "" && string(a.Body) != v.Expected.Body {
		t.Errorf("answered %s, want %s", a.Body, v.Expected.Body)
	}
	for _, stated := range []json.RawMessage{v.Expected.JSON, v.Expected.Minimum} {
		if len(stated) == 0 {
			continue
		}
		var want, got map[string]any
		if err := json.Unmarshal(stated, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(a.Body, &got); err != nil {
			t.Fatalf("%v in %s", err, a.Body)
		}
		if _, ok := want["server_upload_time"]; ok {
			want["server_upload_time"] = float64(h.Received.UnixMilli())
		}
		for key, value := range want {
			was, _ := json.Marshal(got[key])
			must, _ := json.Marshal(value)
			if string(was) != string(must) {
				t.Errorf("answered %s: %s, want %s", key, was, must)
			}
		}
	}
}

// productPaths are where the facts of a captured event are expected.
var productPaths = map[string]string{"name": "name", "client_id": "user.client_id", "user_id": "user.user_id", "session_id": "session.id",
	"message_id": "id", "page_url": "page.url", "page_title": "page.title", "page_referrer": "page.referrer", "value": "params.value",
	"currency": "params.currency", "transaction_id": "params.transaction_id", "tax": "params.tax", "shipping": "params.shipping"}

func checkProduct(t *testing.T, key string, want any, e *event.Event) {
	t.Helper()
	switch key {
	case "raw_name":
		if got := e.Params.Text("original_name"); got != want && e.Name != want {
			t.Errorf("original name is %q, want %v", got, want)
		}
	case "timestamp_ms":
		if got := strconv.FormatInt(e.Time.UnixMilli(), 10); got != want.(json.Number).String() {
			t.Errorf("time is %s, want %v", got, want)
		}
	case "campaign", "user", "click_ids", "params":
		if key == "click_ids" {
			key = "campaign.click_ids"
		}
		for name, value := range want.(map[string]any) {
			if got := e.GetPath(key + "." + name); !same(got, value) {
				t.Errorf("%s.%s is %v, want %v", key, name, got.Any(), value)
			}
		}
	case "items":
		items := want.([]any)
		if len(e.Items) != len(items) {
			t.Fatalf("%d items, want %d", len(e.Items), len(items))
		}
		for i, item := range items {
			checkItem(t, &e.Items[i], item.(map[string]any))
		}
	default:
		if got := e.GetPath(productPaths[key]); productPaths[key] == "" || !same(got, want) {
			t.Errorf("%s is %v, want %v", key, got.Any(), want)
		}
	}
}

func checkAmplitude(t *testing.T, key string, want any, e *event.Event) bool {
	t.Helper()
	if key != "groups" {
		return false
	}
	for name, value := range want.(map[string]any) {
		if got := e.GetPath("params.amplitude.groups." + name); !same(got, value) {
			t.Errorf("group %s is %v, want %v", name, got.Any(), value)
		}
	}
	return true
}

func checkMixpanel(t *testing.T, key string, want any, e *event.Event) bool {
	t.Helper()
	switch key {
	case "type", "token": // the token chooses the project and is not kept
		return true
	case "op":
		if _, kept := e.Params.Get("mixpanel").Object().Find(want.(string)); !kept && (want != "$set" || e.User.Email == "" && len(e.User.Traits) == 0) {
			t.Errorf("the operation %v is lost", want)
		}
		return true
	}
	return false
}

func checkPostHog(t *testing.T, key string, want any, e *event.Event) bool {
	t.Helper()
	if key != "distinct_id" {
		return false
	}
	if e.User.ClientID != want && e.User.UserID != want && e.Params.Get("posthog").Object().Text(key) != want {
		t.Errorf("distinct_id %v is lost", want)
	}
	return true
}

func checkSnowplow(t *testing.T, key string, want any, e *event.Event) bool {
	t.Helper()
	var path string
	switch key {
	case "e", "sent_ms": // the kind is in the name; the clock is checked by the time
		return true
	case "app_id":
		path = "params.snowplow.aid"
	case "platform":
		path = "params.snowplow.p"
	case "session_index":
		if path = "session.number"; want == nil {
			return e.Session.Number == 0
		}
	case "contexts":
		kept := e.GetPath("params.snowplow.contexts").List()
		for i, schema := range want.([]any) {
			if i >= len(kept) || kept[i].Object().Text("schema") != schema {
				t.Errorf("the context %v is lost", schema)
			}
		}
		return true
	default:
		return false
	}
	if got := e.GetPath(path); !same(got, want) {
		t.Errorf("%s is %v, want %v", key, got.Any(), want)
	}
	return true
}
