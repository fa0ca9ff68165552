package tests_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestAStoredEventIsExplainedByItsID(t *testing.T) {
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(consentConfig, "VENDOR", v.URL))
	p.Start()
	p.send("/e", `{"name":"purchase","id":"p1","client_id":"c1","page":{"url":"https://shop.example/thanks"},"consent":{"analytics":true,"ads":false}}`)
	text := p.command(0, "explain", "--id", "p1", "--config", p.Path())
	for _, said := range []string{"purchase  p1  (source events)", "stats  deliver: analytics: granted by consent of the event",
		"ads  deny: ads: denied by consent of the event", "with ads granted: deliver", `"page_url": "https://shop.example/thanks"`} {
		if !strings.Contains(text, said) {
			t.Errorf("it does not say %q:\n%s", said, text)
		}
	}
	var traces []struct {
		Destinations map[string]struct {
			Requests []struct{ Body any }
		}
	}
	if err := json.Unmarshal([]byte(p.command(0, "explain", "--id", "p1", "--json", "--config", p.Path())), &traces); err != nil || len(traces) != 1 {
		t.Fatal(err, traces)
	}
	rows := traces[0].Destinations["archive"].Requests
	if row, _ := rows[0].Body.(map[string]any); len(rows) != 1 || row["user_client_id"] != "c1" {
		t.Errorf("the archive's row: %v", rows)
	}
	if said := p.command(1, "explain", "--id", "p2", "--config", p.Path()); !strings.Contains(said, "not found") {
		t.Error(said)
	}
}

func TestAnExplanationSaysWhatHasBecomeOfAStoredEvent(t *testing.T) {
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(consentConfig, "VENDOR", v.URL))
	p.Start()
	explained := func(id string) string { return p.command(0, "explain", "--id", id, "--config", p.Path()) }
	says := func(id, what string) {
		t.Helper()
		if text := explained(id); !strings.Contains(text, what) {
			t.Errorf("it does not say %q:\n%s", what, text)
		}
	}
	granted := `{"name":"purchase","id":"%ID%","client_id":"c1","consent":{"analytics":true,"ads":true}}`
	p.send("/e", strings.ReplaceAll(granted, "%ID%", "there"))
	p.Drained("stats", "ads")
	says("there", "  delivered\n")

	v.answer(http.StatusBadRequest)
	p.send("/e", strings.ReplaceAll(granted, "%ID%", "refused"))
	p.Drained("stats", "ads")
	says("refused", "  reject: ")

	v.answer(http.StatusServiceUnavailable)
	p.send("/e", strings.ReplaceAll(granted, "%ID%", "waits"))
	says("waits", "  pending\n")
	p.sendAs("c1", "/consent", `{"consent":{"analytics":false,"ads":false}}`)
	v.answer(0)
	p.Drained("stats", "ads")
	says("waits", "  deny: consent had been withdrawn when it was to be sent\n")
}
