// Package vendors_test holds a strict fake of each vendor, written from the vendor's documentation and not from our files,
// and drives them all with the running program: what is taken, what is refused, and in which words. It knows no secret and
// talks to nobody but itself.
package vendors_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"headgate/event"
	"headgate/event/samples"
	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	os.Exit(m.Run())
}

// trusted is the write key whose senders are believed when they state a visitor's address.
const trusted = "secret-of-the-shop"

// around is the configuration but for its destinations.
const around = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
sources: {events: {path: /e, server_keys: ["${TRUSTED}"]}}
destinations:
`

// process is a running Headgate.
type process struct {
	*trial.Process
	t *testing.T
}

// start starts the program with these destinations, each entry on lines of its own, and waits until it accepts.
func start(t *testing.T, destinations string) *process {
	t.Helper()
	p := &process{trial.New(t, around+destinations), t}
	p.Env = []string{"SECRET=secret", "TRUSTED=" + trusted, "ACCOUNT=" + robot()}
	p.Start()
	return p
}

// dead are the words that were kept of a destination's dead letters, by event id.
func (p *process) dead(destination string) map[string]string {
	p.t.Helper()
	var page struct {
		Dead []struct {
			ID  string `json:"event_id"`
			Why string `json:"why"`
		} `json:"dead"`
	}
	p.Ask("GET", "/api/dead?limit=1000&destination="+url.QueryEscape(destination), &page)
	words := map[string]string{}
	for _, letter := range page.Dead {
		words[letter.ID] = letter.Why
	}
	return words
}

// post sends events as a server of the shop does; all of them must be accepted.
func (p *process) post(events []*event.Event) {
	p.t.Helper()
	body := []byte{'['}
	for i, e := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = e.AppendJSON(body)
	}
	resp, err := http.Post(p.Public+"/e?k="+trusted, "application/json", bytes.NewReader(append(body, ']')))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	var answer struct {
		Accepted int `json:"accepted"`
	}
	if err != nil || json.Unmarshal(said, &answer) != nil || answer.Accepted != len(events) {
		p.t.Fatalf("of %d events were taken: %d %s %v", len(events), resp.StatusCode, said, err)
	}
}

// sample is an event of the samples that happens now, with an id by which all vendors' rows can be distinguished.
func sample(t *testing.T, name, id string) *event.Event {
	t.Helper()
	e, ok := samples.Get(name)
	if !ok {
		t.Fatalf("no sample %s", name)
	}
	samples.Move(e, time.Now().Add(-time.Second))
	e.ID, e.Received, e.Source, e.Site = id, time.Time{}, "", "" // the rest is not the sender's to say
	if e.Params.Get("transaction_id").Text() != "" {
		e.Params.Set("transaction_id", event.String(id))
	}
	e.Params.Set("ref", event.String(id))
	return e
}
