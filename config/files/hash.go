package files

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Text is a file that was read.
type Text struct {
	Name string
	Data []byte
}

// Hash is the SHA-256 of files in hex: the same for the same files, wherever they are.
func Hash(texts []Text) string {
	h := sha256.New()
	for _, t := range texts {
		for _, part := range [][]byte{[]byte(filepath.Base(t.Name)), t.Data} {
			_ = binary.Write(h, binary.BigEndian, uint64(len(part))) // a hash takes everything
			h.Write(part)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Digests returns the SHA-256 of each file under its name. For a file that cannot be read the error is hashed, so that the
// hash changes when it can be read again.
func Digests(names []string) []Text {
	all := make([]Text, len(names))
	for i, name := range names {
		all[i] = Text{name, digest(name)}
	}
	return all
}

func digest(name string) []byte {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return []byte("not a file")
	}
	f, err := os.Open(name)
	if err != nil {
		return []byte(Reason(err))
	}
	defer func() { _ = f.Close() }() // it is only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return []byte(Reason(err))
	}
	return h.Sum(nil)
}

// Reason says why a file was not read, in words that follow its name: "is not there".
func Reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "is not there"
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return "cannot be read: " + err.Error()
}
