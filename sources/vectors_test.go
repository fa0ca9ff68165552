package sources_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/event"
	"headgate/sources"
)

// vectors is where the shared captures of real traffic lie, seen from this folder.
const vectors = "../../shared/vectors"

func vector(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectors, path))
	if os.IsNotExist(err) {
		t.Skip("the shared vectors are not beside the project; the cases in testdata cover the same ground")
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func load(t *testing.T, path string, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(vector(t, path)))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// glob finds vector files; none is a failure unless the vectors as a whole are absent.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	vector(t, "README.md")
	files, err := filepath.Glob(filepath.Join(vectors, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors %s: %v", pattern, err)
	}
	for i := range files {
		files[i], _ = filepath.Rel(vectors, files[i])
	}
	return files
}

// same compares by value: 10 and 10.0 are the same number.
func same(got event.Value, want any) bool {
	if n, ok := want.(json.Number); ok {
		f, isNumber := got.Float()
		w, _ := n.Float64()
		return isNumber && f == w
	}
	if want == nil {
		return got.IsEmpty()
	}
	w, _ := event.ValueOf(want)
	return got.Equal(w)
}

func TestEveryMeasurementProtocolBodyIsRead(t *testing.T) {
	t.Parallel()
	all := open(t, "", sources.Limits{})
	for _, file := range glob(t, "mp/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body := vector(t, file)
			h := newHit("POST", "/mp/collect?measurement_id=G-EXAMPLE001&api_secret=hush", string(body))
			s := claimant(t, all, h)
			r, err := s.Read(h)
			if err != nil {
				t.Fatal(err)
			}
			var sent struct {
				ClientID       string                    `json:"client_id"`
				UserID         string                    `json:"user_id"`
				UserProperties map[string]map[string]any `json:"user_properties"`
				Events         []struct {
					Name   string
					Params map[string]any
				}
			}
			load(t, file, &sent)
			if len(r.Events) != len(sent.Events) || len(r.Rejected) > 0 {
				t.Fatalf("%d events and %v, want %d", len(r.Events), r.Rejected, len(sent.Events))
			}
			for i, want := range sent.Events {
				e := &r.Events[i]
				if e.Name != want.Name || e.User.ClientID != sent.ClientID || e.User.UserID != sent.UserID {
					t.Errorf("%q by %q %q", e.Name, e.User.ClientID, e.User.UserID)
				}
				for name, property := range sent.UserProperties {
					if !same(e.User.Traits.Get(name), property["value"]) {
						t.Errorf("user property %s is %v", name, e.User.Traits.Get(name).Any())
					}
				}
				checkMPParams(t, e, want.Params)
			}
			if a := s.Answer(h, r); a.Status != 204 {
				t.Errorf("answered %d", a.Status)
			}
			if strings.Contains(string(r.Events[0].AppendJSON(nil)), "hush") {
				t.Error("the secret is in the event")
			}
		})
	}
}

func checkMPParams(t *testing.T, e *event.Event, params map[string]any) {
	t.Helper()
	for name, want := range params {
		switch name {
		case "items":
			items := want.([]any)
			if len(e.Items) != len(items) {
				t.Fatalf("%d items, want %d", len(e.Items), len(items))
			}
			for i := range items {
				checkMPItem(t, &e.Items[i], items[i].(map[string]any))
			}
		case "session_id", "page_location", "page_referrer", "page_title":
			path := map[string]string{"session_id": "session.id", "page_location": "page.url", "page_referrer": "page.referrer",
				"page_title": "page.title"}[name]
			if got := e.GetPath(path).Text(); got != want {
				t.Errorf("%s is %q, want %v", path, got, want)
			}
		default:
			if !same(e.Params.Get(name), want) && !strings.Contains("value tax shipping engagement_time_msec", name) {
				t.Errorf("params.%s is %v, want %v", name, e.Params.Get(name).Any(), want)
			}
			if e.Params.Text(name) == "" {
				t.Errorf("params.%s is lost", name)
			}
		}
	}
}

func checkMPItem(t *testing.T, item *event.Item, want map[string]any) {
	t.Helper()
	got, err := event.ParseJSON(item.AppendJSON(nil))
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range want {
		v := got.Object().Get(strings.TrimPrefix(key, "item_"))
		if v.IsNull() {
			v = item.Params.Get(key)
		}
		if !same(v, value) {
			t.Errorf("item %s is %v, want %v", key, v.Any(), value)
		}
	}
}

// request is a captured request of an SDK.
type request struct {
	Method, Path, Query string
	Headers             map[string]string
	Body                string
	BodyBase64          string `json:"body_base64"`
	Expected            struct {
		Kind               string
		WriteKey           string           `json:"write_key"`
		Events             []map[string]any `json:"events"`
		ResponseStatus     int              `json:"response_status"`
		MustAllowHeaders   []string         `json:"must_allow_headers"`
		ResponseJSONMinium json.RawMessage  `json:"response_json_minimum"`
	}
}

func (r *request) hit(t *testing.T) *event.Hit {
	t.Helper()
	h := newHit(r.Method, r.Path+"?"+r.Query, r.Body)
	if r.BodyBase64 != "" {
		body, err := base64.StdEncoding.DecodeString(r.BodyBase64)
		if err != nil {
			t.Fatal(err)
		}
		h.Body = body
	}
	for name, value := range r.Headers {
		h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
	}
	return h
}

func TestCapturedRequestsOfSegmentSDKsAreRead(t *testing.T) {
	t.Parallel()
	for _, file := range glob(t, "sources/segment/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v request
			load(t, file, &v)
			h := v.hit(t)
			h.Received = sentAt(h.Body) // so that no clock is corrected
			all := open(t, "segment: {keys: [WK1]}", sources.Limits{})
			if v.Expected.Kind == "preflight" {
				h.Method = "POST"
				for _, name := range v.Expected.MustAllowHeaders {
					if !slices.Contains(claimant(t, all, h).AllowHeaders(), name) {
						t.Errorf("the header %s is not allowed", name)
					}
				}
				return
			}
			s := claimant(t, all, h)
			r, err := s.Read(h)
			if err != nil {
				t.Fatal(err)
			}
			a := s.Answer(h, r)
			if a.Status != 200 {
				t.Errorf("answered %d", a.Status)
			}
			if v.Expected.Kind == "settings" {
				if !strings.Contains(string(a.Body), `"integrations":{"Segment.io":{"apiKey":"WK1"`) || !json.Valid(a.Body) {
					t.Errorf("settings %s", a.Body)
				}
				return
			}
			if len(r.Events) != len(v.Expected.Events) || len(r.Rejected) > 0 {
				t.Fatalf("%d events and %v, want %d", len(r.Events), r.Rejected, len(v.Expected.Events))
			}
			for i, want := range v.Expected.Events {
				checkSegment(t, &r.Events[i], want)
			}
		})
	}
}

// sentAt finds when a request says it was sent.
func sentAt(body []byte) time.Time {
	_, rest, _ := bytes.Cut(body, []byte(`"sentAt":"`))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	if at, err := time.Parse(time.RFC3339, string(text)); err == nil {
		return at
	}
	return time.Date(2026, 1, 2, 3, 4, 7, 0, time.UTC) // of the one compressed body
}

func checkSegment(t *testing.T, e *event.Event, want map[string]any) {
	t.Helper()
	paths := map[string]string{"name": "name", "client_id": "user.client_id", "user_id": "user.user_id", "message_id": "id",
		"page_url": "page.url", "page_title": "page.title", "page_referrer": "page.referrer", "value": "params.value",
		"currency": "params.currency", "transaction_id": "params.transaction_id", "previous_id": "params.previous_id",
		"group_id": "params.group_id", "session_id": "session.id"}
	for key, value := range want {
		switch key {
		case "type", "click_ids": // not kept as such; read by enrich from the page
		case "raw_name":
			if got := e.Params.Text("original_name"); got != value && e.Name != value {
				t.Errorf("original name is %q, want %v", got, value)
			}
		case "timestamp_ms":
			if got := strconv.FormatInt(e.Time.UnixMilli(), 10); got != value.(json.Number).String() {
				t.Errorf("time is %s, want %v", got, value)
			}
		case "campaign", "user", "params":
			for name, value := range value.(map[string]any) {
				if got := e.GetPath(key + "." + name); !same(got, value) {
					t.Errorf("%s.%s is %v, want %v", key, name, got.Any(), value)
				}
			}
		case "items":
			for i, item := range value.([]any) {
				checkItem(t, &e.Items[i], item.(map[string]any))
			}
		default:
			if got := e.GetPath(paths[key]); paths[key] == "" || !same(got, value) {
				t.Errorf("%s is %v, want %v", key, got.Any(), value)
			}
		}
	}
}

func TestCapturedRequestsInOurOwnJSONAreRead(t *testing.T) {
	t.Parallel()
	for _, file := range glob(t, "sources/generic/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var v request
			load(t, file, &v)
			h := v.hit(t)
			h.Received = time.Date(2026, 1, 2, 3, 4, 7, 0, time.UTC)
			s := claimant(t, open(t, "events: {path: /collect}\nga4:", sources.Limits{}), h)
			r, err := s.Read(h)
			if err != nil {
				t.Fatal(err)
			}
			a := s.Answer(h, r)
			if v.Expected.Kind == "error" {
				if a.Status != v.Expected.ResponseStatus || len(r.Events) > 0 {
					t.Errorf("answered %d", a.Status)
				}
				return
			}
			if len(r.Events) != len(v.Expected.Events) || len(r.Rejected) > 0 || a.Status != 202 {
				t.Fatalf("%d events and %v, answered %d", len(r.Events), r.Rejected, a.Status)
			}
			for i, want := range v.Expected.Events {
				checkGeneric(t, &r.Events[i], want)
			}
		})
	}
}

func checkGeneric(t *testing.T, e *event.Event, want map[string]any) {
	t.Helper()
	for key, value := range want {
		switch key {
		case "click_ids": // read by enrich from the page
		case "name":
			if e.Name != value {
				t.Errorf("name is %q", e.Name)
			}
		case "client_id", "user_id":
			if got := e.GetPath("user." + key); !same(got, value) {
				t.Errorf("%s is %v", key, got.Any())
			}
		case "session_id":
			if e.Session.ID != value {
				t.Errorf("session.id is %q", e.Session.ID)
			}
		case "timestamp":
			if got := strconv.FormatInt(e.Time.UnixMilli(), 10); got != value.(json.Number).String() {
				t.Errorf("time is %s, want %v", got, value)
			}
		case "items":
			for i, item := range value.([]any) {
				checkItem(t, &e.Items[i], item.(map[string]any))
			}
		default:
			for name, value := range value.(map[string]any) {
				if got := e.GetPath(key + "." + name); !same(got, value) {
					t.Errorf("%s.%s is %v, want %v", key, name, got.Any(), value)
				}
			}
		}
	}
}

// checkFacts compares an event with what a vector says of it: each fact stands at the path of its name. A note is for people,
// a raw name is the original one.
func checkFacts(t *testing.T, e *event.Event, want map[string]any, paths map[string]string) {
	t.Helper()
	for key, value := range want {
		switch key {
		case "note":
		case "raw_name":
			if got := e.Params.Text("original_name"); got != value && e.Name != value {
				t.Errorf("original name is %q, want %v", got, value)
			}
		case "timestamp_ms":
			if got := strconv.FormatInt(e.Time.UnixMilli(), 10); got != value.(json.Number).String() {
				t.Errorf("time is %s, want %v", got, value)
			}
		case "items":
			if items := value.([]any); len(e.Items) != len(items) {
				t.Errorf("%d items, want %d", len(e.Items), len(items))
			} else {
				for i, item := range items {
					checkItem(t, &e.Items[i], item.(map[string]any))
				}
			}
		case "params", "user", "consent":
			for name, value := range value.(map[string]any) {
				path := paths[key+"."+name]
				if path == "" {
					path = key + "." + name
				}
				if got := e.GetPath(path); !same(got, value) {
					t.Errorf("%s is %v, want %v", path, got.Any(), value)
				}
			}
		default:
			if got := e.GetPath(paths[key]); paths[key] == "" || !same(got, value) {
				t.Errorf("%s is %v, want %v", key, got.Any(), value)
			}
		}
	}
}
