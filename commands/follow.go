package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"headgate/proxy"
)

// follow reads how far a replay has come, line by line, shows it on a terminal, and returns where it ended.
func (w *world) follow(lines io.Reader) (proxy.Tally, error) {
	bar := w.bar()
	dec := json.NewDecoder(lines)
	for {
		var line struct {
			proxy.Tally
			Done  bool   `json:"done"`
			Error string `json:"error"`
		}
		if err := dec.Decode(&line); err != nil {
			return line.Tally, fmt.Errorf("the answer broke off: %w", err)
		}
		switch {
		case line.Error != "":
			return line.Tally, errors.New(line.Error)
		case line.Done:
			return line.Tally, errors.Join(bar.Finish(), bar.Clear())
		}
		if line.Of > 0 {
			bar.ChangeMax64(line.Of)
		}
		if err := bar.Set64(line.Read); err != nil {
			return line.Tally, err
		}
	}
}

// bar is a progress bar on a terminal, and nothing where standard error is none.
func (w *world) bar() *progressbar.ProgressBar {
	if w.terminal {
		return progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w.errors), progressbar.OptionSetDescription("events"), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
	return progressbar.NewOptions64(-1, progressbar.OptionSetWriter(io.Discard))
}
