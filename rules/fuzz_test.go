package rules_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"headgate/document"
	"headgate/rules"
)

// goTalk is what a person who edits YAML must never read.
var goTalk = regexp.MustCompile(`event\.[A-Z]|ast\.|interface \{|runtime error|%!|goroutine|\bnil pointer|strconv|rules\.[A-Z]|Operator\(|Identifier\(|Bracket\(`)

// FuzzFormula compiles and runs whatever it is given: it must end soon, without a panic, with a value, a mistake with a
// place in the text, or a failure with one.
func FuzzFormula(f *testing.F) {
	for _, c := range formulas {
		f.Add(c.formula)
	}
	for _, c := range mistakes {
		f.Add(c.formula)
	}
	for _, c := range failures {
		f.Add(c.formula)
	}
	for _, c := range normalisations {
		f.Add(c.formula)
	}
	l := language(f)
	f.Fuzz(func(t *testing.T, formula string) {
		if !utf8.ValidString(formula) {
			return // YAML is UTF-8
		}
		start := time.Now()
		compiled, ms := l.Formula(words(formula), everything(), rules.Any)
		if (compiled == nil) == (len(ms) == 0) {
			t.Fatalf("%q: neither a formula nor a mistake, or both", formula)
		}
		for _, m := range ms {
			if goTalk.MatchString(m.Fact) && !strings.Contains(formula, goTalk.FindString(m.Fact)) {
				t.Errorf("%q: %s", formula, m.Error())
			}
			if m.Fact == "" || m.At.Line != 14 || m.At.Column < 9 || m.At.Column > 9+utf8.RuneCountInString(formula) {
				t.Errorf("%q: mistake at %s: %s", formula, m.At, m.Fact)
			}
		}
		if compiled == nil {
			return
		}
		m := l.Machine()
		defer m.Release()
		v, err := compiled.Value(m, environment())
		first := err == nil
		if first && !json.Valid(v.AppendJSON(nil)) {
			t.Errorf("%q: is no JSON: %s", formula, v.AppendJSON(nil))
		}
		if _, err = compiled.Value(m, environment()); (err == nil) != first && !strings.Contains(formula, "uuid") {
			t.Errorf("%q: fails only sometimes: %v", formula, err)
		}
		if _, err = compiled.Value(m, &rules.Env{}); err != nil && err.Error() == "" {
			t.Errorf("%q: fails without a reason", formula)
		}
		if took := time.Since(start); took > time.Minute { // which takes milliseconds
			t.Errorf("%q: took %s", formula, took)
		}
	})
}

// FuzzTemplate does the same for a text with holes.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"EUR", "=1", "a{name}b", "{{}}", "{", "}", `{json({a: "}"})}`, "={", "= ", "{=1}", "{items[0].id}{#}"} {
		f.Add(s)
	}
	l := language(f)
	f.Fuzz(func(t *testing.T, text string) {
		n := &document.Node{Kind: document.Text, Text: text, At: document.Place{File: "f", Line: 1, Column: 1}}
		tmpl, ms := l.Template(n, everything())
		if len(ms) > 0 {
			return
		}
		m := l.Machine()
		defer m.Release()
		v, err := tmpl.Value(m, environment())
		if fixed, ok := tmpl.Const(); ok && (err != nil || !fixed.Equal(v)) {
			t.Errorf("%q is constant and is not: %v", text, err)
		}
		if !strings.ContainsAny(text, "{}") && !strings.HasPrefix(text, "=") && v.Text() != text {
			t.Errorf("%q became %q", text, v.Text())
		}
	})
}
