package upload

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"headgate/document"
)

// state is how far a file was sent. It lies beside the file, so that a sending that was broken off goes on where it stopped,
// and a file that has grown sends what is new.
type state struct {
	Bytes    int64  `json:"bytes"`  // of the file, that were sent
	SHA256   string `json:"sha256"` // of these bytes, in hex
	Line     int    `json:"line"`   // the last of them
	Sent     int    `json:"sent"`   // lines that were accepted
	Rejected int    `json:"rejected"`
	To       string `json:"to"`
}

// StateOf is where the state of a file lies.
func StateOf(file string) string { return file + ".sent" }

// readState returns the state at a path; the zero state when there is none.
func readState(path string) (s state, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("%s is no state of a sending; remove it to send the file from its first line", path)
	}
	return s, nil
}

func (s *state) write(path string) error {
	if path == "" {
		return nil
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return document.Replace(path, append(data, '\n'))
}

// advance notes that all lines up to l are done with.
func (s *state) advance(l *Line) {
	s.Bytes, s.Line, s.SHA256 = l.End, l.Number, hex.EncodeToString(l.Sum[:])
}

// is reports whether a line is the last one that was sent, and what was sent is still what the file has.
func (s *state) is(l *Line) bool {
	return l.End == s.Bytes && l.Number == s.Line && hex.EncodeToString(l.Sum[:]) == s.SHA256
}
