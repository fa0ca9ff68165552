package references

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"headgate/document"
)

// maxSecretFile bounds what ${file:...} takes in: keys and tokens, not data.
const maxSecretFile = 64 << 10

// secretFolders are where ${file:...} may always read: the places that container runtimes and service managers put secrets in.
var secretFolders = []string{"/run/secrets", "/etc/headgate"}

// errOutside is a file that ${file:...} may not read.
var errOutside = errors.New("it is outside the folders that ${file:} may read")

// readSecretFile reads a regular file of at most 64 KiB in one of the folders, links followed. A device or a pipe is refused
// without being read, since that could block forever.
func readSecretFile(path string, folders []string) ([]byte, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	if resolved, err = filepath.Abs(resolved); err != nil {
		return nil, err
	}
	if !within(resolved, folders) {
		return nil, errOutside
	}
	f, err := os.OpenFile(resolved, os.O_RDONLY|syscall.O_NONBLOCK, 0) // opening a pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it is only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err == nil && len(data) > maxSecretFile {
		err = fmt.Errorf("it is longer than %s", document.Size(maxSecretFile))
	}
	return data, err
}

// within reports whether a path lies in one of the folders, whose links are followed.
func within(path string, folders []string) bool {
	for _, folder := range folders {
		resolved, err := filepath.EvalSymlinks(folder)
		if err != nil {
			continue // it is not there, so nothing lies in it
		}
		if resolved, err = filepath.Abs(resolved); err != nil {
			continue
		}
		if rest, err := filepath.Rel(resolved, path); err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}
