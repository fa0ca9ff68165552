package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
)

// What people come to the console for, each from its beginning to its end, without a terminal.

func TestAMissingPurchaseIsFoundFixedAndDelivered(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.sees("This machine")
	refused := s.process.Status().Destinations["ads"].Rejected
	if refused == 0 {
		t.Fatal("ads has refused nothing")
	}
	s.click("button", "ads rejected")
	s.sees("In the vendor's words")
	s.click("link", "Dead letters")
	s.sees("grouped by reason")
	s.click("link", "Example")
	s.sees("ads rejected it")
	event := s.at()
	s.click("link", "Change what ads gets")
	s.sees("No mistake.")
	if at := s.at(); at != "/configuration?find=ads%3A" {
		t.Errorf("it leads to %s", at)
	}

	// What ads gets of a purchase has no currency: a line in the destination's own rules.
	s.goTo("/configuration?find=params.brand", "No mistake.")
	s.tab("Text of headgate.yaml")
	s.press("End", "Enter")
	s.write("params.currency: EUR")
	s.sees("No mistake.")
	s.click("button", "Compare")
	s.sees("Something changes.")
	s.goTo(event, "ads rejected it")
	s.click("button", "Explain under the draft")
	s.sees("Under the draft.")
	s.goTo("/configuration", "No mistake.")
	s.click("button", "Save draft")
	s.fill("Why", "ads needs the currency")
	s.press("Enter")
	s.sees("Nothing is changed.")

	s.goTo("/destinations/ads", "grouped by reason")
	s.click("checkbox", "a purchase needs its currency")
	s.click("checkbox", "redacted:user.user_id")
	s.click("button", "Retry")
	s.sees("become pending")
	s.ask(map[string]any{"do": "click", "role": "button", "name": fmt.Sprintf("Retry %d", refused), "exact": true}, nil)
	s.process.Until("ads has all", func() bool {
		d := s.process.Status().Destinations["ads"]
		return d.Rejected == 0 && d.Pending == 0
	})
	s.gone("grouped by reason")
	s.sees("will be sent to ads again") // although nothing is left to choose
	s.goTo(event, "Reached")
	s.gone("ads rejected it")
	s.sound("delivered-at-last", "1400-light")
	if said := s.audited("dead.retry"); !strings.Contains(said, "dead.retry") {
		t.Errorf("the audit lacks the retry: %s", said)
	}
}

func TestAPersonIsFoundExportedAndSuppressed(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/people", "hashed here")
	s.fill("Who", "anna@example.com")
	s.press("Enter")
	s.sees("asked as")
	var file struct{ Name, Text string }
	s.ask(map[string]any{"do": "download", "role": "button", "name": "Export"}, &file)
	if !strings.HasSuffix(file.Name, ".jsonl") || strings.Contains(file.Name, "anna") {
		t.Errorf("the export is called %s", file.Name)
	}
	events := 0
	for line := range strings.Lines(file.Text) {
		var held struct {
			Event *struct {
				Event struct{ User struct{ Email string } }
			}
		}
		if err := json.Unmarshal([]byte(line), &held); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if held.Event != nil {
			events++
		}
	}
	if events == 0 {
		t.Errorf("the export has no event:\n%s", file.Text)
	}
	s.click("button", "Suppress")
	s.fill("Why", "ticket 4711")
	s.press("Enter")
	s.sees("Nothing of this person is sent any more")
	s.press("Enter")
	s.sees("Suppressed.")
	before := s.process.Drained("stats").Destinations["stats"].Denied
	s.send(7) // hers
	if now := s.process.Drained("stats").Destinations["stats"]; now.Denied+now.Filtered <= before {
		t.Errorf("an event of hers was sent: %+v", now)
	}
	s.goTo("/audit?action=person", "person.suppress")
	s.sees("person.export")
	s.sees("ticket 4711")
	if said := s.audited("person"); strings.Contains(said, "anna") {
		t.Errorf("the audit names her: %s", said)
	}
}

func TestADestinationIsAddedFromTheCatalogue(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/destinations/new", "Meta Conversions API")
	s.fill("Search the catalogue", "webhook")
	s.ask(map[string]any{"do": "follow", "selector": "main .cat a[href*='use=webhook']"}, nil)
	s.sees("The dry run shows here")
	s.fill("Name in the configuration", "mirror")
	s.fill("url", s.sink+"/mirror")
	s.press("Enter")
	s.sees("What is written")
	s.sees("mirror:")
	s.sees("/mirror")
	if got := s.got("/mirror"); got != 0 {
		t.Errorf("the dry run has sent %d requests", got)
	}
	s.sound("destination-dry-run", "1400-light")
	s.click("button", "Add mirror")
	s.fill("Why", "a mirror of it all")
	s.press("Enter")
	s.ask(map[string]any{"do": "reach", "path": "/destinations/mirror"}, nil)
	s.sees("running")
	s.send(1)
	s.process.Drained("mirror")
	if got := s.got("/mirror"); got == 0 {
		t.Error("mirror gets nothing")
	}
	text, err := os.ReadFile(s.process.Path())
	if err != nil || !strings.Contains(string(text), "mirror:") {
		t.Errorf("%v, written:\n%s", err, text)
	}
	s.goTo("/configuration?tab=history", "a mirror of it all")
}

// audited is the audit of an action, as the API has it.
func (s *shop) audited(action string) string {
	s.t.Helper()
	var lines struct{ Lines []json.RawMessage }
	s.process.Ask(http.MethodGet, "/api/audit?action="+action, &lines)
	return fmt.Sprintf("%s", lines.Lines)
}

func TestTheEditorCompletesAndExplains(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/configuration?find=trusted_proxies", "No mistake.")
	s.ask(map[string]any{"do": "hover", "text": "trusted_proxies"}, nil)
	s.tooltip("Whose X-Forwarded-For")

	// Keys of the place where the cursor is, and then values of that key.
	s.goTo("/configuration?find=delivery", "No mistake.")
	s.tab("Text of headgate.yaml")
	s.press("End", "Enter")
	s.ask(map[string]any{"do": "keys", "keys": []string{"t", "r", "a"}}, nil)
	s.take("traffic")
	s.write("[]")
	s.press("ArrowLeft")
	s.ask(map[string]any{"do": "keys", "keys": []string{"h", "u"}}, nil)
	s.take("human")
	s.sees("No mistake.")
	s.click("button", "Compare")
	s.sees("changes.")
}

// take takes a word that the editor offers.
func (s *shop) take(word string) {
	s.t.Helper()
	s.ask(map[string]any{"do": "follow", "selector": `.codes .cm-tooltip-autocomplete li:has-text("` + word + `")`}, nil)
}

// tooltip waits until the editor shows a text beside the cursor or the pointer.
func (s *shop) tooltip(has string) {
	s.t.Helper()
	var said string
	s.ask(map[string]any{"do": "tooltip"}, &said)
	if !strings.Contains(said, has) {
		s.t.Errorf("the editor shows %q, not %q", said, has)
	}
}
