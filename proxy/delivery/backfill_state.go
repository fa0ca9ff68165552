package delivery

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// fillState is how far a backfill has come, on disk while it is not done: asked again in the same words, it goes on there.
type fillState struct {
	Asked string    `json:"asked"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	Filled
}

// fillFile is where the state of a destination's backfill lies; names are checked to be plain words at load.
func (ds *Deliveries) fillFile(name string) string {
	return filepath.Join(ds.folder, "backfill", name+".json")
}

// readFill returns the state of the same backfill as before; nil when there is none.
func (ds *Deliveries) readFill(name, asked string) (*fillState, error) {
	text, err := os.ReadFile(ds.fillFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s fillState
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, cannot("%s is not understood: %w; begin anew with --again", ds.fillFile(name), err)
	}
	if s.Asked != asked {
		return nil, nil
	}
	return &s, nil
}

func (ds *Deliveries) writeFill(name string, s *fillState) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file := ds.fillFile(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func (ds *Deliveries) forgetFill(name string) error {
	if err := os.Remove(ds.fillFile(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget how far the backfill had come: %w", err)
	}
	return nil
}
