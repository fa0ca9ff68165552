package upload_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/commands/upload"
	"headgate/document"
	"headgate/event"
)

// receiver answers as the events source does, or as a test has it; it notes the ids that it took, by Idempotency-Key.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex // guards what follows; tests read it when all is sent
	ids    []string
	keys   map[string]bool
	script []int // statuses that come first; 0 takes the events
	asked  int
}

func newReceiver(t *testing.T, script ...int) *receiver {
	r := &receiver{keys: map[string]bool{}, script: script}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.asked++; len(r.script) > 0 {
			status := r.script[0]
			if r.script = r.script[1:]; status != 0 {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(status)
				fmt.Fprint(w, `{"error":"as the test has it"}`)
				return
			}
		}
		if req.Header.Get("Authorization") != "Bearer key" {
			w.WriteHeader(401)
			return
		}
		r.take(w, req, string(body))
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request, body string) {
	var rejected []map[string]any
	key := req.Header.Get("Idempotency-Key")
	known := r.keys[key]
	r.keys[key] = true
	for i, line := range strings.Split(strings.TrimSpace(body), "\n") {
		var e struct{ ID, Name string }
		if json.Unmarshal([]byte(line), &e) != nil || e.Name == "" {
			rejected = append(rejected, map[string]any{"index": i, "error": "the event has no name"})
			continue
		}
		if !known {
			r.ids = append(r.ids, e.ID)
		}
	}
	w.WriteHeader(202)
	_ = json.NewEncoder(w).Encode(map[string]any{"accepted": 0, "rejected": rejected})
}

// sending is one run of a test.
type sending struct {
	format upload.Format
	events int
	state  string
	again  bool
	check  func(upload.Line) string
	ctx    context.Context
}

// send sends a text to a receiver; it returns the tally, the lines that were rejected, and what was waited for.
func (s sending) send(t *testing.T, r *receiver, text string) (upload.Tally, []string, []time.Duration, error) {
	t.Helper()
	if s.format == "" {
		s.format = upload.Lines
	}
	if s.ctx == nil {
		s.ctx = t.Context()
	}
	lines, err := upload.NewReader(strings.NewReader(text), s.format)
	if err != nil {
		return upload.Tally{}, nil, nil, err
	}
	var bad []string
	var waited []time.Duration
	o := upload.Options{Lines: lines, State: s.state, Again: s.again, Bytes: 10_000, Events: max(1, s.events), Check: s.check,
		Bad: func(number int, why string) { bad = append(bad, fmt.Sprintf("%d: %s", number, why)) },
		Target: upload.Target{URL: r.URL, Key: document.NewSecret("key"), Client: r.Client(), Patience: time.Minute,
			Wait: func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }}}
	tally, err := upload.Send(s.ctx, o)
	return tally, bad, waited, err
}

func TestEachBadLineIsReported(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	text := "\xef\xbb\xbf" + `{"name":"a","id":"1"}` + "\n\n" + `{"name":"b","id":"2"` + "\n" + `{"id":"3"}` + "\r\n" + `[1]` + "\n" + strings.Repeat("x", 2<<20) + "\n" + `{"name":"c","id":"4"}`
	tally, bad, _, err := sending{events: 2}.send(t, r, text)
	want := []string{"3: the line is no JSON", "4: the event has no name", "5: the line is no JSON object", "6: the line is longer than 1048576 bytes"}
	if err != nil || !slices.Equal(bad, want) || tally != (upload.Tally{Sent: 2, Rejected: 4}) || !slices.Equal(r.ids, []string{"1", "4"}) {
		t.Errorf("%v, %v, came %v: %q", err, tally, r.ids, bad)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	text := "name,user.email,params.value:number,params.new:bool,items.0.id,items.1.id,items.1.price:number,params.tags:json\n" +
		"purchase,jane@example.com,12.50,yes,A,B,2,\"[1,\n2]\"\n" +
		"login,,,,,,,\n" +
		"purchase,,twelve,,,,,\n" +
		"purchase,,,perhaps,,,,\n" +
		"a,b\n" +
		"x\"y,,,,,,,\n" +
		",,,,,,,\n" +
		"last,,,no,,,,\n"
	var events []string
	check := func(l upload.Line) string {
		l.Event.Delete("id")
		events = append(events, fmt.Sprint(l.Number, " ", string(event.ObjectOf(l.Event).AppendJSON(nil))))
		return ""
	}
	tally, bad, _, err := sending{format: upload.CSV, events: 100, check: check}.send(t, newReceiver(t), text)
	want := []string{
		`2 {"name":"purchase","user.email":"jane@example.com","params.value":12.50,"params.new":true,"params.tags":[1,2],"items":[{"id":"A"},{"id":"B","price":2}]}`,
		`4 {"name":"login"}`, `10 {"name":"last","params.new":false}`}
	wrong := []string{"5: params.value is no number such as 12.50", "6: params.new is neither true nor false", "7: the row has 2 cells, and there are 8 columns",
		`8: the row is no CSV: bare " in non-quoted-field`, "9: the row is empty"}
	if err != nil || !slices.Equal(events, want) || !slices.Equal(bad, wrong) || tally.Sent != 3 {
		t.Errorf("%v, %v\n%s\n%s", err, tally, strings.Join(events, "\n"), strings.Join(bad, "\n"))
	}
	for head, want := range map[string]string{"": "the file is empty", "name,,x\n": "column 2 has no name", "a:money\n": `no type "money"`, "a;a\n": "two columns",
		"items.x.id\n": "expected items.0.id", "items.200.id\n": "expected items.0.id", "items.0\n": "expected items.0.id", "a,\"b\n": "column names"} {
		if _, err := upload.NewReader(strings.NewReader(head), upload.CSV); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", head, err)
		}
	}
}

// A line without an id of its own has always the same one, and two equal lines have two.
func TestIdsAreStable(t *testing.T) {
	t.Parallel()
	const text = `{"name":"a"}` + "\n" + `{"name":"a"}` + "\n" + `{"name":"a","event_id":"own"}` + "\n"
	first, second := newReceiver(t), newReceiver(t)
	for _, r := range []*receiver{first, second} {
		if _, _, _, err := (sending{}).send(t, r, text); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(first.ids, second.ids) || len(first.ids) != 3 || first.ids[0] == first.ids[1] || len(first.ids[0]) != 36 || first.ids[2] != "" {
		t.Errorf("%q and %q", first.ids, second.ids)
	}
}

func TestABusyReceiverIsAskedAgainWhenItSays(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, 503, 429, 500)
	_, _, waited, err := sending{}.send(t, r, `{"name":"a","id":"1"}`)
	if err != nil || len(r.ids) != 1 || !slices.Equal(waited, []time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second}) {
		t.Errorf("%v, came %v, waited %v", err, r.ids, waited)
	}
}

func TestAReceiverThatIsAwayIsGivenUpInTheEnd(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	r.Close()
	_, _, waited, err := sending{}.send(t, r, `{"name":"a"}`)
	if err == nil || errors.Is(err, upload.ErrRefused) || !strings.Contains(err.Error(), "given up after 1m0s") || waited[0] != 500*time.Millisecond || waited[1] != time.Second {
		t.Errorf("%v, waited %v", err, waited)
	}
}

func TestRefusalsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{401: "the server key", 403: "answers 403", 404: "answers 404", 421: "no site"} {
		r := newReceiver(t, status)
		_, _, waited, err := sending{}.send(t, r, `{"name":"a"}`)
		if !errors.Is(err, upload.ErrRefused) || !strings.Contains(err.Error(), want) || r.asked != 1 || len(waited) > 0 {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestALargeBatchIsHalved(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, 413, 0, 413, 0, 413)
	text := ""
	for i := range 4 {
		text += fmt.Sprintf("{\"name\":\"a\",\"id\":\"%d\"}\n", i)
	}
	tally, bad, _, err := sending{events: 4}.send(t, r, text)
	if err != nil || !slices.Equal(r.ids, []string{"0", "1", "2"}) || !slices.Equal(bad, []string{"4: the event is larger than the receiver takes"}) || tally.Sent != 3 {
		t.Errorf("%v, %v, came %v: %q", err, tally, r.ids, bad)
	}
}

func lines(from, to int) (text string) {
	for i := from; i < to; i++ {
		text += fmt.Sprintf("{\"name\":\"a\",\"id\":\"%d\"}\n", i)
	}
	return text
}

func TestASendingGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "orders.ndjson.sent")
	r := newReceiver(t, 0, 0, 401)
	if tally, _, _, err := (sending{events: 3, state: state}).send(t, r, lines(0, 10)); !errors.Is(err, upload.ErrRefused) || tally.Sent != 6 {
		t.Fatal(tally, err)
	}
	tally, _, _, err := sending{events: 3, state: state}.send(t, r, lines(0, 10))
	if err != nil || tally != (upload.Tally{Sent: 4, Before: 6}) || len(r.ids) != 10 {
		t.Errorf("%v, %v, came %v", err, tally, r.ids)
	}
	// The file grows; then its last line has no end yet.
	tally, _, _, err = sending{events: 3, state: state}.send(t, r, lines(0, 12)+`{"name":"a","id":"12"}`)
	if err != nil || tally != (upload.Tally{Sent: 3, Before: 10}) {
		t.Errorf("a file that has grown: %v, %v", err, tally)
	}
	tally, _, _, err = sending{events: 3, state: state}.send(t, r, lines(0, 14))
	if err != nil || tally != (upload.Tally{Sent: 1, Before: 13}) || len(r.ids) != 14 {
		t.Errorf("a last line that was ended: %v, %v, came %v", err, tally, r.ids)
	}
	for name, text := range map[string]string{"another line": strings.Replace(lines(0, 14), `"3"`, `"x"`, 1), "fewer lines": lines(0, 9), "nothing": ""} {
		if _, _, _, err := (sending{state: state}).send(t, r, text); !errors.Is(err, upload.ErrChanged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if tally, _, _, err := (sending{events: 3, state: state, again: true}).send(t, r, lines(0, 2)); err != nil || tally != (upload.Tally{Sent: 2}) {
		t.Errorf("again: %v, %v", err, tally)
	}
	if err := os.WriteFile(state, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := (sending{state: state}).send(t, r, lines(0, 2)); !errors.Is(err, upload.ErrRefused) {
		t.Errorf("a broken state: %v", err)
	}
}

// A batch whose answer got lost is sent again with the same key, by which the receiver knows it.
func TestABatchKeepsItsKey(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "orders.sent")
	r := newReceiver(t)
	if _, _, _, err := (sending{events: 3}).send(t, r, lines(0, 6)); err != nil { // its state is lost
		t.Fatal(err)
	}
	if _, _, _, err := (sending{events: 3, state: state}).send(t, r, lines(0, 6)); err != nil || len(r.ids) != 6 || len(r.keys) != 2 {
		t.Errorf("%v, came %v under %d keys", err, r.ids, len(r.keys))
	}
}

func TestASendingEndsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := newReceiver(t)
	if _, _, _, err := (sending{ctx: ctx}).send(t, r, lines(0, 2)); !errors.Is(err, context.Canceled) || len(r.ids) > 0 {
		t.Errorf("%v, came %v", err, r.ids)
	}
}

// Whatever a file holds, reading it ends, and what is called an event can be written.
func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"name\":\"a\"}\n\n[1]\n"), false)
	f.Add([]byte("name,items.0.id;x\n\"a\nb\",c\n"), true)
	f.Fuzz(func(t *testing.T, data []byte, table bool) {
		format := upload.Lines
		if table {
			format = upload.CSV
		}
		r, err := upload.NewReader(strings.NewReader(string(data)), format)
		if err != nil {
			return
		}
		last := int64(0)
		for {
			l, err := r.Next()
			if err != nil {
				return
			}
			if l.End < last || l.End > int64(len(data)) {
				t.Fatalf("line %d ends at %d, after %d of %d", l.Number, l.End, last, len(data))
			}
			if last = l.End; l.Bad != "" {
				continue
			}
			if _, err := event.ParseJSON(l.JSON); err != nil {
				t.Errorf("line %d is no JSON: %s", l.Number, l.JSON)
			}
		}
	})
}
