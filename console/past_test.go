package console_test

import "testing"

func TestThePastIsAskedFor(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{name: "search", method: "GET", path: "/api/search?q=name:purchase%20x&limit=3&since=2h&destination=meta&state=denied", status: 200, answer: `~"id":"name:purchase x 3 2h0m0s metadeniedtrue"`},
		{name: "search for all", method: "GET", path: "/api/search", status: 200, answer: `~"id":" 50 72h0m0s true"`},
		{name: "search until", method: "GET", path: "/api/search?until=1h", status: 200, answer: `~"id":" 50 72h0m0s false"`},
		{name: "search not understood", method: "GET", path: "/api/search?q=%3F", status: 400, answer: `{"error":"the search is not understood: say what"}`},
		{name: "search for too many", method: "GET", path: "/api/search?limit=501", status: 400, answer: `{"error":"limit: expected a number from 1 to 500, not \"501\""}`},
		{name: "search by what is not there", method: "GET", path: "/api/search?query=x", status: 400, answer: `{"error":"no parameter \"query\"; there are q, since, until, limit, destination, state"}`},
		{name: "history", method: "GET", path: "/api/history?since=2026-11-22T10:00:00Z&until=1h&step=5m&site=shop&destination=meta", status: 200,
			answer: `{"since":"2026-11-22T10:00:00Z","until":"2026-11-22T11:00:00Z","began":"0001-01-01T00:00:00Z","step":300,"points":0,"writer":"","series":[{"site":"shop","destination":"meta","state":"","total":0,"counts":null}]}`},
		{name: "history of a day", method: "GET", path: "/api/history", status: 200, answer: `~{"since":"2026-11-21T12:00:00Z","until":"2026-11-22T12:00:00Z"`},
		{name: "history by the second", method: "GET", path: "/api/history?step=1s", status: 400, answer: `~"the question is not understood: step"`},
		{name: "history by whatever", method: "GET", path: "/api/history?step=often", status: 400, answer: `{"error":"step: \"often\" is no length of time such as 5m"}`},
		{name: "a bad end", method: "GET", path: "/api/history?until=soon", status: 400, answer: `~{"error":"until: \"soon\" is no time`},
		{name: "conversions", method: "GET", path: "/api/conversions?event=purchase", status: 200, answer: `~"events":["purchase"]`},
		{name: "consent", method: "GET", path: "/api/consent?since=7d", status: 200, answer: `~{"since":"2026-11-15T12:00:00Z"`},
		{name: "destination", method: "GET", path: "/api/destinations/meta", status: 200, answer: `~{"name":"meta"`},
		{name: "no destination", method: "GET", path: "/api/destinations/nowhere", status: 404, answer: `{"error":"not found"}`},
		{name: "a parameter that is not for it", method: "GET", path: "/api/destinations/meta?site=shop", status: 400, answer: `{"error":"no parameter \"site\"; there are since, until"}`},
	})
}
