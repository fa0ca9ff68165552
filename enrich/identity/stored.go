package identity

import (
	"encoding/binary"
	"io"
	"time"

	"headgate/enrich/cookie"
)

// maxID is the longest id that is kept in our cookie; the longest adopted ones (FPID) have 55 bytes.
const maxID = 128

// Stored is what our cookie holds.
type Stored struct {
	ID    string
	Since int64 // unix seconds
}

// IsID reports whether a text can be kept in a cookie as it is (RFC 6265: cookie-octet) and is short enough for an id.
func IsID(s string) bool {
	return cookie.IsValue(s) && len(s) <= maxID
}

// IDs reads and mints the ids of browsers. Our cookie is
//
//	1.<unix s of the first visit>.<client id>
//
// where 1 is the format's version and the client id the rest, dots included. Minted ids have Google's form,
// <31 random bits>.<unix s>: every destination takes it, and an id adopted from _ga looks the same.
type IDs struct {
	Cookie   string
	Lifetime time.Duration
	renew    bool
	adopt    []adoption
	random   io.Reader
	FPID     bool // the cookie is written as Google's server container does: see fpid.go
}

// adoption is a cookie of another tool whose id is taken over.
type adoption struct {
	cookie string
	prefix bool // the cookie's name continues with a dot and something of the site's
	parse  func(value string) string
}

// Number returns 31 random bits.
func (id *IDs) Number() uint32 {
	var b [4]byte
	if _, err := io.ReadFull(id.random, b[:]); err != nil {
		panic("BUG: no randomness: " + err.Error()) // crypto/rand never fails
	}
	return binary.BigEndian.Uint32(b[:]) & 0x7fffffff
}
