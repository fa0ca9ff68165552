package console_test

import (
	"net/http"
	"slices"
	"testing"
)

func TestDecisionsComeAsTheLogKeepsThem(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{name: "each after its length, with an end", method: "GET", path: "/api/decisions?since=24h", status: yes,
			answer: "\x00\x00\x00\x03one\x00\x00\x00\x0a2026-11-21\x00\x00\x00\x00", headerAnswer: "Content-Type: application/octet-stream"},
		{name: "a log that cannot be read", method: "GET", path: "/api/decisions?since=2027-01-01T00:00:00Z", status: 500, answer: `{"error":"read group 7: gone"}`},
		{name: "a time that is none", method: "GET", path: "/api/decisions?since=noon", status: http.StatusBadRequest, answer: `~is no time`},
		{name: "a parameter that is none", method: "GET", path: "/api/decisions?sinc=2h", status: http.StatusBadRequest, answer: `~no parameter`},
	})
}

func TestSubjectsAreExportedSuppressedAndDeleted(t *testing.T) {
	m := newMemory()
	run(t, handler(m), []exchange{
		{name: "what is held, a line each", method: "POST", path: "/api/subjects/export", body: `{"id":"c1"}`, status: yes,
			answer: "{\"suppression\":{\"subject\":\"5e88\"}}\n{\"done\":true}", headerAnswer: "Content-Type: application/x-ndjson"},
		{name: "an export that breaks says so", method: "POST", path: "/api/subjects/export", body: `{"id":"broken"}`, status: yes, answer: "~\n{\"error\":\"read group 7: gone\"}"},
		{name: "of a kind that is none", method: "POST", path: "/api/subjects/export", body: `{"id":"c1","kind":"name"}`, status: http.StatusBadRequest, answer: `~not clear who this is`},
		{name: "a mistyped key", method: "POST", path: "/api/subjects/export", body: `{"id":"c1","knid":"email"}`, status: http.StatusBadRequest, answer: `~unknown field`},
		{name: "suppressed", method: "POST", path: "/api/subjects/suppress", body: `{"id":"a@shop.example","kind":"email","why":"ticket 7"}`, status: yes, answer: `{"person":{"kind":"email","id":"a@shop.example","together":2},"suppressed":true}`},
		{name: "nobody", method: "POST", path: "/api/subjects/suppress", body: `{}`, status: http.StatusBadRequest, answer: `~not clear who this is`},
		{name: "deleted", method: "POST", path: "/api/subjects/delete", body: `{"id":"c1"}`, status: yes,
			answer: `{"destinations":[{"destination":"meta","delivered":2,"stopped":0,"dropped":0,"elsewhere":0,"removed":0,"advice":"ask them"}],"person":{"kind":"email","id":"c1","together":2},"suppressed":true}`},
		{name: "a signed link", method: "POST", path: "/api/subjects/link", body: `{"id":"c1","for":"48h"}`, status: yes, answer: `{"link":"/consent?id=c1&until=2026-11-24","until":"2026-11-24T12:00:00Z"}`},
		{name: "what senders have asked for", method: "GET", path: "/api/subjects/requests", status: yes,
			answer: `{"requests":[{"id":"a1","time":"2026-11-22T12:00:00Z","source":"shop","do":"export","reference":"9999","state":"to_do"}]}`},
		{name: "a person did what one asks for", method: "POST", path: "/api/subjects/requests/a1/done", body: `{"why":"ticket 7"}`, status: yes,
			answer: `~"state":"done","settled":{"time":"2026-11-22T12:00:00Z","by":"admin token","why":"ticket 7"}`},
		{name: "one that is none", method: "POST", path: "/api/subjects/requests/b2/done", body: `{}`, status: http.StatusConflict, answer: `~there is none with the id \"b2\"`},
		{name: "a link for no time", method: "POST", path: "/api/subjects/link", body: `{"id":"c1","for":"ever"}`, status: http.StatusBadRequest, answer: `~is no duration such as 720h`},
		{name: "a link for nobody", method: "POST", path: "/api/subjects/link", body: `{}`, status: http.StatusBadRequest, answer: `~not clear who this is`},
		{name: "by a link", method: "GET", path: "/api/subjects/delete", status: http.StatusMethodNotAllowed, answer: `~POST`},
	})
	for _, want := range []string{"email a@shop.example: ticket 7", " c1: asked through the admin API on 2026-11-22"} {
		if !slices.Contains(m.suppressed, want) {
			t.Errorf("lacks %q: %q", want, m.suppressed)
		}
	}
}
