package console_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"headgate/event/trace"
)

func TestDraftsAreCheckedAndTried(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"a good draft", "POST", "/api/check", `{"files":{"headgate.yaml":"listen: \":80\"\n"}}`, 200,
			`{"ok":true,"mistakes":[],"warnings":[{"file":"headgate.yaml","line":1,"column":0,"fact":"consent is only monitored"}]}`, "", ""},
		{"a bad draft", "POST", "/api/check", `{"files":{"headgate.yaml":"mistake"}}`, 200,
			`{"ok":false,"mistakes":[{"file":"headgate.yaml","line":3,"column":5,"fact":"unknown key \"lisen\"","cure":"did you mean \"listen\"?"}],"warnings":[]}`, "", ""},
		{"another file", "POST", "/api/check", `{"files":{"other.yaml":""}}`, 400, `~no file \"other.yaml\"`, "", ""},
		{"cases", "POST", "/api/tests", `{"files":{}}`, 200,
			`{"cases":[{"name":"good","passed":true,"mistakes":[]},{"name":"bad","passed":false,"mistakes":[{"file":"headgate.yaml","line":2,"column":3,"fact":"value is 1, not 2"}]}]}`, "", ""},
		{"cases of a bad draft", "POST", "/api/tests", `{"files":{"headgate.yaml":"mistake"}}`, 422, `~"mistakes":[{"file"`, "", ""},
		{"a formula", "POST", "/api/try", `{"formula":"name == \"purchase\"","sample":"purchase"}`, 200, `{"value":true,"type":"bool"}`, "", ""},
		{"a wrong formula", "POST", "/api/try", `{"formula":"nmae","id":"e/1"}`, 422, `~did you mean`, "", ""},
		{"a formula that fails", "POST", "/api/try", `{"formula":"1 / 0","id":"e/1"}`, 200, `{"error":"the formula failed: divided by zero"}`, "", ""},
		{"no event", "POST", "/api/try", `{"formula":"name == \"purchase\""}`, 400, `~one of id, sample and event`, "", ""},
		{"an event that is gone", "POST", "/api/try", `{"formula":"name == \"purchase\"","id":"gone"}`, 404, `~`, "", ""},
		{"two questions", "POST", "/api/explain", `{"sample":"purchase","id":"e/1"}`, 400, `~one of sample, event, hit and id`, "", ""},
	})
}

func TestADraftIsComparedWithWhatIsInForce(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"a day", "POST", "/api/diff", `{"files":{"headgate.yaml":""},"sample":7}`, 200,
			`{"events":1,"of":1,"skipped":{},"changed":true,"seconds":0,"destinations":{"meta":{"before":1,"after":0,"appear":0,"disappear":1,"change":0,"bytes_before":11,"bytes_after":0,` +
				`"examples":[{"id":"e-1","name":"purchase","kind":"disappear","before":"consent","after":"2026-11-21T12:00:00Z","fields":[]}],"fields":[]}},"rules":[],"fields":[],` +
				`"reasons":[{"destination":"meta","reason":"delivered","before":1,"after":0},{"destination":"meta","reason":"not_wanted","before":0,"after":1}],"cost":{"microseconds_before":0,"microseconds_after":0}}`, "", ""},
		{"other times", "POST", "/api/diff", `{"files":{},"since":"1h"}`, 200, `~"after":"2026-11-22T11:00:00Z"`, "", ""},
		{"no time", "POST", "/api/diff", `{"files":{},"since":"soon"}`, 400, `~no span`, "", ""},
		{"no sample", "POST", "/api/diff", `{"files":{},"sample":0}`, 400, `~sample`, "", ""},
		{"a wrong formula", "POST", "/api/diff", `{"files":{},"where":"nmae"}`, 422, `~did you mean`, "", ""},
		{"a bad draft", "POST", "/api/diff", `{"files":{"headgate.yaml":"mistake"}}`, 422, `~"mistakes":[{"file"`, "", ""},
	})
}

func TestLooksWhileTypingAreNotedOnce(t *testing.T) {
	m, b, now := newMemory(), new(book), noon
	h := clocked(t, m, b, &now)
	m.events["e0"] = []*trace.Trace{marked()}
	for range 5 {
		ask(t, h, "POST", "/api/try", `{"formula":"name == \"purchase\"","id":"e0"}`)
		ask(t, h, "POST", "/api/try", `{"formula":"name == \"purchase\"","sample":"purchase"}`)
	}
	if len(b.lines) != 1 || !strings.Contains(string(b.lines[0]), `"about":"e0"`) {
		t.Errorf("noted: %s", b.lines)
	}
}

func TestSavedTextsAreVersions(t *testing.T) {
	m := newMemory()
	m.admin = staff()
	h := handler(m)
	editor := []string{"Authorization", "Bearer " + tokenOf("editor")}
	with := func(tag string) []string { return append([]string{"If-Match", tag}, editor...) }
	tag := ask(t, h, "GET", "/api/config", "", editor...).Header().Get("ETag")
	w := ask(t, h, "PUT", "/api/config?reason=ticket+7", "listen: \":81\"\n", with(tag)...)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"version":"v2"`) {
		t.Fatalf("saved: %d %s", w.Code, w.Body)
	}
	tag = w.Header().Get("ETag")
	w = ask(t, h, "PUT", "/api/config", "listen: \":82\"\n", with(tag)...)
	if w.Code != 200 {
		t.Fatalf("saved: %d %s", w.Code, w.Body)
	}
	tag = w.Header().Get("ETag")
	type shown struct {
		ID, Who, Why, File, Diff, Text string
		Added, Removed                 int
		InForce                        bool `json:"in_force"`
	}
	list := func() (out struct{ Versions []shown }) {
		if err := json.Unmarshal(ask(t, h, "GET", "/api/versions", "", editor...).Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := list().Versions
	if len(got) != 3 || !got[0].InForce || got[1].InForce || got[1].Who != "editor" || got[1].Why != "ticket 7" || got[1].Added != 1 || got[1].Removed != 1 || got[2].Who != "" || got[2].Why != "as it was found" {
		t.Fatalf("versions %+v", got)
	}
	var one shown
	if err := json.Unmarshal(ask(t, h, "GET", "/api/versions/v2", "", editor...).Body.Bytes(), &one); err != nil || one.Text != "listen: \":81\"\n" || !strings.Contains(one.Diff, "-listen: \":8080\"\n+listen: \":81\"") {
		t.Errorf("v2: %+v, %v", one, err)
	}
	if w := ask(t, h, "POST", "/api/versions/v1/restore", `{"reason":"it was better"}`, with(`"old"`)...); w.Code != http.StatusPreconditionFailed {
		t.Errorf("restored what somebody has changed: %d", w.Code)
	}
	if w := ask(t, h, "POST", "/api/versions/v1/restore", `{"reason":"it was better"}`, with(tag)...); w.Code != 200 || string(m.files[0].Text) != "listen: \":8080\"\n" {
		t.Errorf("restored: %d %s: %s", w.Code, w.Body, m.files[0].Text)
	}
	m.files[0].Text = []byte("listen: \":83\"\n")
	got = list().Versions
	if got[0].Why != "changed on disk" || got[1].Why != "back to v1: it was better" {
		t.Errorf("versions %+v", got[:2])
	}
	if w := ask(t, h, "GET", "/api/versions/v99", "", editor...); w.Code != 404 {
		t.Errorf("v99: %d", w.Code)
	}
}

func TestFilesThatCannotBeWrittenGiveAPatch(t *testing.T) {
	m := newMemory()
	m.readOnly = true
	w := ask(t, handler(m), "PUT", "/api/config", "listen: \":81\"\n", "If-Match", "*")
	want := `"read_only":true,"patch":"--- a/headgate.yaml\n+++ b/headgate.yaml\n@@ -1 +1 @@\n-listen: \":8080\"\n+listen: \":81\"\n"`
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), want) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestADestinationIsAddedFromTheCatalogue(t *testing.T) {
	m := newMemory()
	h := handler(m)
	var found struct {
		Destinations []struct {
			Name     string
			Settings []struct {
				Name, Kind, Type, Help string
				Required, Secret       bool
			}
		}
	}
	if err := json.Unmarshal(ask(t, h, "GET", "/api/catalog?q=Facebook", "").Body.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Destinations) != 1 || found.Destinations[0].Name != "meta" || len(found.Destinations[0].Settings) < 2 {
		t.Fatalf("found %+v", found)
	}
	for _, s := range found.Destinations[0].Settings {
		if s.Kind == "" || s.Help == "" || s.Secret != (s.Type == "secret") || !slices.Contains([]string{"text", "number", "switch", "list", "map"}, s.Kind) {
			t.Errorf("a setting without what a form needs: %+v", s)
		}
	}
	asked := `{"name":"meta","settings":{"access_token":"${META_TOKEN}","pixel_id":"1"},"fields":{"when":"params.value > 0"},"reason":"new"`
	before := string(m.files[0].Text)
	w := ask(t, h, "POST", "/api/destinations", asked+`,"dry_run":true}`, "If-Match", "*")
	want := `"yaml":"destinations:\n  meta:\n    settings:\n      pixel_id: \"1\"\n      access_token: \"${META_TOKEN}\"\n    when: \"params.value > 0\"\n"`
	if w.Code != 200 || !strings.Contains(w.Body.String(), want) || string(m.files[0].Text) != before {
		t.Errorf("dry run: %d %s", w.Code, w.Body)
	}
	w = ask(t, h, "POST", "/api/destinations", asked+"}", "If-Match", "*")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"version":"v2"`) || !strings.Contains(string(m.files[0].Text), "META_TOKEN") {
		t.Errorf("added: %d %s", w.Code, w.Body)
	}
	run(t, h, []exchange{
		{"again", "POST", "/api/destinations", asked + "}", 409, `~a destination of this name`, "If-Match: *", ""},
		{"without If-Match", "POST", "/api/destinations", asked + "}", 428, `~If-Match`, "", ""},
		{"a name that is none", "POST", "/api/destinations", `{"name":"a b"}`, 400, `~no name`, "If-Match: *", ""},
		{"what the catalogue has not", "GET", "/api/catalog/nothing", "", 404, `~nothing`, "", ""},
		{"one of it", "GET", "/api/catalog/webhook", "", 200, `~"settings":[{"name":"url"`, "", ""},
		{"the schema", "GET", "/api/schema", "", 200, `~"$schema"`, "", ""},
	})
}
