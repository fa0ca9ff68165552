package tests_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const withInsight = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
sources:
  events: {path: /e}
insight:
  funnels:
    checkout: {steps: [view_item, add_to_cart, purchase]}
destinations:
  ads:
    use: webhook
    settings: {url: "https://hooks.shop.example/events"}
    consent: {needs: [analytics, ads], refused: drop}
`

// insightStory is visitors who shop: of ten, five put something into their cart and two buy.
func insightStory(t *testing.T, p *process, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		steps := []string{"page_view", "view_item"}
		if n%2 == 0 {
			steps = append(steps, "add_to_cart")
		}
		if n%5 == 0 && n%2 == 0 || n%5 == 4 && n%2 == 0 {
			steps = append(steps, "purchase")
		}
		for k, name := range steps {
			sendStep(t, p, fmt.Sprintf("visitor-marker-%d", n), fmt.Sprintf("e-%d-%d", n, k), name, true)
		}
		sendStep(t, p, fmt.Sprintf("refused-marker-%d", n), fmt.Sprintf("r-%d", n), "view_item", false)
	}
}

func sendStep(t *testing.T, p *process, client, id, name string, granted bool) {
	t.Helper()
	body := fmt.Sprintf(`{"id":%q,"name":%q,"user":{"client_id":%q,"email":"mail-marker@shop.example"},"page":{"url":"https://www.shop.example/p?q=query-marker"},
		"params":{"value":10,"currency":"EUR"},"consent":{"analytics":%v,"ads":false}}`, id, name, client, granted)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Public+"/e", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("%s answers %d", name, resp.StatusCode)
	}
}

type funnelSaid struct {
	Steps []struct {
		Event    string
		Visitors int
		Value    float64
	}
	Unmeasured int `json:"visitors_unmeasured"`
}

func (f funnelSaid) String() string {
	var b strings.Builder
	for _, s := range f.Steps {
		fmt.Fprintf(&b, "%s %d %v, ", s.Event, s.Visitors, s.Value)
	}
	fmt.Fprintf(&b, "unmeasured %d", f.Unmeasured)
	return b.String()
}

func funnelIs(p *process, want string) {
	p.t.Helper()
	p.Until("the funnel is: "+want, func() bool {
		var said funnelSaid
		p.Ask(http.MethodGet, "/api/insight/funnel?name=checkout", &said)
		return said.String() == want
	})
}

// Insight shows what visitors do although no destination may have their events; a kill, a deleted store and a rebuild change nothing;
// who refused is nowhere, and who is deleted is gone.
func TestInsightCountsWhatVisitorsDo(t *testing.T) {
	t.Parallel()
	p := newProcess(t, withInsight)
	p.Start()
	insightStory(t, p, 0, 10)
	const half = "view_item 10 100, add_to_cart 5 50, purchase 2 20, unmeasured 10"
	funnelIs(p, half)
	p.Kill()
	p.Start()
	funnelIs(p, half)
	insightStory(t, p, 10, 20)
	const whole = "view_item 20 200, add_to_cart 10 100, purchase 4 40, unmeasured 20"
	funnelIs(p, whole)
	p.Stop() // what is in memory is written
	p.Start()
	funnelIs(p, whole)

	store := filepath.Join(p.Folder, "data", "insight")
	for _, marker := range []string{"visitor-marker", "refused-marker", "mail-marker", "query-marker"} {
		if in := filesWith(t, store, marker); len(in) > 0 {
			t.Errorf("%s is in %v", marker, in)
		}
	}
	log := filepath.Join(p.Folder, "data", "queue")
	for _, marker := range []string{"refused-marker", "mail-marker", "query-marker"} { // nobody may have these
		if in := filesWith(t, log, marker); len(in) > 0 {
			t.Errorf("%s is in %v", marker, in)
		}
	}

	p.Kill()
	if err := os.RemoveAll(store); err != nil {
		t.Fatal(err)
	}
	p.Start()
	funnelIs(p, whole)
	rebuild(p)
	funnelIs(p, whole)

	exported(t, p)
	var visitor struct{ Visitor string }
	p.Ask(http.MethodGet, "/api/insight/visitors/visitor-marker-4", &visitor)
	var deleted struct {
		Destinations []struct {
			Destination string
			Removed     int
		}
	}
	resp := p.Send(http.MethodPost, "/api/subjects/delete", strings.NewReader(`{"kind":"client_id","id":"visitor-marker-4"}`))
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&deleted); err != nil {
		t.Fatal(err)
	}
	if n := len(deleted.Destinations); n == 0 || deleted.Destinations[n-1].Destination != "insight" || deleted.Destinations[n-1].Removed != 4 {
		t.Errorf("deleting removed %+v", deleted.Destinations)
	}
	const without = "view_item 19 190, add_to_cart 9 90, purchase 3 30, unmeasured 20"
	funnelIs(p, without)
	rebuild(p)
	funnelIs(p, without)
}

// exported fails unless an export has what insight holds of a visitor, and the metrics have how much it holds.
func exported(t *testing.T, p *process) {
	t.Helper()
	resp := p.Send(http.MethodPost, "/api/subjects/export", strings.NewReader(`{"kind":"client_id","id":"visitor-marker-4"}`))
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if want := `"derived":{"name":"insight","has":[{"visitor":`; err != nil || !strings.Contains(string(said), want) || !strings.Contains(string(said), `"event":"add_to_cart","page":"/p"`) {
		t.Errorf("an export lacks %s: %s, %v", want, said, err)
	}
	metrics := p.Send(http.MethodGet, "/metrics", nil)
	defer func() { _ = metrics.Body.Close() }()
	if said, err = io.ReadAll(metrics.Body); err != nil || !strings.Contains(string(said), "\nheadgate_insight_events 74\n") {
		t.Errorf("the metrics lack 74 events: %v", err)
	}
}

func rebuild(p *process) {
	p.t.Helper()
	resp := p.Send(http.MethodPost, "/api/insight/rebuild", strings.NewReader(`{}`))
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Contains(said, []byte(`"done":true`)) {
		p.t.Errorf("a rebuild says %s, %v", said, err)
	}
}

func filesWith(t *testing.T, folder, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
