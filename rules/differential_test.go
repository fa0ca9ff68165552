package rules_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"pgregory.net/rapid"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// TestFormulasMeanWhatTheyMeanInExpr makes formulas at random and compares the result with that of expr's own machine. They
// are made so that expr runs them at all: it fails where nil is compared or lowered, and knows integers.
func TestFormulasMeanWhatTheyMeanInExpr(t *testing.T) {
	l, _ := rules.NewLanguage(rules.Options{})
	e := purchase()
	plain := map[string]any{
		"name": e.Name, "page": map[string]any{"url": e.Page.URL, "path": e.Page.Path}, "geo": map[string]any{"eu": e.Geo.EU},
		"params": map[string]any{"value": 119.0, "currency": "eur", "list": []any{1.0, "two"}},
		"items":  []any{map[string]any{"id": "A1", "price": 50.0}, map[string]any{"id": "B2", "price": 19.0}},
	}
	m := l.Machine()
	rapid.Check(t, func(t *rapid.T) {
		formula := (maker{t}).value(4)
		f, ms := l.Formula(document.Words{Value: formula}, rules.RuleScope(), rules.Any)
		program, err := expr.Compile(formula, expr.Env(plain), expr.AllowUndefinedVariables())
		if err != nil {
			t.Skip("expr refuses it") // an error of types that ours finds too, or finds when it runs
		}
		want, wantErr := expr.Run(program, plain)
		if len(ms) > 0 {
			if wantErr == nil && !isNaN(want) && !refused(ms) {
				t.Fatalf("%s is refused: %v", formula, ms)
			}
			return
		}
		got, err := f.Value(m, &rules.Env{Event: e})
		if wantErr != nil || isNaN(want) {
			return // ours may know an answer where expr has none
		}
		var failure *rules.Failure
		if errors.As(err, &failure) {
			if noNumber(failure.Fact) {
				return
			}
			t.Fatalf("%s fails: %v, and expr says %v", formula, err, want)
		}
		b, _ := json.Marshal(want)
		if w, err := event.ParseJSON(b); err != nil || !got.Equal(w) {
			t.Fatalf("%s is %s, and expr says %v", formula, got.AppendJSON(nil), want)
		}
	})
}

// refused are mistakes that expr has no word about, since it finds out only when it runs, or never.
func refused(ms document.Mistakes) bool {
	for _, m := range ms {
		if noNumber(m.Fact) || strings.Contains(m.Fact, "nested in two others") {
			return true
		}
	}
	return false
}

// noNumber are failures on purpose: expr continues with infinities, which JSON cannot say.
func noNumber(fact string) bool {
	return fact == "division by zero" || strings.Contains(fact, "is not a number")
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && (math.IsNaN(f) || math.IsInf(f, 0))
}

// maker makes formulas whose operands are of the kinds that expr wants.
type maker struct{ t *rapid.T }

func (g maker) pick(of ...func() string) string {
	return of[rapid.IntRange(0, len(of)-1).Draw(g.t, "kind")]()
}

func (g maker) one(of ...string) string { return rapid.SampledFrom(of).Draw(g.t, "leaf") }

func (g maker) value(depth int) string {
	return g.pick(func() string { return g.number(depth) }, func() string { return g.truth(depth) }, func() string { return g.text(depth) },
		func() string { return g.list(depth) })
}

func (g maker) number(depth int) string {
	if depth == 0 {
		return g.one("params.value", "items[0].price", "items[-1].price", "2.5", "-3.0", "0.0", "7", "1e3", `len("größe")`, "len(items)")
	}
	d := depth - 1
	return g.pick(
		func() string {
			return "(" + g.number(d) + " " + g.one("+", "-", "*", "/", "**") + " " + g.number(d) + ")"
		},
		func() string { return "-" + g.number(d) },
		func() string { return "(" + g.truth(d) + " ? " + g.number(d) + " : " + g.number(d) + ")" },
		func() string { return "(params.missing ?? " + g.number(d) + ")" },
		func() string { return g.one("abs", "ceil", "floor") + "(" + g.number(d) + ")" },
		func() string { return "max(" + g.number(d) + ", " + g.number(d) + ")" },
		func() string { return "sum(items, .price + " + g.number(d) + ")" },
		func() string { return "count(items, " + g.condition(d) + ")" },
		func() string { return "let v = " + g.number(0) + "; (v + 1.0)" },
		func() string { return g.number(0) })
}

func (g maker) truth(depth int) string {
	if depth == 0 {
		return g.one("geo.eu", "true", "false", `name == "purchase"`, `"value" in params`, `"nope" in params`, `params.missing == nil`)
	}
	d := depth - 1
	return g.pick(
		func() string {
			return "(" + g.truth(d) + " " + g.one("and", "or", "&&", "||", "==", "!=") + " " + g.truth(d) + ")"
		},
		func() string { return g.one("not ", "!") + "(" + g.truth(d) + ")" },
		func() string {
			return "(" + g.number(d) + " " + g.one("<", "<=", ">", ">=", "==", "!=") + " " + g.number(d) + ")"
		},
		func() string {
			return "(" + g.text(d) + " " + g.one("<", "==", "!=", "contains", "startsWith", "endsWith", "not contains") + " " + g.text(d) + ")"
		},
		func() string { return "(" + g.text(d) + ` matches "^[a-p]+")` },
		func() string { return "(" + g.text(d) + " " + g.one("in", "not in") + ` ["eur", "purchase", "x"])` },
		func() string { return g.one("any", "all", "none", "one") + "(items, " + g.condition(d) + ")" },
		func() string { return g.truth(0) })
}

func (g maker) condition(depth int) string {
	return g.one(".price > 20", `.id == "B2"`, "#.price >= "+g.number(min(depth, 1)), "#index == 0", "true")
}

func (g maker) text(depth int) string {
	if depth == 0 {
		return g.one("name", "page.url", "page.path", "params.currency", `"x"`, `""`, `'größe'`, `items[1].id`)
	}
	d := depth - 1
	return g.pick(
		func() string { return "(" + g.text(d) + " + " + g.text(d) + ")" },
		func() string { return g.one("upper", "lower", "trim") + "(" + g.text(d) + " + \"a\")" },
		func() string { return "replace(" + g.text(d) + `, "a", "bb")` },
		func() string { return "(" + g.truth(d) + " ? " + g.text(d) + " : " + g.text(d) + ")" },
		func() string { return g.text(0) })
}

func (g maker) list(depth int) string {
	d := max(depth-1, 0)
	return g.pick(
		func() string { return "[" + g.number(d) + ", " + g.text(d) + ", " + g.truth(d) + "]" },
		func() string {
			return "map(items, " + g.one(".id", ".price", "#.price * 2.0", "#index", g.number(d)) + ")"
		},
		func() string { return "map(filter(items, " + g.condition(d) + "), .id)" },
		func() string { return "map(sortBy(items, .price), .id)" },
		func() string { return "split(" + g.text(d) + `, "e")` },
		func() string { return "params.list" + g.one("", "[1:]", "[:1]", "[0:1]") },
		func() string { return "reverse(params.list)" },
		func() string { return "1..3" })
}

func TestANullIsNeverNeededToBeGuarded(t *testing.T) {
	l, _ := rules.NewLanguage(rules.Options{})
	m := l.Machine()
	for _, f := range rules.Functions() {
		if f.Name == "uuid" || f.Name == "now" {
			continue
		}
		args := map[string]string{"lookup": "", "in_cidr": `params.a, "10.0.0.0/8"`, "format_time": `params.a, "YYYY"`, "replace": `params.a, "a", "b"`,
			"split": `params.a, ","`, "get": `params.a, "b"`, "impersonal": `params.a, "b"`, "bucket": `params.a, 5`, "url_query": `params.a, "b"`, "url_without": `params.a, ["b"]`,
			"hmac_sha256": `params.a, "k"`, "ulid": `params.a, "k"`, "default": `params.a, params.b`, "fbc": `params.a, params.b, params.c, params.d`, "all": "params.a, true",
			"any": "params.a, true", "none": "params.a, true", "one": "params.a, true", "filter": "params.a, true", "find": "params.a, true",
			"clip": `params.a, params.b`, "minor_units": "params.a, params.b", "major_units": "params.a, params.b", "labelled": `params.a, "key", "value", "b"`, "valid_name": `params.a, "ga4"`, "worth": "event", "action_source": "event, params.a",
			"map": "params.a, #", "sortBy": "params.a, #"}[f.Name]
		if f.Name == "lookup" {
			continue
		}
		if args == "" {
			args = "params.a"
		}
		formula, ms := l.Formula(document.Words{Value: f.Name + "(" + args + ")"}, rules.RuleScope(), rules.Any)
		if len(ms) > 0 {
			t.Errorf("%s: %v", f.Name, ms)
			continue
		}
		if v, err := formula.Value(m, &rules.Env{Event: &event.Event{}}); err != nil {
			t.Errorf("%s of nil fails: %v, %s", f.Name, err, v.AppendJSON(nil))
		}
	}
}
