package script_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// browser is Chromium behind dev/scripts/browser.sh, as one test uses it; all tests share the program.
type browser struct {
	t *testing.T
	*chromium
}

type chromium struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// answersWithin is more than anything takes that a browser is asked to do here.
const answersWithin = 2 * time.Minute

// started is the one Chromium, once a test needs it. Tests use it one after the other.
var started *chromium

func newBrowser(t *testing.T) *browser {
	t.Helper()
	if started == nil {
		c := &chromium{cmd: exec.Command("../../dev/scripts/browser.sh", "script")}
		c.cmd.Stderr = os.Stderr
		var err error
		if c.in, err = c.cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		out, err := c.cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		c.out, started = bufio.NewReader(out), c
	}
	return &browser{t, started}
}

// quit ends Chromium.
func quit() error {
	if started == nil {
		return nil
	}
	if err := started.in.Close(); err != nil {
		return err
	}
	return started.cmd.Wait()
}

// ask has the browser do something, see drive.mjs, and decodes what comes back into answer, which may be nil.
func (b *browser) ask(what map[string]any, answer any) {
	b.t.Helper()
	line, err := json.Marshal(what)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(line, '\n')); err != nil {
		b.t.Fatal(err)
	}
	stuck := time.AfterFunc(answersWithin, func() { _ = b.cmd.Process.Kill() }) // Chromium ends with it
	said, err := b.out.ReadBytes('\n')
	if !stuck.Stop() || err != nil {
		b.t.Fatalf("%v: the browser has ended, or did not answer within %v: %v", what, answersWithin, err)
	}
	var back struct {
		Answer json.RawMessage `json:"answer"`
		Error  string          `json:"error"`
	}
	if err := json.Unmarshal(said, &back); err != nil {
		b.t.Fatalf("%s: %v", said, err)
	}
	if back.Error != "" {
		b.t.Fatalf("%v: %s", what, back.Error)
	}
	if answer != nil {
		if err := json.Unmarshal(back.Answer, answer); err != nil {
			b.t.Fatalf("%s: %v", said, err)
		}
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
