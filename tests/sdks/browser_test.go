package sdks_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// browser is Chromium behind dev/scripts/browser.sh. It does what several goroutines ask at the same time.
type browser struct {
	mu      sync.Mutex
	in      io.Writer
	last    int
	waiting map[int]chan said
	ended   error
}

// said is an answer of drive.mjs.
type said struct {
	ID     int             `json:"id"`
	Answer json.RawMessage `json:"answer"`
	Error  string          `json:"error"`
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	cmd := exec.Command("../../dev/scripts/browser.sh", "sdks/browser")
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
	b := &browser{in: in, waiting: map[int]chan said{}}
	read := make(chan struct{})
	go func() {
		defer close(read)
		b.read(out)
	}()
	t.Cleanup(func() {
		_ = in.Close()
		<-read
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// read hands the answers to those who wait for them, until there are no more.
func (b *browser) read(out io.Reader) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		var s said
		if err == nil {
			err = json.Unmarshal(line, &s)
		}
		b.mu.Lock()
		if err != nil {
			b.ended = fmt.Errorf("the browser has ended: %w", err)
			for _, one := range b.waiting {
				close(one)
			}
			b.waiting = nil
			b.mu.Unlock()
			return
		}
		b.waiting[s.ID] <- s
		delete(b.waiting, s.ID)
		b.mu.Unlock()
	}
}

// ask has the browser do something and decodes what comes back into answer, which may be nil.
func (b *browser) ask(what map[string]any, answer any) error {
	back := make(chan said, 1)
	b.mu.Lock()
	if b.ended != nil {
		b.mu.Unlock()
		return b.ended
	}
	b.last++
	what["id"] = b.last
	b.waiting[b.last] = back
	line, err := json.Marshal(what)
	if err == nil {
		_, err = b.in.Write(append(line, '\n'))
	}
	b.mu.Unlock()
	if err != nil {
		return err
	}
	s, ok := <-back
	switch {
	case !ok:
		return b.ended
	case s.Error != "":
		return errors.New(s.Error)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(s.Answer, answer)
}
