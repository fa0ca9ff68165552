package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Google's server container keeps the client id in the cookie FPID, which scripts cannot read:
//
//	FPID2.<labels of the domain>.<base64 of 32 bytes>.<unix s>
//
// percent-encoded; the client id is the last two. Where a browser has the cookie _ga already, the container makes the 32 bytes a
// hash of its client id, and goes on to use that id as long as _ga is there, so that known visitors stay known. Which hash it
// takes is unconfirmed: ours is SHA-256, and an FPID that the container derived counts as an id of its own.

const fpidVersion = "FPID2."

// parseFPID reads the cookie. Client is the id in _ga, "" for none: if the cookie was derived from it, it is the id.
func parseFPID(value, client string) (s Stored, ok bool) {
	id := fpidID(value)
	if !IsID(id) {
		return s, false
	}
	_, since, _ := strings.Cut(id, ".")
	n, err := strconv.ParseInt(since, 10, 64)
	if client != "" && derivedFPID(client, n) == id {
		id = client
	}
	return Stored{id, n}, err == nil
}

// appendFPID appends the cookie's value for an id: of one that does not have the form, what is derived from it.
func appendFPID(b []byte, s Stored, domain string) []byte {
	id, labels := s.ID, 1
	if random, _, _ := strings.Cut(id, "."); len(random) != base64.StdEncoding.EncodedLen(32) || fpidID(fpidVersion+"1."+id) != id {
		id = derivedFPID(id, s.Since)
	}
	if domain != "" {
		labels = strings.Count(domain, ".") + 1
	}
	b = strconv.AppendInt(append(b, fpidVersion...), int64(labels), 10)
	return append(append(b, '.'), url.QueryEscape(id)...)
}

func derivedFPID(client string, since int64) string {
	sum := sha256.Sum256([]byte(client))
	return base64.StdEncoding.EncodeToString(sum[:]) + "." + strconv.FormatInt(since, 10)
}

func (id *IDs) mintFPID(now time.Time) string {
	var random [32]byte
	if _, err := io.ReadFull(id.random, random[:]); err != nil {
		panic("BUG: no randomness: " + err.Error()) // crypto/rand never fails
	}
	return base64.StdEncoding.EncodeToString(random[:]) + "." + strconv.FormatInt(now.Unix(), 10)
}
