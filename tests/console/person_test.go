package console_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
)

// person is somebody at Chromium, behind dev/scripts/browser.sh.
type person struct {
	t     *testing.T
	url   string // of the console
	token string
	in    io.Writer
	said  *bufio.Reader
}

func newPerson(t *testing.T, url, token string) *person {
	t.Helper()
	cmd := exec.Command("../../dev/scripts/browser.sh", "console")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &person{t: t, url: url, token: token, in: in, said: bufio.NewReaderSize(out, 1<<20)}
}

// ask has the browser do something and decodes what comes back into answer, which may be nil.
func (p *person) ask(what map[string]any, answer any) {
	p.t.Helper()
	line, err := json.Marshal(what)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		p.t.Fatal(err)
	}
	said, err := p.said.ReadBytes('\n')
	if err != nil {
		p.t.Fatalf("the browser has ended: %v", err)
	}
	var back struct {
		Answer json.RawMessage `json:"answer"`
		Error  string          `json:"error"`
	}
	if err := json.Unmarshal(said, &back); err != nil {
		p.t.Fatalf("%s: %v", said, err)
	}
	if back.Error != "" {
		p.t.Fatalf("%v: %s\n%s", what, back.Error, p.screen(what))
	}
	if answer != nil {
		if err := json.Unmarshal(back.Answer, answer); err != nil {
			p.t.Fatalf("%s: %v", said, err)
		}
	}
}

// screen is what the person reads when something failed.
func (p *person) screen(failed map[string]any) (text string) {
	if failed["do"] != "text" {
		p.ask(map[string]any{"do": "text"}, &text)
	}
	return text
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
