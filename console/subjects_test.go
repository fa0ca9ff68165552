package console_test

import (
	"net/http"
	"slices"
	"testing"
)

func TestSubjectsAreExportedSuppressedAndDeleted(t *testing.T) {
	m := newMemory()
	run(t, handler(m), []exchange{
		{name: "what is held, a line each", method: "POST", path: "/api/subjects/export", body: `{"id":"c1"}`, status: yes,
			answer: "{\"suppression\":{\"subject\":\"5e88\"}}\n{\"done\":true}", headerAnswer: "Content-Type: application/x-ndjson"},
		{name: "an export that breaks says so", method: "POST", path: "/api/subjects/export", body: `{"id":"broken"}`, status: yes, answer: "~\n{\"error\":\"read group 7: gone\"}"},
		{name: "of a kind that is none", method: "POST", path: "/api/subjects/export", body: `{"id":"c1","kind":"name"}`, status: http.StatusBadRequest, answer: `~who is meant`},
		{name: "a mistyped key", method: "POST", path: "/api/subjects/export", body: `{"id":"c1","knid":"email"}`, status: http.StatusBadRequest, answer: `~unknown field`},
		{name: "suppressed", method: "POST", path: "/api/subjects/suppress", body: `{"id":"a@shop.example","kind":"email","why":"ticket 7"}`, status: yes, answer: `{"suppressed":true}`},
		{name: "nobody", method: "POST", path: "/api/subjects/suppress", body: `{}`, status: http.StatusBadRequest, answer: `~who is meant`},
		{name: "deleted", method: "POST", path: "/api/subjects/delete", body: `{"id":"c1"}`, status: yes,
			answer: `{"destinations":[{"destination":"meta","delivered":2,"stopped":0,"dropped":0,"elsewhere":0,"removed":0,"advice":"ask them"}],"suppressed":true}`},
		{name: "by a link", method: "GET", path: "/api/subjects/delete", status: http.StatusMethodNotAllowed, answer: `~POST`},
	})
	for _, want := range []string{"email a@shop.example: ticket 7", "client_id c1: asked through the admin API on 2026-11-22"} {
		if !slices.Contains(m.suppressed, want) {
			t.Errorf("lacks %q: %q", want, m.suppressed)
		}
	}
}
