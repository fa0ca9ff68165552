package console_test

import (
	"errors"
	"testing"

	"headgate/tests/driver"
)

// person is somebody at Chromium.
type person struct {
	t       *testing.T
	url     string // of the console
	token   string
	browser *driver.Browser
}

func newPerson(t *testing.T, url, token string) *person {
	t.Helper()
	b, err := driver.Start(driver.Chromium, "console")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Quit(); err != nil {
			t.Error(err)
		}
	})
	return &person{t: t, url: url, token: token, browser: b}
}

// ask has the browser do something and decodes what comes back into answer, which may be nil.
func (p *person) ask(what map[string]any, answer any) {
	p.t.Helper()
	err := p.browser.Ask(what, answer)
	var failure *driver.Failure
	if errors.As(err, &failure) {
		var left string
		_ = p.browser.Ask(map[string]any{"do": "left"}, &left)
		p.t.Fatalf("%v\nat %s", err, left)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// arrive is a new person with an empty browser, before the door.
func (p *person) arrive(width, height int, dark bool) {
	p.t.Helper()
	p.ask(map[string]any{"do": "open", "url": p.url, "width": width, "height": height, "dark": dark}, nil)
	p.goTo("/sign-in", "Sign in")
}

func (p *person) signIn() {
	p.t.Helper()
	p.ask(map[string]any{"do": "fill", "label": "Token", "text": p.token}, nil)
	p.press("Enter")
	p.ask(map[string]any{"do": "reach", "path": "/"}, nil)
}

func (p *person) goTo(path, shows string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "goto", "path": path, "shows": shows}, nil)
}

func (p *person) press(keys ...string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "keys", "keys": keys}, nil)
}

func (p *person) write(text string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "type", "text": text}, nil)
}

// tab presses Tab until what has the focus is called so.
func (p *person) tab(name string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "tab", "name": name}, nil)
}

func (p *person) click(role, name string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "click", "role": role, "name": name}, nil)
}

func (p *person) sees(text string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "shows", "text": text}, nil)
}

func (p *person) gone(text string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "gone", "text": text}, nil)
}

func (p *person) fill(label, text string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "fill", "label": label, "text": text}, nil)
}

func (p *person) at() (path string) {
	p.t.Helper()
	p.ask(map[string]any{"do": "at"}, &path)
	return path
}
