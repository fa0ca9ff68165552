package console_test

import (
	"testing"
	"time"

	"headgate/proxy/resend"
)

func TestDeadLetters(t *testing.T) {
	first := `{"cursor":"meta/0","destination":"meta","event_id":"e0","event_name":"purchase","event_time":"2026-11-22T12:00:00Z","died":"2026-11-22T12:00:00Z","attempts":1,"why":"no <email>"}`
	run(t, handler(newMemory()), []exchange{
		{"a page", "GET", "/api/dead?limit=1", "", 200, `{"total":3,"dead":[` + first + `],"next":"meta/0"}`, "", ""},
		{"the next page", "GET", "/api/dead?limit=2&after=meta/1", "", 200, `~{"total":3,"dead":[{"cursor":"meta/2"`, "", ""},
		{"all", "GET", "/api/dead", "", 200, `~{"total":3,"dead":[`, "", ""},
		{"none", "GET", "/api/dead?destination=archive", "", 200, `{"total":0,"dead":[]}`, "", ""},
		{"by formula", "GET", `/api/dead?where=name+%3D%3D+%22sign_up%22`, "", 200, `~{"total":1,"dead":[{"cursor":"meta/2"`, "", ""},
		{"by time", "GET", "/api/dead?since=2026-11-22T14:00:00Z", "", 200, `~{"total":1,`, "", ""},
		{"by span", "GET", "/api/dead?since=7d", "", 200, `~{"total":3,`, "", ""},
		{"a wrong formula", "GET", "/api/dead?where=nmae", "", 400, `{"error":"where:1:1: no field \"nmae\"; did you mean \"name\"?","mistakes":[{"file":"where","line":1,"column":1,"fact":"no field \"nmae\"","cure":"did you mean \"name\"?"}]}`, "", ""},
		{"a wrong limit", "GET", "/api/dead?limit=0", "", 400, `~a number from 1 to 1000`, "", ""},
		{"a wrong time", "GET", "/api/dead?since=yesterday", "", 400, `~no time such as`, "", ""},
		{"one", "GET", "/api/dead/meta/e0", "", 200, `~"why":"no <email>","trace":{"event":{"id":"e0"`, "", ""},
		{"not one", "GET", "/api/dead/meta/e9", "", 404, `{"error":"not found"}`, "", ""},
		{"a parameter that picks nothing would pick all", "POST", "/api/dead/drop?event_id=e0", "", 400, `~no parameter \"event_id\"`, "", ""},
		{"retry two", "POST", "/api/dead/retry?id=e0&id=e1", "", 200, `{"retried":2}`, "", ""},
		{"one is left", "GET", "/api/dead", "", 200, `~{"total":1,`, "", ""},
		{"drop the rest", "POST", "/api/dead/drop", "", 200, `{"dropped":1}`, "", ""},
		{"none is left", "GET", "/api/dead", "", 200, `{"total":0,"dead":[]}`, "", ""},
	})
}

func TestReplaySaysHowFarItHasCome(t *testing.T) {
	m := newMemory()
	run(t, handler(m), []exchange{
		{"to its end", "POST", "/api/replay", `{"to":"meta","since":"2h","where":"name == \"purchase\"","dry_run":true}`, 200,
			`{"read":1000,"of":1500,"matched":10,"done":false}` + "\n" + `{"read":1500,"of":1500,"matched":12,"done":true}`, "", "Content-Type: application/x-ndjson"},
		{"that fails on the way", "POST", "/api/replay", `{"to":"archive","dead":true}`, 200,
			`{"read":1000,"of":1500,"matched":10,"done":false}` + "\n" + `{"error":"read group 7: gone"}`, "", ""},
		{"to nobody", "POST", "/api/replay", `{"dead":true}`, 400, `{"error":"to: which destination?"}`, "", ""},
		{"to somebody unknown", "POST", "/api/replay", `{"to":"mta"}`, 404, `{"error":"not found"}`, "", ""},
		{"with a wrong formula", "POST", "/api/replay", `{"to":"meta","where":"nmae"}`, 400, `~did you mean`, "", ""},
		{"since never", "POST", "/api/replay", `{"to":"meta","since":"never"}`, 400, `~no time such as`, "", ""},
	})
	ask(t, handler(m), "POST", "/api/replay", `{"to":"meta","since":"2h","dead":true,"dry_run":true}`)
	if want := (resend.Replay{To: "meta", Since: noon.Add(-2 * time.Hour), DeadLetters: true, DryRun: true}); m.replayed != want {
		t.Errorf("replayed %+v, want %+v", m.replayed, want)
	}
}

func TestABackfillSaysHowFarItHasCome(t *testing.T) {
	m := newMemory()
	run(t, handler(m), []exchange{
		{"to its end", "POST", "/api/backfill", `{"from":"log","to":"meta","since":"2h","until":"1h","where":"name == \"purchase\""}`, 200,
			`{"read":1000,"of":1500,"delivered":900,"withheld":0,"rejected":0,"at":"somewhere","done":false}` + "\n" +
				`{"read":1500,"of":1500,"delivered":1400,"withheld":7,"rejected":1,"why":"too long","done":true}`, "", "Content-Type: application/x-ndjson"},
		{"that fails on the way", "POST", "/api/backfill", `{"from":"log","to":"archive"}`, 200,
			`{"read":1000,"of":1500,"delivered":900,"withheld":0,"rejected":0,"at":"somewhere","done":false}` + "\n" + `{"error":"backfill: archive refuses our settings"}`, "", ""},
		{"from nowhere", "POST", "/api/backfill", `{"to":"meta"}`, 400, `~from where`, "", ""},
		{"from what keeps nothing", "POST", "/api/backfill", `{"from":"nothing","to":"meta"}`, 400, `~keeps nothing`, "", ""},
		{"to somebody unknown", "POST", "/api/backfill", `{"from":"log","to":"mta"}`, 404, `{"error":"not found"}`, "", ""},
		{"until never", "POST", "/api/backfill", `{"from":"log","to":"meta","until":"never"}`, 400, `~no time such as`, "", ""},
	})
	ask(t, handler(m), "POST", "/api/backfill", `{"from":"log","to":"meta","since":"2h","again":true}`)
	first := m.filled
	ask(t, handler(m), "POST", "/api/backfill", `{"from":"log","to":"meta","since":"2h","dry_run":true}`)
	if !first.Since.Equal(noon.Add(-2*time.Hour)) || !first.Again || !m.filled.DryRun || first.Asked != m.filled.Asked || first.Asked == "" {
		t.Errorf("asked for %+v, then %+v", first, m.filled)
	}
}
