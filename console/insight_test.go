package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/console"
	"headgate/console/access"
	"headgate/insight/answers"
)

// counted is an Insight that names a visitor wherever one can be named.
type counted struct{ console.Insight }

func (counted) Funnel(context.Context, url.Values) (*answers.Answer, error) {
	return &answers.Answer{Header: []string{"event"}, JSON: map[string]any{"name": "checkout", "steps": []any{map[string]any{"event": "purchase", "visitors": 3, "dropped": []string{marker}}}}}, nil
}

func (counted) Carts(context.Context, url.Values) (*answers.Answer, error) {
	return &answers.Answer{JSON: map[string]any{"opened": 3, "visitors": []string{marker}}}, nil
}

func (counted) Searches(_ context.Context, q url.Values) (*answers.Answer, error) { return words(q) }

func (counted) Rising(_ context.Context, q url.Values) (*answers.Answer, error) { return words(q) }

// words are what visitors typed: shoes ten of them, a name one.
func words(q url.Values) (*answers.Answer, error) {
	rows := [][]string{{"shoes"}}
	if least, _ := strconv.Atoi(q.Get("least")); least <= 1 {
		rows = append(rows, []string{marker})
	}
	return &answers.Answer{Header: []string{"term"}, Rows: rows, JSON: map[string]any{"rows": rows}}, nil
}

func (counted) Visitor(context.Context, string, url.Values) (*answers.Answer, error) {
	return &answers.Answer{JSON: map[string]any{"visitor": marker}}, nil
}

func TestAViewerSeesTotalsAndNoVisitors(t *testing.T) {
	m := newMemory()
	m.admin = staff()
	trail, err := access.NewTrail(new(book), func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	h := console.Handler(m, m, console.Options{Listen: "127.0.0.1:8081", Token: testToken, Trail: trail, Versions: kept(), Insight: counted{}, Now: func() time.Time { return noon }})
	for path, want := range map[string]string{
		"/api/insight/funnel?name=checkout": `{"name":"checkout","steps":[{"event":"purchase","visitors":3}]}`,
		"/api/insight/carts":                `{"opened":3}`,
		"/api/insight/searches":             `{"rows":[["shoes"]]}`,
		"/api/insight/searches?least=1":     `{"rows":[["shoes"]]}`,
		"/api/insight/searches?least=x":     `{"rows":[["shoes"]]}`,
		"/api/insight/rising?of=search":     `{"rows":[["shoes"]]}`,
	} {
		if w := ask(t, h, "GET", path, "", "Authorization", "Bearer "+tokenOf("viewer")); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
		if w := ask(t, h, "GET", path, "", "Authorization", "Bearer "+tokenOf("analyst")); !strings.Contains(w.Body.String(), marker) {
			t.Errorf("%s: an analyst sees %s", path, w.Body)
		}
	}
	w := ask(t, h, "GET", "/api/insight/searches", "", "Authorization", "Bearer "+tokenOf("viewer"), "Accept", "text/csv")
	if strings.Contains(w.Body.String(), marker) {
		t.Errorf("as CSV: %s", w.Body)
	}
	for _, path := range []string{"/api/insight/visitors/1", "/api/insight/carts?filter=name%20==%20%22x%22"} {
		if w := ask(t, h, "GET", path, "", "Authorization", "Bearer "+tokenOf("viewer")); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), marker) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
