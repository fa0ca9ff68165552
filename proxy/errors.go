package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"headgate/proxy/delivery"
)

// What the server returns when it could not do what the admin side asked.
var (
	ErrNotFound    = delivery.ErrNotFound
	ErrStale       = errors.New("the configuration was changed meanwhile: read it again")
	ErrUnavailable = errors.New("not available now")
)

// versionOf is the same for the same files.
func versionOf(files []File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s\x00%d\x00", f.Name, len(f.Text))
		h.Write(f.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
