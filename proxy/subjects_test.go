package proxy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/event/layout"
	"headgate/subjects"
)

// choicesAtOnce is how many new choices one address may make at once.
const choicesAtOnce = 60

const adsToo = `
  ads: {use: webhook, consent: {needs: [ads], reason: it counts sales only}, settings: {url: "%s"}, delivery: {wait: 10ms}}
`

// adsSink starts a server whose second destination needs consent to ads, and holds everything back.
func adsSink(t *testing.T) (*running, *sink) {
	t.Helper()
	s := newSink(t)
	r := start(t, t.TempDir(), s, fmt.Sprintf(adsToo, s.URL))
	r.pause(t)
	return r, s
}

func (r *running) pause(t *testing.T) {
	t.Helper()
	for _, name := range r.Plan().Names() {
		if err := r.Pause(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}

func (r *running) resume(t *testing.T) {
	t.Helper()
	for _, name := range r.Plan().Names() {
		if err := r.Resume(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}

// sends posts an event from the browser whose cookie holds that client id; "" has none.
func (r *running) sends(t *testing.T, cookie, body string) *http.Response {
	t.Helper()
	var headers []string
	if cookie != "" {
		headers = []string{"Cookie", "_hg=1.1700000000." + cookie}
	}
	resp := r.ask(t, "POST", "/e", body, headers...)
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("%s: %d", body, resp.StatusCode)
	}
	return resp
}

func TestAWithdrawalStopsAnEventThatWasAllowedToKeepNoID(t *testing.T) {
	r, s := adsSink(t)
	r.sends(t, "c1", `{"name":"purchase","id":"mine","consent":{"analytics":false,"ads":true}}`)
	r.sends(t, "c2", `{"name":"purchase","id":"others","consent":{"analytics":false,"ads":true}}`)
	if stored := eventsOf(t, r, subjects.Person{Kind: "client_id", ID: "c1"}); len(stored) != 1 || stored[0].Event.User.ClientID != "" {
		t.Fatalf("stored: %+v", stored)
	}
	if status, said := r.tell(t, "c1", `{"consent":{"analytics":false,"ads":false}}`); status != 202 || said != `{"recorded":true}` {
		t.Fatalf("%d %s", status, said)
	}
	r.resume(t)
	if d := r.account(t, "ads"); d.Delivered != 1 || d.Denied != 1 {
		t.Errorf("%+v", d)
	}
	if ids := s.ids(); len(ids) != 1 || ids[0] != "others" {
		t.Errorf("arrived: %v", ids)
	}
}

func TestTheCookiesClientIsFoundInAnEventThatStatesAnother(t *testing.T) {
	r, s := adsSink(t)
	r.sends(t, "cookie", `{"name":"purchase","id":"mine","client_id":"stated","consent":{"analytics":true,"ads":true}}`)
	if _, said := r.tell(t, "cookie", `{"consent":{"analytics":false,"ads":false}}`); said != `{"recorded":true}` {
		t.Fatal(said)
	}
	r.resume(t)
	r.account(t, "ads")
	r.account(t, "sink")
	if ids := s.ids(); len(ids) != 0 {
		t.Errorf("arrived: %v", ids)
	}
}

func TestAnIDThatARuleGaveIsFoundToo(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, `
rules: [{name: customer, set: {user.user_id: =params.customer}}]
`)
	r.pause(t)
	r.sends(t, "", `{"name":"purchase","id":"mine","params":{"customer":"u-7"},"consent":{"analytics":true}}`)
	if done, err := r.Suppress(t.Context(), subjects.Person{ID: "u-7"}, "ticket 7"); err != nil || done.Kind != "user_id" {
		t.Fatalf("%+v %v", done, err)
	}
	r.resume(t)
	if d := r.account(t, "sink"); d.Denied != 1 {
		t.Errorf("%+v", d)
	}
}

func TestIdentifiersAreShownNowhere(t *testing.T) {
	r, _ := adsSink(t)
	r.sends(t, "c1", `{"name":"purchase","id":"mine","user":{"email":"anna@mark.example"},"consent":{"analytics":false,"ads":true}}`)
	hash := r.Plan().Policy.Suppression.Hasher.Hash(people.EmailSubject("anna@mark.example"))
	client := r.Plan().Policy.Suppression.Hasher.Hash(people.ClientSubject("c1"))
	var shown bytes.Buffer
	if err := r.Decisions(t.Context(), time.Time{}, func(b []byte) bool { shown.Write(b); return true }); err != nil || shown.Len() == 0 {
		t.Fatal(err)
	}
	if _, err := layout.Decode(shown.String()); err != nil {
		t.Error(err)
	}
	traces, err := r.Stored(t.Context(), "mine")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(traces)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(text)
	_, exported := held(t, r, subjects.Person{ID: "anna@mark.example"})
	shown.WriteString(exported)
	for _, h := range []event.IdentifierHash{hash, client} {
		if bytes.Contains(shown.Bytes(), h[:]) || strings.Contains(shown.String(), fmt.Sprintf("%x", h[:])) {
			t.Error("a keyed hash is shown")
		}
	}
}

func TestSuppressingAPersonStopsTheirBrowsersBeforeAndAfter(t *testing.T) {
	const hashed = "64cce1e1ba1d8ba9b3a0aa3cc4a2e6ac4fe9a7a4d7a3cb5e4d3fc4dd1b3fa0dd" // of someone else
	r, s := adsSink(t)
	yes := `"consent":{"analytics":true,"ads":true}`
	for _, one := range []struct{ cookie, body string }{
		{"home", `"id":"anonymous before"`},
		{"home", `"id":"signed in","user":{"email":"Anna@Mark.example","user_id":"u-1"}`},
		{"phone", `"id":"app","user":{"user_id":"u-1"}`},
		{"phone", `"id":"app, anonymous"`},
		{"cafe", `"id":"of somebody else","user":{"email":"` + hashed + `"}`},
		{"stranger", `"id":"of a stranger"`},
	} {
		r.sends(t, one.cookie, `{"name":"purchase",`+one.body+`,`+yes+`}`)
	}
	done, err := r.Suppress(t.Context(), subjects.Person{ID: " anna@mark.example"}, "ticket 7")
	if err != nil || done.Kind != "email" || done.ID != "anna@mark.example" || done.Together != 3 {
		t.Fatalf("%+v %v", done, err)
	}
	for _, one := range []struct{ cookie, body string }{
		{"home", `"id":"anonymous later"`},
		{"new", `"id":"signed in on a new device","user":{"email":"` + people.EmailSubject("anna@mark.example").String() + `"}`},
		{"new", `"id":"anonymous on the new device"`},
		{"home", `"id":"a flatmate at home","user":{"email":"bert@mark.example"}`},
		{"berts", `"id":"the flatmate elsewhere","user":{"email":"bert@mark.example"}`},
	} {
		r.sends(t, one.cookie, `{"name":"purchase",`+one.body+`,`+yes+`}`)
	}
	r.resume(t)
	r.account(t, "ads")
	r.account(t, "sink")
	came := map[string]int{}
	for _, id := range s.ids() {
		came[id]++
	}
	if len(came) != 3 || came["of somebody else"] != 2 || came["of a stranger"] != 2 || came["the flatmate elsewhere"] != 2 {
		t.Errorf("arrived: %v", came)
	}
}

func TestASuppressedBrowserSaysNothingAboutThePeopleWhoShareIt(t *testing.T) {
	r, s := adsSink(t)
	yes := `"consent":{"analytics":true}`
	r.sends(t, "shared", `{"name":"purchase","id":"1","user":{"email":"anna@mark.example"},`+yes+`}`)
	if done, err := r.Suppress(t.Context(), subjects.Person{Kind: "client_id", ID: "shared"}, ""); err != nil || done.Together != 0 {
		t.Fatalf("%+v %v", done, err)
	}
	r.sends(t, "shared", `{"name":"purchase","id":"2","user":{"email":"anna@mark.example"},`+yes+`}`)
	r.sends(t, "other", `{"name":"purchase","id":"3","user":{"email":"anna@mark.example"},`+yes+`}`)
	r.resume(t)
	r.account(t, "sink")
	r.account(t, "ads")
	if ids := s.ids(); len(ids) != 2 || ids[0] != "3" || ids[1] != "3" {
		t.Errorf("arrived: %v", ids)
	}
}

func TestWhoSomebodyIsIsRecognisedOrAskedFor(t *testing.T) {
	r, _ := adsSink(t)
	r.sends(t, "", `{"name":"purchase","client_id":"b-1","user":{"user_id":"u-1","phone":"0151 23456789","country":"DE"},"consent":{"analytics":true}}`)
	r.sends(t, "", `{"name":"purchase","client_id":"both","user":{"user_id":"both"},"consent":{"analytics":true}}`)
	hash := people.EmailSubject("anna@mark.example").String()
	for _, c := range []struct {
		in   subjects.Person
		want subjects.Understood
		why  string
	}{
		{in: subjects.Person{ID: " Anna@Mark.example "}, want: subjects.Understood{Kind: "email", ID: "anna@mark.example"}},
		{in: subjects.Person{ID: "+49 151 23456789"}, want: subjects.Understood{Kind: "phone", ID: "+4915123456789"}},
		{in: subjects.Person{ID: "0151/23456789", Country: "de"}, want: subjects.Understood{Kind: "phone", ID: "+4915123456789"}},
		{in: subjects.Person{ID: "0151/23456789", Kind: "phone"}, why: "name the country (--country DE)"},
		{in: subjects.Person{ID: "0151/23456789"}, why: "may be a phone number without its country's code"},
		{in: subjects.Person{ID: "1234567890.1787400000"}, want: subjects.Understood{Kind: "client_id", ID: "1234567890.1787400000"}},
		{in: subjects.Person{ID: "GA1.2.1234567890.1787400000"}, want: subjects.Understood{Kind: "client_id", ID: "1234567890.1787400000"}},
		{in: subjects.Person{ID: "1.1787400000.1234567890.1787400000"}, want: subjects.Understood{Kind: "client_id", ID: "1234567890.1787400000"}},
		{in: subjects.Person{ID: "0192d1a4-7c3b-7e11-8d2c-3b0e5f1a9c77"}, want: subjects.Understood{Kind: "client_id", ID: "0192d1a4-7c3b-7e11-8d2c-3b0e5f1a9c77"}},
		{in: subjects.Person{ID: "b-1"}, want: subjects.Understood{Kind: "client_id", ID: "b-1"}},
		{in: subjects.Person{ID: "u-1"}, want: subjects.Understood{Kind: "user_id", ID: "u-1"}},
		{in: subjects.Person{ID: "both"}, why: "both as a client id and as a user id"},
		{in: subjects.Person{ID: "both", Kind: "user_id"}, want: subjects.Understood{Kind: "user_id", ID: "both"}},
		{in: subjects.Person{ID: "nobody"}, why: "say what it is (--as client_id, --as user_id)"},
		{in: subjects.Person{ID: hash}, why: "a hash may be of an e-mail address or of a phone number"},
		{in: subjects.Person{ID: strings.ToUpper(hash), Kind: "email"}, want: subjects.Understood{Kind: "email", ID: hash}},
		{in: subjects.Person{ID: "anna@"}, why: "is no e-mail address"},
		{in: subjects.Person{ID: "anna@mark@example.com"}, why: "is no e-mail address"},
		{in: subjects.Person{ID: "anna@client", Kind: "client_id"}, want: subjects.Understood{Kind: "client_id", ID: "anna@client"}},
		{in: subjects.Person{ID: "  "}, why: "the id is empty"},
		{in: subjects.Person{ID: "x", Kind: "name"}, why: "it is client_id, user_id, email or phone"},
	} {
		got, err := understood(t, r, c.in)
		switch {
		case c.why != "":
			if !errors.Is(err, subjects.ErrPerson) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%+v: %v", c.in, err)
			}
		case err != nil || got != c.want:
			t.Errorf("%+v: %+v %v", c.in, got, err)
		}
	}
	if events := eventsOf(t, r, subjects.Person{ID: "+4915123456789"}); len(events) != 1 {
		t.Errorf("by phone: %d events", len(events))
	}
	if _, err := r.Suppress(t.Context(), subjects.Person{ID: "An.Na@gmail.com"}, ""); err != nil || len(r.Plan().Policy.Suppression.Of(people.EmailSubject("anna@gmail.com"))) != 1 {
		t.Errorf("as others spell it, it is not suppressed: %v", err)
	}
}

// bytesIn is how much a folder holds besides the log.
func bytesIn(t *testing.T, data string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".jsonl") {
			return err
		}
		info, err := d.Info()
		n += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAFloodOfNewClientsLeavesLittleOnDisk(t *testing.T) {
	for name, c := range map[string]struct {
		consent string
		most    int64
	}{
		"who refuse": {`{"analytics":false,"ads":false}`, 0},
		"who agree":  {`{"analytics":true,"ads":false}`, 2 * choicesAtOnce * 1500},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSink(t)
			folder := t.TempDir()
			r := start(t, folder, s, "")
			for hit := range 10 {
				var events []string
				for i := range 500 {
					events = append(events, fmt.Sprintf(`{"name":"page_view","client_id":"flood-%d-%d","consent":%s}`, hit, i, c.consent))
				}
				r.sends(t, "", "["+strings.Join(events, ",")+"]")
			}
			r.stop()
			if n := bytesIn(t, filepath.Join(folder, "data")); n > c.most {
				t.Errorf("%d bytes on disk, want at most %d", n, c.most)
			}
			if n, err := subjects.VerifyReceipts(filepath.Join(folder, "data")); err != nil || n > 2*choicesAtOnce {
				t.Errorf("%d receipts, %v", n, err)
			}
		})
	}
}

func TestARefusalThatIsDroppedStillStopsWhatIsPending(t *testing.T) {
	r, s := adsSink(t)
	r.sends(t, "", `{"name":"purchase","id":"mine","client_id":"c1","consent":{"analytics":true,"ads":false}}`)
	for i := 0; ; i++ { // until the address may tell of no other choice
		status, said := r.tell(t, fmt.Sprintf("other-%d", i), `{"consent":{"analytics":true}}`)
		if status == http.StatusTooManyRequests {
			break
		}
		if status != http.StatusAccepted || i > 1000 {
			t.Fatalf("after %d: %d %s", i, status, said)
		}
	}
	r.sends(t, "", `{"name":"page_view","id":"refusal","client_id":"c1","consent":{"analytics":false,"ads":false}}`)
	r.resume(t)
	r.account(t, "sink")
	r.account(t, "ads")
	if ids := s.ids(); len(ids) != 0 {
		t.Errorf("arrived: %v", ids)
	}
}

func TestOneWhoWithdrawsByEveryEventCostsLaterOnesNothing(t *testing.T) {
	r, _ := adsSink(t)
	for i := range 40 {
		for _, answer := range []string{"true", "false"} {
			r.sends(t, "", fmt.Sprintf(`{"name":"page_view","id":"%d-%s","client_id":"c1","consent":{"analytics":%s}}`, i, answer, answer))
		}
	}
	if stops := r.Plan().Policy.Suppression.Of(people.ClientSubject("c1")); len(stops) != 1 {
		t.Errorf("%d entries: %+v", len(stops), stops)
	}
	if _, err := os.Stat(filepath.Join(r.folder, "suppressed.jsonl")); err != nil {
		t.Error(err)
	}
}
