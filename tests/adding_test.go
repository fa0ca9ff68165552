package tests_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"headgate/tests/docs"
	"headgate/tests/trial"
)

const addingADestination = "../docs/adding-a-destination.md"

// guide reads the files that the guide builds up piece by piece, by name, and its text.
func guide(t *testing.T) (files map[string]string, text string) {
	t.Helper()
	data, err := os.ReadFile(addingADestination)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, b := range docs.BlocksOf(addingADestination, string(data)) {
		if b.Language == "yaml" && b.Name != "" {
			files[b.Name] += b.Text
		}
	}
	return files, string(data)
}

// The story of testdata walks the way of the guide: with the same files and the same words.
func TestTheStoryOfAddingADestinationIsTheGuides(t *testing.T) {
	files, text := guide(t)
	story, err := txtar.ParseFile("testdata/adding_a_destination.txtar")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, f := range story.Files {
		told[f.Name] = string(f.Data)
	}
	for inStory, inGuide := range map[string]string{"headgate.yaml": "headgate.yaml", "whole.yaml": "destinations/acme_crm.yaml", "cases.yaml": "destinations/acme_crm_test.yaml"} {
		if told[inStory] == "" || told[inStory] != files[inGuide] {
			t.Errorf("%s of the story is not %s of the guide", inStory, inGuide)
		}
	}
	for line := range strings.Lines(told["empty.txt"]) {
		if strings.HasPrefix(line, "destinations/") && !strings.Contains(text, line) {
			t.Errorf("the guide does not say of an empty file: %s", line)
		}
	}
}

// What the guide's table says of each mistake is what check says.
func TestCheckSaysOfMistakesWhatTheGuideSays(t *testing.T) {
	t.Parallel()
	files, text := guide(t)
	_, table, _ := strings.Cut(text, "## What goes wrong")
	said := regexp.MustCompile("(?m)\\| `((?:acme_crm|headgate)\\.yaml:.*)` \\|$").FindAllStringSubmatch(table, -1)
	mistakes := []struct{ name, file, replace, by string }{
		{"a key", "acme_crm", "title:", "titel:"},
		{"a purpose", "acme_crm", "sharing]", "sharng]"},
		{"a type", "acme_crm", "type: text", "type: string"},
		{"no help", "acme_crm", `, help: "Acme → Settings → API keys"`, ""},
		{"a time span", "acme_crm", "max_age: 7d", "max_age: 1 week"},
		{"a setting", "acme_crm", "{settings.account}", "{settings.acount}"},
		{"a field", "acme_crm", "iso8601(time)", "iso8601(tme)"},
		{"a function", "acme_crm", "sha256(", "sha265("},
		{"each without as", "acme_crm", "            as: {sku: =item.id, quantity: =item.quantity}\n", ""},
		{"a comparison", "acme_crm", "status == 200", "status = 200"},
		{"a secret in the open", "headgate", `"${ACME_KEY}"`, "acme0123456789abcdef"},
		{"a field of one event for all", "acme_crm", "    events:\n      - each", "    source: =page.host\n    events:\n      - each"},
		{"a comma", "acme_crm", "{sku: =item.id,", "{sku: =default(item.id, item.name),"},
		{"a tab", "acme_crm", "          lines:", "          \tlines:"},
	}
	if len(said) != len(mistakes) {
		t.Fatalf("the table has %d lines, and %d mistakes are tried", len(said), len(mistakes))
	}
	for i, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			written := map[string]string{"headgate.yaml": files["headgate.yaml"], "destinations/acme_crm.yaml": files["destinations/acme_crm.yaml"]}
			for name, content := range written {
				if strings.HasSuffix(name, m.file+".yaml") {
					changed := strings.Replace(content, m.replace, m.by, 1)
					if changed == content {
						t.Fatal("the mistake is not in the file")
					}
					written[name] = changed
				}
			}
			folder := t.TempDir()
			putFiles(t, folder, written)
			check := exec.CommandContext(t.Context(), os.Args[0], "check")
			check.Dir, check.Env = folder, append(os.Environ(), trial.AsHeadgate, "ACME_KEY=key")
			out, err := check.CombinedOutput()
			if err == nil {
				t.Error("check finds nothing wrong")
			}
			if want := strings.Replace(said[i][1], "acme_crm.yaml:", "destinations/acme_crm.yaml:", 1); !strings.Contains(string(out), want+"\n") {
				t.Errorf("the guide says\n%s\nand check\n%s", want, out)
			}
		})
	}
}

func putFiles(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// acme is the vendor of the guide. It takes what its documentation says, and nothing else.
type acme struct {
	*httptest.Server
	mu    sync.Mutex
	kept  []acmeEvent
	wrong []string // what no careful sender would send
	busy  int      // so many requests are answered 429 first
}

type acmeEvent struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	At       string `json:"happened_at"`
	Person   string `json:"person"`
	Amount   *float64
	Currency string
	Lines    []struct {
		SKU      string
		Quantity float64
	}
	Details map[string]any
}

const unknownPerson = "3b578ef9230b75989d90f06093ab404b7934e7864ef47625d675d1cb8d150dfd" // person@shop.example

func newAcme(t *testing.T) *acme {
	a := &acme{busy: 1}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *acme) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	refuse := func(status int, why string) {
		a.wrong = append(a.wrong, fmt.Sprintf("%s: %s", why, body))
		http.Error(w, why, status)
	}
	var sent struct{ Events []acmeEvent }
	strict := json.NewDecoder(strings.NewReader(string(body)))
	strict.DisallowUnknownFields()
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/v1/shop/events" || r.URL.RawQuery != "":
		refuse(http.StatusNotFound, r.Method+" "+r.URL.String())
		return
	case r.Header.Get("Authorization") != "Bearer a-key-of-the-shop":
		refuse(http.StatusUnauthorized, "a wrong key")
		return
	case r.Header.Get("Content-Type") != "application/json":
		refuse(http.StatusUnsupportedMediaType, "no JSON")
		return
	case a.busy > 0:
		a.busy--
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	if err := strict.Decode(&sent); err != nil || len(sent.Events) == 0 || len(sent.Events) > 100 {
		refuse(http.StatusBadRequest, fmt.Sprintf("%d events, %v", len(sent.Events), err))
		return
	}
	type wrong struct {
		Index   int    `json:"index"`
		Message string `json:"message"`
	}
	errors := []wrong{}
	for i, e := range sent.Events {
		switch fact := e.mistake(); {
		case fact != "":
			a.wrong = append(a.wrong, fact)
			errors = append(errors, wrong{i, fact})
		case e.Person == unknownPerson:
			errors = append(errors, wrong{i, "unknown person"})
		default:
			a.kept = append(a.kept, e)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": errors})
}

// mistake says what is not as Acme's documentation has it.
func (e *acmeEvent) mistake() string {
	at, err := time.Parse(time.RFC3339, e.At)
	switch {
	case e.ID == "":
		return "no id"
	case e.Type != "order_placed" && e.Type != "lead_created":
		return "type " + e.Type
	case err != nil || time.Since(at) > 7*24*time.Hour:
		return "happened_at " + e.At
	case !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(e.Person):
		return "person " + e.Person
	case (e.Amount == nil) != (e.Currency == ""):
		return "an amount without its currency"
	}
	return ""
}

// keeps returns the ids that it keeps, sorted.
func (a *acme) keeps() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := make([]string, len(a.kept))
	for i, e := range a.kept {
		ids[i] = e.ID
	}
	slices.Sort(ids)
	return ids
}

// The guide's file, put beside a running Headgate, delivers: no code, no restart.
func TestADestinationInOneFileDelivers(t *testing.T) {
	files, _ := guide(t)
	t.Setenv("ACME_KEY", "a-key-of-the-shop")
	vendor := newAcme(t)
	const none = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
egress: {allow: [127.0.0.0/8]}
consent: {regions: {unknown: none}}
`
	p := newProcess(t, none)
	p.Start()
	p.post(`{"name":"purchase","id":"too-early","user":{"email":"Anna@shop.example"},"params":{"value":1,"currency":"EUR"}}`)
	hash := p.Status().Config.Hash

	putFiles(t, p.Folder, map[string]string{"destinations/acme_crm.yaml": files["destinations/acme_crm.yaml"]})
	before, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	entry := strings.Replace(files["headgate.yaml"], `"${ACME_KEY}"`, fmt.Sprintf(`"${ACME_KEY}", endpoint: %q`, vendor.URL), 1)
	p.Write(string(before) + entry)
	p.Until("has found the destination", func() bool { s := p.Status().Config; return s.Hash != hash && s.Error == "" })

	p.post(`{"name":"purchase","id":"order-1","user":{"email":"Anna@shop.example"},"items":[{"id":"SKU-1","quantity":2}],"params":{"value":"59.90","currency":"eur","transaction_id":"T-1","email":"anna@shop.example"}}`)
	p.post(`{"name":"generate_lead","id":"lead-1","user":{"email":"ben@shop.example"},"params":{"lead_source":"contact form"}}`)
	p.post(`{"name":"generate_lead","id":"lead-2","user":{"email":"person@shop.example"}}`)
	p.post(`{"name":"purchase","id":"nobody","params":{"value":1,"currency":"EUR"}}`)
	p.post(`{"name":"page_view","id":"page"}`)
	s := p.Drained("acme_crm").Destinations["acme_crm"]

	if got := vendor.keeps(); !slices.Equal(got, []string{"lead-1", "order-1"}) {
		t.Errorf("Acme keeps %v", got)
	}
	vendor.mu.Lock()
	defer vendor.mu.Unlock()
	if len(vendor.wrong) > 0 {
		t.Errorf("Acme was sent what it does not take: %v", vendor.wrong)
	}
	for _, e := range vendor.kept {
		if e.ID == "order-1" && (*e.Amount != 59.9 || e.Currency != "EUR" || len(e.Lines) != 1 || e.Lines[0].SKU != "SKU-1" || len(e.Details) != 1 || e.Details["transaction_id"] != "T-1") {
			t.Errorf("the order is %+v", e)
		}
	}
	if s.Delivered != 2 || s.Rejected != 2 || s.Filtered < 1 || !strings.Contains(p.dead("acme_crm"), "unknown person") || !strings.Contains(p.dead("acme_crm"), "Acme finds people by their e-mail address") {
		t.Errorf("%+v; dead letters: %s", s, p.dead("acme_crm"))
	}
}

// post sends an event as a site does, and fails the test when it is not taken.
func (p *process) post(event string) {
	p.t.Helper()
	resp, err := http.Post(p.Public+"/e", "application/json", strings.NewReader(event))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		said, _ := io.ReadAll(resp.Body)
		p.t.Fatalf("%s: %d %s", event, resp.StatusCode, said)
	}
}

// dead returns what the admin side says of a destination's dead letters.
func (p *process) dead(destination string) string {
	p.t.Helper()
	resp := p.Send(http.MethodGet, "/api/dead?destination="+destination, nil)
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(said)
}
