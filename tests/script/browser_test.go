package script_test

import (
	"errors"
	"testing"

	"headgate/tests/driver"
)

// browser is Chromium or Firefox as one test uses it; all tests share the programs.
type browser struct {
	t *testing.T
	*driver.Browser
}

// started are the browsers that a test has needed, by their scripts. Tests use them one after the other.
var started = map[string]*driver.Browser{}

func newBrowser(t *testing.T, script string) *browser {
	t.Helper()
	if started[script] == nil {
		b, err := driver.Start(script, "script")
		if err != nil {
			t.Fatal(err)
		}
		started[script] = b
	}
	return &browser{t, started[script]}
}

// quit ends the browsers.
func quit() (err error) {
	for _, b := range started {
		err = errors.Join(err, b.Quit())
	}
	return err
}

// ask has the browser do something, see drive.mjs, and decodes what comes back into answer, which may be nil.
func (b *browser) ask(what map[string]any, answer any) {
	b.t.Helper()
	if err := b.Ask(what, answer); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) visit(url string) {
	b.t.Helper()
	b.ask(map[string]any{"do": "visit", "url": url}, nil)
}
func (b *browser) tab(url string)  { b.t.Helper(); b.ask(map[string]any{"do": "tab", "url": url}, nil) }
func (b *browser) goTo(url string) { b.t.Helper(); b.ask(map[string]any{"do": "go", "url": url}, nil) }
func (b *browser) back()           { b.t.Helper(); b.ask(map[string]any{"do": "back"}, nil) }
func (b *browser) close()          { b.t.Helper(); b.ask(map[string]any{"do": "close"}, nil) }
func (b *browser) network(on bool) {
	b.t.Helper()
	b.ask(map[string]any{"do": "network", "on": on}, nil)
}
func (b *browser) click(on string) { b.t.Helper(); b.ask(map[string]any{"do": "click", "on": on}, nil) }

// run evaluates code in the page; answer may be nil.
func (b *browser) run(code string, answer any) {
	b.t.Helper()
	b.ask(map[string]any{"do": "run", "code": code}, answer)
}
