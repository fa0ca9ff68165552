package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"headgate/proxy/resend"
)

// Follow reads how far a replay has come, line by line, shows it on a terminal, and returns where it ended.
func (w *World) Follow(lines io.Reader) (resend.Tally, error) {
	var bar *progressbar.ProgressBar
	out := io.Discard
	if w.Terminal {
		out = w.Errors
	}
	dec := json.NewDecoder(lines)
	for {
		var line struct {
			resend.Tally
			Done  bool   `json:"done"`
			Error string `json:"error"`
		}
		if err := dec.Decode(&line); err != nil {
			return line.Tally, fmt.Errorf("the answer broke off: %w", err)
		}
		if bar == nil {
			bar = NewBar(out, line.Of)
		}
		switch {
		case line.Error != "":
			return line.Tally, errors.New(line.Error)
		case line.Done:
			return line.Tally, errors.Join(bar.Finish(), bar.Clear())
		}
		if err := bar.Set64(min(line.Read, bar.GetMax64())); err != nil {
			return line.Tally, err
		}
	}
}

// NewBar is a progress bar up to a total.
func NewBar(out io.Writer, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("events"),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}
