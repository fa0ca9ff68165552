package tests_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"headgate/document"
	"headgate/tests/trial"
)

// Alerts and the dashboard ask for metrics and labels that the program has.
func TestWhatIsDeployedAsksForMetricsThatExist(t *testing.T) {
	families := scraped(t)
	for where, expression := range deployed(t) {
		parsed, err := metricsql.Parse(expression)
		if err != nil {
			t.Errorf("%s: %s: %v", where, expression, err)
			continue
		}
		metricsql.VisitAll(parsed, func(e metricsql.Expr) {
			if m, ok := e.(*metricsql.MetricExpr); ok {
				checkMetric(t, where, m, families)
			}
			if a, ok := e.(*metricsql.AggrFuncExpr); ok {
				for _, label := range a.Modifier.Args {
					checkLabel(t, where, label, a, families)
				}
			}
		})
	}
}

// checkMetric fails when a metric does not exist, or not with the labels and values that are asked for.
func checkMetric(t *testing.T, where string, m *metricsql.MetricExpr, families map[string]*dto.MetricFamily) {
	t.Helper()
	filters := m.LabelFilterss[0]
	name := filters[0].Value
	if name == "up" {
		return
	}
	family := families[name]
	if family == nil {
		t.Errorf("%s: there is no metric %s", where, name)
		return
	}
	for _, f := range filters[1:] {
		if !ofPrometheus(f.Label) && !hasLabel(family, f.Label, f.Value, f.IsRegexp) {
			t.Errorf("%s: no %s has %s=%q", where, name, f.Label, f.Value)
		}
	}
}

// checkLabel fails when none of the metrics below an aggregation has a label that it groups by.
func checkLabel(t *testing.T, where, label string, a *metricsql.AggrFuncExpr, families map[string]*dto.MetricFamily) {
	t.Helper()
	found := ofPrometheus(label)
	metricsql.VisitAll(a, func(e metricsql.Expr) {
		if m, ok := e.(*metricsql.MetricExpr); ok {
			family := families[m.LabelFilterss[0][0].Value]
			found = found || family != nil && hasLabel(family, label, "", false)
		}
	})
	if !found {
		t.Errorf("%s: nothing below %s has the label %s", where, a.AppendString(nil), label)
	}
}

// ofPrometheus are the labels that scraping adds.
func ofPrometheus(label string) bool { return label == "job" || label == "instance" }

func hasLabel(family *dto.MetricFamily, label, value string, either bool) bool {
	for _, m := range family.GetMetric() {
		for _, p := range m.GetLabel() {
			if p.GetName() == label && (value == "" || p.GetValue() == value || either && slices.Contains(strings.Split(value, "|"), p.GetValue())) {
				return true
			}
		}
	}
	return false
}

// scraped are the metrics of a program that has seen good and bad hits.
func scraped(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	p := trial.New(t, `
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
sources: {ga4: {path: /g/collect}, events: {path: /e}}
scripts: {vendor: {path: /v.js, from: "https://cdn.vendor.example/v.js", needs: none}}
destinations: {archive: {use: parquet, settings: {to: ./archive}}}
`)
	p.Start()
	for _, path := range []string{"/g/collect?v=2&tid=G-EXAMPLE&en=page_view&gcs=G111", "/g/collect?v=2"} {
		resp, err := http.Get(p.Public + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	resp := p.Send(http.MethodGet, "/metrics", nil)
	defer func() { _ = resp.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// deployed are the expressions of deploy/, by where they stand.
func deployed(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	alerts, mistakes := document.Parse("alerts.yaml", read(t, "alerts.yaml"))
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	for _, group := range alerts.Get("groups").Items {
		for _, r := range group.Get("rules").Items {
			name := r.Get("alert").Text
			all[name] = r.Get("expr").Text
			if said := r.Get("annotations"); said.Get("summary") == nil || said.Get("description") == nil {
				t.Errorf("%s does not say what it means and what to do", name)
			}
		}
	}
	type target struct{ Expr string }
	var dashboard struct {
		Annotations struct{ List []target }
		Panels      []struct {
			Title   string
			Targets []target
		}
	}
	if err := json.Unmarshal(read(t, "grafana.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, a := range dashboard.Annotations.List {
		all["annotation"] = a.Expr
	}
	for _, p := range dashboard.Panels {
		for i, one := range p.Targets {
			all[p.Title+" "+string(rune('A'+i))] = one.Expr
		}
	}
	if len(all) < 40 {
		t.Errorf("only %d expressions were found", len(all))
	}
	return all
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
