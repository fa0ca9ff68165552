package edit_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"headgate/config/edit"
	"headgate/document"
)

func hook(name string) *edit.Addition {
	return &edit.Addition{Name: name, Use: "webhook", Settings: []edit.Written{{Key: "url", Value: "https://hooks.shop.example/e"}, {Key: "secret", Value: "${HOOK}"}},
		Fields: []edit.Written{{Key: "when", Value: `name == "purchase"`}}}
}

const hookText = "  hook:\n    use: webhook\n    settings:\n      url: \"https://hooks.shop.example/e\"\n      secret: \"${HOOK}\"\n    when: \"name == \\\"purchase\\\"\"\n"

func TestADestinationIsAddedAfterTheOthers(t *testing.T) {
	wide := strings.ReplaceAll(hookText, "  ", "    ")
	for _, c := range []struct{ name, text, want string }{
		{"an empty file", "", "\ndestinations:\n" + hookText},
		{"no destinations", "listen: \":80\"", "listen: \":80\"\n\ndestinations:\n" + hookText},
		{"none yet", "destinations:  # here\nqueue: {}\n", "destinations:  # here\n" + hookText + "queue: {}\n"},
		{"empty brackets", "destinations: {}\nqueue: {}\n", "destinations:\n" + hookText + "queue: {}\n"},
		{"the last section", "destinations:\n  a: {}  # first\n  # a comment of it\n\n# the end\n", "destinations:\n  a: {}  # first\n  # a comment of it\n" + hookText + "\n# the end\n"},
		{"before another section", "destinations:\n    a:\n        use: jsonl\n\n# what follows\nqueue: {}\n", "destinations:\n    a:\n        use: jsonl\n" + wide + "\n# what follows\nqueue: {}\n"},
		{"no end of the last line", "destinations:\n  a: {}", "destinations:\n  a: {}\n" + hookText},
		{"lines of another system", "destinations:\r\n  a: {}\r\nqueue: {}\r\n", "destinations:\r\n  a: {}\r\n" + hookText + "queue: {}\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, added, err := hook("hook").AddTo([]byte(c.text))
			if err != nil || string(got) != c.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, c.want)
			}
			if !strings.Contains(string(got), added) || !strings.Contains(added, "hook:") {
				t.Errorf("added %q", added)
			}
		})
	}
}

func TestNothingIsAddedWhereThatNeedsAPerson(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
	}{
		{"destinations: {a: {}}\n", edit.ErrFlow}, {"destinations: *others\n", nil}, {"destinations:\n  hook: {}\n", edit.ErrTaken},
	} {
		if _, _, err := hook("hook").AddTo([]byte(c.text)); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%q: %v, want %v", c.text, err, c.want)
		}
	}
	for _, name := range []string{"", "a b", "a: {}\nx", "#", "1"} {
		if _, _, err := hook(name).AddTo(nil); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	evil := edit.Addition{Name: "a", Settings: []edit.Written{{Key: "x: 1\n  b", Value: 1}}}
	if _, _, err := evil.AddTo(nil); err == nil {
		t.Error("a key may hold anything")
	}
}

func TestWhatIsAddedToTheExampleIsRead(t *testing.T) {
	text, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	values := []edit.Written{{Key: "text", Value: "a: b # c\n\"d\" 'e' \u2028 ü"}, {Key: "number", Value: 1.5}, {Key: "list", Value: []any{"x", 1.0, true}}, {Key: "map", Value: map[string]any{"k y": "v"}},
		{Key: "no", Value: "no"}, {Key: "yes", Value: true}, {Key: "nothing", Value: nil}}
	got, _, err := (&edit.Addition{Name: "added", Settings: values}).AddTo(text)
	if err != nil {
		t.Fatal(err)
	}
	root, ms := document.Parse("x", got)
	if ms != nil {
		t.Fatal(ms.Err())
	}
	settings := root.Get("destinations").Get("added").Get("settings")
	if got, want := len(settings.Fields), len(values); got != want {
		t.Fatalf("%d settings, want %d", got, want)
	}
	if got := settings.Get("text").Text; got != values[0].Value {
		t.Errorf("text %q", got)
	}
	if n := settings.Get("no"); n.Kind != document.Text {
		t.Errorf("no is %v", n.Kind)
	}
	if n := settings.Get("yes"); n.Kind != document.Bool {
		t.Errorf("yes is %v", n.Kind)
	}
}

// FuzzAddTo adds to whatever text: the rest of it stays, and what could be read before can be read afterwards.
func FuzzAddTo(f *testing.F) {
	text, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(text), "", "destinations:\n  a: {}\n", "a: |\n  destinations:\n", "destinations: &x\n  a: {}\nb: *x\n", "\"destinations\":\n  a:\n    b: |2\n\n\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, added, err := hook("hook").AddTo([]byte(text))
		if err != nil {
			return
		}
		if _, before := document.Parse("x", []byte(text)); len(before) > 0 {
			return
		}
		root, ms := document.Parse("x", got)
		if len(ms) > 0 {
			t.Fatalf("%v\n%q", ms.Err(), got)
		}
		if root.Get("destinations").Get("hook") == nil {
			t.Errorf("it is not there: %q", got)
		}
		if rest := strings.Replace(string(got), added, "", 1); len(rest) < len(strings.Replace(text, " {}", "", 1)) {
			t.Errorf("something is lost: %q became %q", text, got)
		}
	})
}
