package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"headgate/document"
)

// What the server returns when it could not do what the admin side asked.
var (
	ErrNotFound    = errors.New("not found")
	ErrStale       = errors.New("the configuration was changed meanwhile: read it again")
	ErrUnavailable = errors.New("not available now")
)

// unknownDestination is an ErrNotFound that says of what, and what may have been meant.
type unknownDestination struct {
	name  string
	known []string
}

func (e *unknownDestination) Error() string {
	said := fmt.Sprintf("no destination %q", e.name)
	if like := document.DidYouMean(e.name, e.known); like != "" {
		return said + "; " + like
	}
	return said
}

// Is makes it an ErrNotFound.
func (e *unknownDestination) Is(target error) bool { return target == ErrNotFound }

// versionOf is the same for the same files.
func versionOf(files []File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s\x00%d\x00", f.Name, len(f.Text))
		h.Write(f.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
