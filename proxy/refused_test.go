package proxy

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"headgate/event"
	"headgate/proxy/resend"
	"headgate/queue"
)

func TestAnEventThatNobodyMayHaveIsExplainedWithoutKeepingIt(t *testing.T) {
	s := newSink(t)
	folder := t.TempDir()
	r := start(t, folder, s, "rules:\n  - {name: staff, when: params.staff, drop: true}\n")
	r.send(t, `{"name":"purchase","id":"anna@mark.example","consent":{"analytics":false},"user":{"email":"anna@mark.example"},"params":{"note":"secret words"}}`)
	r.send(t, `[{"name":"purchase","id":"dropped","params":{"staff":true}},{"name":"purchase","id":"sent"}]`)
	if d := r.account(t, "sink"); d.Denied != 1 || d.Filtered != 1 || d.Delivered != 1 {
		t.Fatalf("%+v", d)
	}
	check := func(id string, action event.Action, reason event.Reason, droppedBy string) {
		t.Helper()
		traces, err := r.Stored(t.Context(), id)
		if err != nil || len(traces) != 1 {
			t.Fatalf("%s: %d traces, %v", id, len(traces), err)
		}
		got := traces[0]
		if d := got.Destination("sink"); d == nil || d.Action != action || d.Reason != reason || d.Verdict != nil {
			t.Errorf("%s: %+v", id, d)
		}
		if got.Event.ID != id || got.Event.Name != "purchase" || got.Source != "events" || got.Event.Time.IsZero() || got.DroppedBy != droppedBy {
			t.Errorf("%s: %+v", id, got)
		}
		var text bytes.Buffer
		if err := got.WriteText(&text); err != nil || !bytes.Contains(text.Bytes(), []byte("sink  "+action.String()+": "+string(reason))) {
			t.Errorf("%v\n%s", err, &text)
		}
	}
	check("anna@mark.example", event.Deny, event.PurposeDenied, "")
	check("dropped", event.Filter, event.DroppedByRule, "staff")
	if _, err := r.Stored(t.Context(), "never came"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an event that never came: %v", err)
	}
	stored, decisions := 0, 0
	err := r.log.Scan(t.Context(), time.Time{}, func(s queue.Stored) bool {
		stored++
		for _, personal := range []string{"anna", "secret"} {
			if bytes.Contains(s.Bytes, []byte(personal)) {
				t.Errorf("%q is kept in %q", personal, s.Bytes)
			}
		}
		return true
	})
	if err != nil || stored != 3 {
		t.Errorf("%d are stored, %v", stored, err)
	}
	if err := r.Decisions(t.Context(), time.Time{}, func([]byte) bool { decisions++; return true }); err != nil || decisions != 1 {
		t.Errorf("%d decisions, %v", decisions, err)
	}
	if tally, err := r.Replay(t.Context(), resend.Replay{To: "sink"}, func(resend.Tally) {}); err != nil || tally.Matched != 1 {
		t.Errorf("replayed: %+v %v", tally, err)
	}
}
