package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"headgate/document"
)

// noteOf is where a file's note is.
func noteOf(file string) string { return strings.TrimSuffix(file, partSuffix) + noteSuffix }

const (
	partSuffix = ".parquet"
	noteSuffix = ".sums"
	halfMade   = ".headgate-" // begins the name of a note that a crash has left unfinished
)

// Note returns what was noted about a file's rows, nil when nothing was.
func (st *Store) Note(file string) ([]byte, error) {
	note, err := os.ReadFile(filepath.Join(st.folder, noteOf(file)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what insight has summed up: %w", err)
	}
	return note, nil
}

// SetNote keeps beside a file what was worked out from its rows. It goes with the file: where a visitor is erased or an event comes late, other
// files take its place, which have no notes. About a file that is gone nothing is kept.
func (st *Store) SetNote(file string, note []byte) error {
	st.opening.RLock() // what removes the file waits, and removes the note with it
	defer st.opening.RUnlock()
	st.mu.Lock()
	here := slices.ContainsFunc(st.manifest.Parts, func(p part) bool { return p.File == file })
	st.mu.Unlock()
	if !here {
		return nil
	}
	if err := document.Replace(filepath.Join(st.folder, noteOf(file)), note); err != nil {
		return fmt.Errorf("keep what insight has summed up: %w", err)
	}
	return nil
}

// removePart removes a file and its note.
func (st *Store) removePart(file string) error {
	err := os.Remove(filepath.Join(st.folder, noteOf(file)))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(filepath.Join(st.folder, file)))
}
