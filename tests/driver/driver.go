// Package driver drives Chromium and Firefox for tests: a line of JSON in, a line of JSON out, to the driver of a folder below tests.
//
// It promises that a browser which does not answer fails its test. It knows no page: what can be asked is up to each driver.
package driver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// answersWithin is more than anything takes that a browser is asked to do.
const answersWithin = 5 * time.Minute

// The browsers, by their scripts in dev/scripts.
const (
	Chromium = "browser.sh"
	Firefox  = "firefox.sh"
)

// Browser is a browser behind one of the scripts.
type Browser struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Start starts a browser with the driver of a folder below tests, in which the test runs.
func Start(script, folder string) (*Browser, error) {
	b := &Browser{cmd: exec.Command("../../dev/scripts/"+script, folder)} //nolint:gosec // a script of ours
	b.cmd.Stderr = os.Stderr
	var err error
	if b.in, err = b.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.out = bufio.NewReaderSize(out, 1<<20)
	return b, b.cmd.Start()
}

// Quit ends the browser.
func (b *Browser) Quit() error {
	if err := b.in.Close(); err != nil {
		return err
	}
	return b.cmd.Wait()
}

// Failure is why the driver could not do what it was asked to.
type Failure struct {
	What map[string]any
	Why  string
}

func (f *Failure) Error() string { return fmt.Sprintf("%v: %s", f.What, f.Why) }

// Ask has the browser do something and decodes what comes back into answer, which may be nil. The error is a *Failure while the browser
// can still be asked something else.
func (b *Browser) Ask(what map[string]any, answer any) error {
	line, err := json.Marshal(what)
	if err != nil {
		return err
	}
	if _, err := b.in.Write(append(line, '\n')); err != nil {
		return err
	}
	stuck := time.AfterFunc(answersWithin, func() { _ = b.cmd.Process.Kill() }) // the browser ends with it
	said, err := b.out.ReadBytes('\n')
	if !stuck.Stop() || err != nil {
		return fmt.Errorf("%v: the browser has ended, or did not answer within %v: %w", what, answersWithin, err)
	}
	var back struct {
		Answer json.RawMessage `json:"answer"`
		Error  string          `json:"error"`
	}
	if err := json.Unmarshal(said, &back); err != nil {
		return fmt.Errorf("%s: %w", said, err)
	}
	if back.Error != "" {
		return &Failure{what, back.Error}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(back.Answer, answer); err != nil {
		return fmt.Errorf("%s: %w", said, err)
	}
	return nil
}
