package console_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/console/access"
	"headgate/event/trace"
)

func TestChangesAndLooksAtPeopleAreNoted(t *testing.T) {
	m, b := newMemory(), new(book)
	m.admin = staff()
	h := clocked(t, m, b, &[]time.Time{noon}[0])
	m.events["e0"] = []*trace.Trace{marked()}
	ask(t, h, "GET", "/api/status", "")
	ask(t, h, "GET", "/api/events/e0", "", "Authorization", "Bearer "+tokenOf("analyst"))
	ask(t, h, "POST", "/api/subjects/export", `{"kind":"email","id":"anna@example.com","why":"ticket 7"}`, "Authorization", "Bearer "+tokenOf("analyst"))
	ask(t, h, "POST", "/api/subjects/delete", `{"kind":"email","id":"anna@example.com"}`, "Authorization", "Bearer "+tokenOf("analyst"))
	ask(t, h, "POST", "/api/destinations/meta/pause", "", "Authorization", "Bearer "+tokenOf("operator"))
	ask(t, h, "POST", "/api/dead/drop?destination=meta", "", "Authorization", "Bearer "+tokenOf("operator"))
	var got []string
	for _, line := range b.lines {
		var l access.Line
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %s %s %s %q %d", l.N, l.Who, l.Action, l.About, l.Why, l.Status))
		if strings.Contains(string(line), "anna@") || strings.Contains(string(line), marker) {
			t.Errorf("personal data is noted: %s", line)
		}
	}
	want := []string{`1 analyst event.view e0 "" 200`, `2 analyst person.export email:hash "ticket 7" 200`, `3 analyst person.delete  "" 403`,
		`4 operator destination.pause meta "" 200`, `5 operator dead.drop meta "" 200`}
	if !slices.Equal(got, want) {
		t.Errorf("noted\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	run(t, h, []exchange{
		{"the newest line", "GET", "/api/audit?limit=1&action=dead", "", 200, `{"lines":[{"n":5,"time":"2026-11-22T12:00:00Z","who":"operator","roles":["operator"],"from":"192.0.2.1","action":"dead.drop","about":"meta","status":200,"detail":{"dropped":3}}],"more":false,"damage":""}`, "", ""},
		{"older ones", "GET", "/api/audit?limit=1&before=4&who=analyst", "", 200, `~"more":true`, "", ""},
		{"another parameter", "GET", "/api/audit?whom=x", "", 400, `~no parameter \"whom\"`, "", ""},
	})
}

func TestWhatCannotBeNotedIsNotShown(t *testing.T) {
	m, b := newMemory(), &book{full: errors.New("the disk is full")}
	m.events["e0"] = []*trace.Trace{marked()}
	h := clocked(t, m, b, &[]time.Time{noon}[0])
	w := ask(t, h, "GET", "/api/events/e0", "")
	if w.Code != 503 || strings.Contains(w.Body.String(), marker) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(t, h, "GET", "/api/status", ""); w.Code != 200 {
		t.Errorf("the status needs no line: %d", w.Code)
	}
	if _, _, w := signIn(t, h, "", testToken); w.Code != 503 || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a sign-in that cannot be noted: %d", w.Code)
	}
}
