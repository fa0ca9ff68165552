package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"headgate/document"
	"headgate/rules"
)

// value reads one YAML value as a template and fills it in.
func value(t *testing.T, l *rules.Language, yaml string) (result string, constant bool) {
	t.Helper()
	n, ms := document.Parse("meta.yaml", []byte("v: "+yaml))
	if len(ms) > 0 {
		return ms.Err().Error(), false
	}
	tmpl, ms := l.Template(n.Get("v"), everything())
	if len(ms) > 0 {
		return ms.Err().Error(), false
	}
	_, constant = tmpl.Const()
	m := l.Machine()
	defer m.Release()
	v, err := tmpl.Value(m, environment())
	result = string(v.AppendJSON(nil))
	if err != nil {
		result += " failed: " + err.Error()
	}
	return result, constant
}

func TestTemplates(t *testing.T) {
	l := language(t)
	for _, c := range []struct {
		name, yaml, want string
		constant         bool
	}{
		{"text is text", `EUR`, `"EUR"`, true},
		{"a number is a number", `10`, `10`, true},
		{"a number keeps its digits", `12345678901234567890`, `12345678901234567890`, true},
		{"a number in YAML's own spelling", `1_000`, `1000`, true},
		{"a quoted number is text", `"10"`, `"10"`, true},
		{"true is true", `true`, `true`, true},
		{"nothing is nil", ``, `null`, true},
		{"a formula", `=upper(params.currency)`, `"EUR"`, false},
		{"a formula of constants is one", `=1 + 2`, `3`, true},
		{"a formula in quotes", `'=params.value'`, `119`, false},
		{"holes", `https://{settings.version}.graph.example/{settings.pixel_id}/events`, `"https://v25.0.graph.example/111/events"`, false},
		{"a hole of nothing is empty", `a{params.missing}b`, `"ab"`, false},
		{"numbers in holes are written as they were", `"{params.order_number}"`, `"12345678901234567890"`, false},
		{"an object in a hole is JSON", `x{params.nested}`, `"x{\"a\":{\"b\":7}}"`, false},
		{"a hole with braces and quotes of its own", `'{json({a: "}"})}'`, `"{\"a\":\"}\"}"`, false},
		{"braces themselves", `'{{"a": {params.value}}}'`, `"{\"a\": 119}"`, false},
		{"a text that begins with =", `'="=1"'`, `"=1"`, true},
		{"lists and maps with formulas", `{a: [1, =name, =params.missing], b: {c: =params.empty}, d: x}`, `{"a":[1,"purchase"],"d":"x"}`, false},
		{"lists and maps of constants", `{a: [1, {b: c}], e: ""}`, `{"a":[1,{"b":"c"}]}`, true},
		{"a failing formula costs its key", `{a: =params.missing * 2, b: 1}`,
			`{"b":1} failed: meta.yaml:1:9: params.missing is nil and cannot be calculated with; write default(params.missing, 0)`, false},
		{"a failing hole costs the text", `"{params.missing * 2} EUR"`,
			`null failed: meta.yaml:1:6: params.missing is nil and cannot be calculated with; write default(params.missing, 0)`, false},
		{"a mistake deep inside has its place", `{a: [b, {c: =pgae.url}]}`, `meta.yaml:1:17: no field "pgae"; did you mean "page"?`, false},
		{"every mistake at once", `[=a, "{b}"]`, "meta.yaml:1:6: no field \"a\"; write texts in quotes: \"a\"\nmeta.yaml:1:11: no field \"b\"; write texts in quotes: \"b\"", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, constant := value(t, l, c.yaml); got != c.want || constant != c.constant {
				t.Errorf("\n got %s constant %v\nwant %s constant %v", got, constant, c.want, c.constant)
			}
		})
	}
}

func TestAFormulaOverSeveralLinesHasItsPlace(t *testing.T) {
	l := language(t)
	got, _ := value(t, l, "|\n  =params.value\n    + pgae.url")
	if want := `meta.yaml:3:7: no field "pgae"; did you mean "page"?`; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestAScopeKnowsOnlyItsNames(t *testing.T) {
	l := language(t)
	inDestination := rules.DestinationScope([]string{"pixel_id"})
	for _, c := range []struct {
		scope   rules.Scope
		formula string
		want    string
	}{
		{rules.RuleScope(), `request.path == name`, ``},
		{rules.RuleScope(), `settings.a`, `settings is known only inside a destination`},
		{rules.RuleScope(), `theirs`, `theirs is known only inside a destination`},
		{rules.RuleScope(), `header("x")`, `no function "header"; write request.header("...")`},
		{inDestination, `settings.pixel_id == theirs`, ``},
		{inDestination, `request.path`, `request is known only where the request is still at hand: in the rules of all, not in a destination's`},
		{inDestination, `batch`, `batch is known only where a destination builds its request`},
		{inDestination, `status`, `status is known only in the answers of a destination`},
		{inDestination.Answer(), `status >= 200 and attempt > 1 and body.a == header("b")`, ``},
		{inDestination.Answer(), `row`, `row is known only in the rows of an answer`},
		{inDestination.Answer().Row(), `row.index`, ``},
		{inDestination.Each(), `item.id + text(index)`, ``},
		{inDestination, `item`, `item is known only below each:`},
		{inDestination.Batch(), `len(batch)`, ``},
		{rules.Scope{}, `name`, `name is known only where there is one event`},
		{rules.Scope{}, `1 + 1`, ``},
	} {
		_, ms := l.Formula(document.Words{Value: c.formula}, c.scope, rules.Any)
		if got := strings.TrimPrefix(fmt.Sprint(ms.Err()), ":1: "); got != c.want && !(c.want == "" && len(ms) == 0) && !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.formula, got, c.want)
		}
	}
}
