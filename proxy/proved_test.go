package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/subjects"
)

func TestASitesServerTellsTheChoicesOfAllItsVisitors(t *testing.T) {
	s := newSink(t)
	folder := t.TempDir()
	r := start(t, folder, s, "")
	var events []string
	for i := range 3 * choicesAtOnce {
		events = append(events, fmt.Sprintf(`{"name":"page_view","client_id":"visitor-%d","consent":{"analytics":true}}`, i))
	}
	resp := r.ask(t, "POST", "/e", "["+strings.Join(events, ",")+"]", "Authorization", "Bearer only-servers-know")
	if resp.StatusCode != http.StatusAccepted {
		t.Fatal(resp.StatusCode)
	}
	all := awaitReceipts(t, folder, len(events))
	if len(all) != len(events) || all[0].KnownBy != people.KnownByServer {
		t.Errorf("%d receipts, known by %s", len(all), all[0].KnownBy)
	}
}

func TestNobodyChoosesForOthers(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	r.pause(t)
	r.sends(t, "victim", `{"name":"purchase","id":"theirs","user":{"email":"anna@mark.example"},"consent":{"analytics":true}}`)
	refusal := `{"client_id":"victim","email":"anna@mark.example","consent":{"analytics":false}}`
	unproved := `{"recorded":false,"why":"the request does not prove whose choice it is: it needs that browser's cookie, a server key or a signed link"}`
	ask := func(query string, headers ...string) (int, string) {
		resp := r.ask(t, "POST", "/consent"+query, refusal, headers...)
		var b bytes.Buffer
		if _, err := b.ReadFrom(resp.Body); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, b.String()
	}
	if status, said := ask(""); status != 202 || said != unproved {
		t.Errorf("%d %s", status, said)
	}
	if status, said := ask("", "Cookie", "_hg=1.1700000000.somebody"); status != 202 || said != `{"recorded":true}` {
		t.Errorf("%d %s", status, said)
	}
	if status, said := ask("", "Authorization", "Bearer wrong"); said != unproved {
		t.Errorf("%d %s", status, said)
	}
	if stops := r.Plan().Policy.Suppression.Of(people.ClientSubject("victim")); len(stops) != 0 {
		t.Fatalf("a stranger withdrew for them: %+v", stops)
	}
	for _, receipt := range receiptsIn(t, filepath.Dir(r.config)) {
		if receipt.Subject == people.ClientSubject("victim").String() && receipt.KnownBy != "cookie" {
			t.Errorf("a receipt in their name: %+v", receipt)
		}
	}
	// A grant of another's is not theirs either: the browser gets an id of its own.
	granted := r.ask(t, "POST", "/consent", `{"client_id":"victim","consent":{"analytics":true}}`)
	if cookies := granted.Cookies(); len(cookies) != 1 || strings.Contains(cookies[0].Value, "victim") {
		t.Errorf("%v", granted.Header)
	}

	if status, said := ask("", "Authorization", "Bearer only-servers-know"); status != 202 || said != `{"recorded":true}` {
		t.Errorf("%d %s", status, said)
	}
	if len(r.Plan().Policy.Suppression.Of(people.ClientSubject("victim"))) != 1 || len(r.Plan().Policy.Suppression.Of(people.EmailSubject("anna@mark.example"))) != 1 {
		t.Error("a server with its key cannot choose for its visitors")
	}
	r.resume(t)
	if d := r.account(t, "sink"); d.Denied != 1 {
		t.Errorf("%+v", d)
	}
}

func TestASignedLinkChoosesForWhomItWasMadeUntilItEnds(t *testing.T) {
	r, _ := adsSink(t)
	r.sends(t, "c1", `{"name":"purchase","id":"theirs","user":{"email":"anna@mark.example"},"consent":{"analytics":true}}`)
	link := func(valid time.Duration) string {
		query, err := r.Link(t.Context(), subjects.Person{ID: "Anna@mark.example"}, time.Now().Add(valid))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(query, "mark") {
			t.Errorf("the id stands in clear: %s", query)
		}
		return query
	}
	good := link(time.Hour)
	for name, query := range map[string]string{
		"over":          link(-time.Hour),
		"prolonged":     strings.Replace(good, "until=", "until=9", 1),
		"another kind":  strings.Replace(good, "kind=email", "kind=phone", 1),
		"another id":    strings.Replace(good, "id=", "id=0", 1),
		"another sign":  strings.Replace(good, "sig=", "sig=0", 1),
		"only the sign": "sig=00",
	} {
		if resp := r.ask(t, "POST", "/consent?"+query, `{"consent":{"analytics":false}}`); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
	if r.Plan().Policy.Suppression.Len() != 0 {
		t.Error("somebody is on the list")
	}
	resp := r.ask(t, "POST", "/consent?"+good, `{"consent":{"analytics":false}}`)
	if resp.StatusCode != 202 || len(resp.Cookies()) != 0 {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	r.resume(t)
	if d := r.account(t, "sink"); d.Denied != 1 {
		t.Errorf("%+v", d)
	}
	all := receiptsIn(t, filepath.Dir(r.config)) // that of the event may come later
	ofLink := slices.IndexFunc(all, func(receipt people.Receipt) bool { return receipt.KnownBy == "link" })
	if ofLink < 0 || all[ofLink].Subject != people.EmailSubject("anna@mark.example").String() {
		t.Errorf("%+v", all)
	}
	if _, err := r.Link(t.Context(), subjects.Person{ID: "nobody"}, time.Now()); !errors.Is(err, subjects.ErrPerson) {
		t.Errorf("%v", err)
	}
}
