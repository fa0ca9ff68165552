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

	"headgate/alerts"
	"headgate/commands/cli"
	"headgate/config"
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

// Kinds of alerts in the rules are kinds that there are.
func TestRulesNameKindsOfAlertsThatExist(t *testing.T) {
	for where, expression := range deployed(t) {
		parsed, err := metricsql.Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		metricsql.VisitAll(parsed, func(e metricsql.Expr) {
			m, ok := e.(*metricsql.MetricExpr)
			if !ok {
				return
			}
			for _, f := range m.LabelFilterss[0] {
				if f.Label != "kind" || m.LabelFilterss[0][0].Value != "headgate_alerts_open" {
					continue
				}
				for _, kind := range strings.Split(f.Value, "|") {
					if !slices.Contains(alerts.Kinds(), kind) {
						t.Errorf("%s: no kind of alerts is called %s", where, kind)
					}
				}
			}
		})
	}
}

// What the Debian package, the unit and the compose file name is there, and the packaged configuration is one.
func TestWhatIsPackagedIsThere(t *testing.T) {
	pack, mistakes := document.Parse("nfpm.yaml", read(t, "package/nfpm.yaml"))
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, one := range pack.Get("contents").Items {
		files = append(files, one.Get("src").Text)
	}
	for _, f := range pack.Get("scripts").Fields {
		files = append(files, f.Value.Text)
	}
	for _, file := range files {
		if strings.HasPrefix(file, "dist/") {
			continue // the program, which make release builds
		}
		if _, err := os.Stat(filepath.Join("..", file)); err != nil {
			t.Error(err)
		}
	}
	if unit := string(read(t, "systemd/headgate.service")); !strings.Contains(unit, "ExecStart=/usr/bin/headgate serve --config /etc/headgate/headgate.yaml\n") {
		t.Error("the unit does not start the packaged program with the packaged configuration")
	}
	parts, mistakes := config.Open(filepath.Join("..", "deploy", "package", "headgate.yaml"), config.Env{}, config.Deps{Drivers: cli.Drivers()})
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	if err := parts.Close(t.Context()); err != nil {
		t.Error(err)
	}
	compose, mistakes := document.Parse("compose.yaml", read(t, "compose.yaml"))
	if err := mistakes.Err(); err != nil || compose.Get("services").Get("headgate").Get("volumes") == nil {
		t.Errorf("compose.yaml: %v", err)
	}
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
