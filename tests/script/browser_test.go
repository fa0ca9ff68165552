package script_test

import (
	"testing"

	"headgate/tests/chromium"
)

// browser is Chromium as one test uses it; all tests share the program.
type browser struct {
	t *testing.T
	*chromium.Browser
}

// started is the one Chromium, once a test needs it. Tests use it one after the other.
var started *chromium.Browser

func newBrowser(t *testing.T) *browser {
	t.Helper()
	if started == nil {
		var err error
		if started, err = chromium.Start("script"); err != nil {
			t.Fatal(err)
		}
	}
	return &browser{t, started}
}

// quit ends Chromium.
func quit() error {
	if started == nil {
		return nil
	}
	return started.Quit()
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
