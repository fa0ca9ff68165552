package proxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/subjects"
)

// receiptsIn reads the receipts of a data folder.
func receiptsIn(t *testing.T, folder string) (all []people.Receipt) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "data", "receipts", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var r people.Receipt
			if err := json.Unmarshal(line, &r); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			all = append(all, r)
		}
	}
	return all
}

// awaitReceipts waits until n receipts are on disk: those that events show are written behind the answer.
func awaitReceipts(t *testing.T, folder string, n int) (all []people.Receipt) {
	t.Helper()
	until(t, func() bool { all = receiptsIn(t, folder); return len(all) >= n }, func() string { return fmt.Sprintf("%d of %d receipts", len(all), n) })
	return all
}

// tell posts a choice as the browser does whose cookie holds that client id.
func (r *running) tell(t *testing.T, clientID, body string) (int, string) {
	t.Helper()
	resp := r.ask(t, "POST", "/consent", body, "Cookie", "_hg=1.1700000000."+clientID)
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(said)
}

func TestWithdrawalAfterAcceptanceStopsWhatIsStillPending(t *testing.T) {
	s := newSink(t)
	s.answer = func([]event.Event) int { return 503 }
	folder := t.TempDir()
	r := start(t, folder, s, "")
	for _, id := range []string{"mine", "others"} {
		if status, said := r.post(t, "/e", `{"name":"purchase","id":"`+id+`","client_id":"client-of-`+id+`","consent":{"analytics":true}}`); status != 202 {
			t.Fatal(status, said)
		}
	}
	s.awaitTry(t)
	status, said := r.tell(t, "client-of-mine", `{"consent":{"analytics":false}}`)
	if status != 202 || said != `{"recorded":true}` {
		t.Fatalf("%d %s", status, said)
	}
	s.recover()
	if d := r.account(t, "sink"); d.Delivered != 1 || d.Denied != 1 {
		t.Errorf("%+v", d)
	}
	if got := s.ids(); len(got) != 1 || got[0] != "others" {
		t.Errorf("arrived: %v", got)
	}
	// What comes later speaks for itself.
	if status, _ := r.post(t, "/e", `{"name":"purchase","id":"again","client_id":"client-of-mine","consent":{"analytics":true}}`); status != 202 {
		t.Fatal(status)
	}
	if d := r.account(t, "sink"); d.Delivered != 2 {
		t.Errorf("after a new consent: %+v", d)
	}
}

// awaitTry waits until the sink was asked, and recover makes it well again.
func (s *sink) awaitTry(t *testing.T) {
	t.Helper()
	select {
	case <-s.came:
	case <-time.After(time.Minute):
		t.Fatal("nothing was sent")
	}
}

func (s *sink) recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = nil
}

func TestARefusalSeenInAnEventStopsWhatIsStillPendingToo(t *testing.T) {
	s := newSink(t)
	s.answer = func([]event.Event) int { return 503 }
	r := start(t, t.TempDir(), s, "")
	for _, body := range []string{
		`{"name":"purchase","id":"before","client_id":"c1","consent":{"analytics":true,"ads":true}}`,
		`{"name":"page_view","id":"refusal","client_id":"c1","consent":{"analytics":false,"ads":true}}`,
	} {
		if status, said := r.post(t, "/e", body); status != 202 {
			t.Fatal(status, said)
		}
	}
	s.recover()
	if d := r.account(t, "sink"); d.Delivered != 0 || d.Denied != 2 {
		t.Errorf("%+v, arrived %v", d, s.ids())
	}
}

func TestAWithdrawalOutlivesReloadAndRestart(t *testing.T) {
	s := newSink(t)
	folder := t.TempDir()
	r := start(t, folder, s, "")
	if err := r.Pause(t.Context(), "sink"); err != nil {
		t.Fatal(err)
	}
	r.post(t, "/e", `{"name":"purchase","id":"e-1","client_id":"c1","consent":{"analytics":true}}`)
	if _, said := r.tell(t, "c1", `{"consent":{"analytics":false}}`); said != `{"recorded":true}` {
		t.Fatal(said)
	}
	text, err := os.ReadFile(r.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.config, append(text, "rules: [{name: none, when: \"false\", drop: true}]\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.Plan().Policy.Suppression.Len() != 1 {
		t.Fatal("a reload forgets the list")
	}
	r.stop()
	r = start(t, folder, s, "")
	if err := r.Resume(t.Context(), "sink"); err != nil {
		t.Fatal(err)
	}
	if d := r.account(t, "sink"); d.Denied != 1 || d.Delivered != 0 {
		t.Errorf("%+v", d)
	}
}

func TestAReceiptIsKeptForEachChangeOfChoiceAndTheChainHolds(t *testing.T) {
	s := newSink(t)
	folder := t.TempDir()
	r := start(t, folder, s, "")
	yes, no := `{"consent":{"analytics":true,"ads":false}}`, `{"consent":{"analytics":false,"ads":false}}`
	for _, body := range []string{yes, yes, no, no, yes} {
		if status, said := r.tell(t, "c1", body); status != 202 || said != `{"recorded":true}` {
			t.Fatal(status, said)
		}
	}
	event := `{"name":"page_view","client_id":"%","consent":{"analytics":true}}`
	for range 3 {
		r.post(t, "/e", strings.Replace(event, "%", "c2", 1))
	}
	all := awaitReceipts(t, folder, 4)
	if len(all) != 4 || all[0].Subject != people.ClientSubject("c1").String() || all[3].Subject != people.ClientSubject("c2").String() {
		t.Errorf("%+v", all)
	}
	r.stop()

	// The process knows after a restart who chose what, and continues with the chain.
	r = start(t, folder, s, "")
	r.tell(t, "c1", yes)
	r.post(t, "/e", strings.Replace(event, "%", "c2", 1))
	r.post(t, "/e", strings.Replace(event, "%", "c3", 1))
	awaitReceipts(t, folder, 5)
	r.stop()
	if n, err := subjects.VerifyReceipts(filepath.Join(folder, "data")); err != nil || n != 5 {
		t.Errorf("%d receipts, %v", n, err)
	}
	names, _ := filepath.Glob(filepath.Join(folder, "data", "receipts", "*.jsonl"))
	text, _ := os.ReadFile(names[0])
	if err := os.WriteFile(names[0], bytes.Replace(text, []byte(`"granted":false`), []byte(`"granted":true`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := subjects.VerifyReceipts(filepath.Join(folder, "data")); err == nil || !strings.Contains(err.Error(), ":1: this receipt was changed") {
		t.Errorf("a changed receipt: %v", err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	first, _, _ := bytes.Cut(text, []byte("\n"))
	_, rest, _ = bytes.Cut(rest, []byte("\n"))
	if err := os.WriteFile(names[0], append(append(first, '\n'), rest...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := subjects.VerifyReceipts(filepath.Join(folder, "data")); err == nil || !strings.Contains(err.Error(), ":2: this receipt does not follow") {
		t.Errorf("a receipt taken out: %v", err)
	}
}

func TestATornReceiptIsCutOff(t *testing.T) {
	s := newSink(t)
	folder := t.TempDir()
	r := start(t, folder, s, "")
	r.tell(t, "c1", `{"consent":{"analytics":true}}`)
	r.stop()
	names, _ := filepath.Glob(filepath.Join(folder, "data", "receipts", "*.jsonl"))
	f, err := os.OpenFile(names[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"subject":"torn`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r = start(t, folder, s, "")
	r.tell(t, "c2", `{"consent":{"analytics":true}}`)
	r.stop()
	if n, err := subjects.VerifyReceipts(filepath.Join(folder, "data")); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
}

// ask posts with a cookie and an origin, and returns the answer.
func (r *running) ask(t *testing.T, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(said))
	return resp
}

func TestWithdrawnConsentExpiresOurCookie(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	granted := r.ask(t, "POST", "/consent", `{"consent":{"analytics":true}}`)
	cookies := granted.Cookies()
	if len(cookies) != 1 || cookies[0].MaxAge <= 0 {
		t.Fatalf("consent gives no id: %v", granted.Header)
	}
	own := cookies[0].Name + "=" + cookies[0].Value
	refused := r.ask(t, "POST", "/consent", `{"_c":"analytics:0,ads:0"}`, "Cookie", own)
	if said, _ := io.ReadAll(refused.Body); refused.StatusCode != 202 || string(said) != `{"recorded":true}` {
		t.Errorf("%d %s", refused.StatusCode, said)
	}
	if text := refused.Header.Get("Set-Cookie"); !strings.HasPrefix(text, cookies[0].Name+"=; Max-Age=0") {
		t.Errorf("Set-Cookie: %s", text)
	}
	_, id, _ := strings.Cut(strings.TrimPrefix(cookies[0].Value, "1."), ".")
	if r.Plan().Policy.Suppression.Len() != 1 || len(r.Plan().Policy.Suppression.Of(people.ClientSubject(id))) != 1 {
		t.Error("what is pending of the cookie's client is not stopped")
	}
}

func TestAChoiceThatCannotBeRecordedIsAnsweredSo(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	for body, want := range map[string]string{
		`{}`:                              `{"recorded":false,"why":"nothing in the request says what was chosen"}`,
		`{"consent":{"analytics":false}}`: `{"recorded":false,"why":"there is no client id, so nobody to record it for, and nothing pending"}`,
		`{"consent":{"nonsense":true}}`:   `{"recorded":false,"why":"nothing in the request says what was chosen"}`,
	} {
		if status, said := r.post(t, "/consent", body); status != 202 || said != want {
			t.Errorf("%s: %d %s", body, status, said)
		}
	}
	many := "{"
	for i := range 64 {
		many += fmt.Sprintf("\"k%d\":1,", i)
	}
	for _, body := range []string{`{"consent":"` + strings.Repeat("x", 32<<10) + `"}`, many + `"k":1}`} {
		if status, said := r.post(t, "/consent", body); status != 413 {
			t.Errorf("%d bytes: %d %s", len(body), status, said)
		}
	}
	for _, body := range []string{`[]`, `"x"`, `{`, "\x00"} {
		if status, said := r.post(t, "/consent", body); status != 400 {
			t.Errorf("%q: %d %s", body, status, said)
		}
	}
}

func TestAPageOfAnotherOriginMayTellAChoiceAsItMaySendEvents(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "sites: {shop: {hosts: [127.0.0.1], origins: [https://shop.example]}}\n")
	asked := r.ask(t, "OPTIONS", "/consent", "", "Origin", "https://shop.example", "Access-Control-Request-Method", "POST")
	if asked.StatusCode != 204 || asked.Header.Get("Access-Control-Allow-Headers") != "content-type" {
		t.Errorf("preflight: %d %v", asked.StatusCode, asked.Header)
	}
	body := `{"client_id":"c1","consent":{"analytics":true}}`
	if resp := r.ask(t, "POST", "/consent", body, "Origin", "https://shop.example"); resp.Header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	if resp := r.ask(t, "POST", "/consent", body, "Origin", "https://evil.example"); resp.StatusCode != 403 {
		t.Errorf("a foreign page: %d", resp.StatusCode)
	}
	if resp := r.ask(t, "GET", "/consent", ""); resp.StatusCode != 404 {
		t.Errorf("GET: %d", resp.StatusCode)
	}
}
