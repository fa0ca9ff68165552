package rules_test

import (
	"strings"
	"testing"

	"headgate/event"
	"headgate/rules"
)

// Reading a long text again and again is work, however little comes of it.
func TestFormulasThatReadALongTextOftenAreStopped(t *testing.T) {
	l := language(t)
	long := strings.Repeat("é", 100_000)
	texts := make([]event.Value, 20)
	for i := range texts {
		texts[i] = event.String(long + string(rune('a'+i)))
	}
	deep := event.ListOf(texts...)
	environment := &rules.Env{Hit: &event.Hit{}, Event: &event.Event{Params: event.Map{
		{Key: "s", Value: event.String(long)}, {Key: "t", Value: event.String(strings.Clone(long))},
		{Key: "texts", Value: event.ListOf(texts...)}, {Key: "lists", Value: event.ListOf(deep, deep, deep, deep, deep, deep)},
	}}}
	for _, formula := range []string{
		`sum(map(1..10000, len(params.s)))`,
		`all(1..10000, params.s[0:1] == "é")`,
		`all(1..10000, params.s <= params.t)`,
		`all(1..10000, params.s == params.t)`,
		`all(1..10000, params.s in params.texts or true)`,
		`all(1..10000, params.texts in params.lists)`,
		`len(map(1..10000, sort(params.texts)))`,
		`len(map(1..10000, unique(params.texts)))`,
	} {
		f, ms := l.Formula(words(formula), everything(), rules.Any)
		if len(ms) > 0 {
			t.Fatal(ms.Err())
		}
		m := l.Machine()
		_, err := f.Value(m, environment)
		m.Release()
		if err == nil || !strings.Contains(err.Error(), "the formula does too much work for one event") {
			t.Errorf("%s: %v", formula, err)
		}
	}
}
