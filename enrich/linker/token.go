// Package linker carries a visitor's id from one domain of a site's owner to another, in a parameter of the link.
//
// Parameter is ours: sealed by the server, valid for two minutes, in one browser. Google's _gl is read as well: see Google.
//
// A link must not become a way to give somebody else an id of one's choice (session fixation), which would put the victim's visits
// under the attacker's id. Three conditions, all of which the caller of this package has to check, prevent it:
//
//   - the request comes from a page of the site itself (Origin, Sec-Fetch-Site), so that no other site can send a link's parameter
//     in a request of its own;
//   - the page was reached from one of the configured domains, as the browser's referrer says: Domains.Have. A link in a mail, a
//     chat or on an attacker's page has another referrer, or none;
//   - the browser has no id yet: an id that is there is never replaced.
//
// Ours is sealed (AES-GCM) on top: without the key nobody can make one for an id of their choice or read the id in one, and one is
// opened only by a browser of the same user agent. The package is pure.
package linker

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// Parameter is the query parameter of a decorated link.
const Parameter = "_hgl"

// Valid is how long after it was made a link may arrive.
const Valid = 2 * time.Minute

// Companion is how long the cookie FPLC lives, as Google's does.
const Companion = 20 * time.Hour

// early is how far ahead of ours the clock of the machine that made a link may be.
const early = 5 * time.Second

// Linker seals and opens the values of Parameter. It is safe for concurrent use.
type Linker struct {
	aead   cipher.AEAD
	random io.Reader
}

// New returns a linker. All machines of all the linked domains need the same secret.
func New(secret string, random io.Reader) *Linker {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("headgate link 1"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic("BUG: " + err.Error()) // the key has 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &Linker{aead, random}
}

const (
	version  = 1
	timeSize = 8 // unix seconds, big endian
)

// Seal returns the parameter's value for an id: base64url of a version, a nonce and the sealed time and id.
func (l *Linker) Seal(id, userAgent string, now time.Time) string {
	out := make([]byte, 1+l.aead.NonceSize(), 128)
	out[0] = version
	if _, err := io.ReadFull(l.random, out[1:]); err != nil {
		panic("BUG: no randomness: " + err.Error()) // crypto/rand never fails
	}
	plain := binary.BigEndian.AppendUint64(make([]byte, 0, timeSize+len(id)), uint64(now.Unix()))
	plain = append(plain, id...)
	return base64.RawURLEncoding.EncodeToString(l.aead.Seal(out, out[1:], plain, []byte(userAgent))) //nolint:gosec // the nonce was filled with random bytes
}

// Open returns the id in a parameter's value. The error says why it is not taken.
func (l *Linker) Open(value, userAgent string, now time.Time) (id string, err error) {
	return l.open(value, userAgent, now, Valid)
}

// OpenCompanion is Open for the value of the cookie FPLC, which Google's tag writes into its own links and which lives as long as
// Companion says: that the link is fresh, Google's checksum has to show.
func (l *Linker) OpenCompanion(value, userAgent string, now time.Time) (id string, err error) {
	return l.open(value, userAgent, now, Companion)
}

func (l *Linker) open(value, userAgent string, now time.Time, valid time.Duration) (id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(value)
	head := 1 + l.aead.NonceSize()
	if err != nil || len(raw) < head || raw[0] != version {
		return "", fmt.Errorf("the link's %s is malformed", Parameter)
	}
	plain, err := l.aead.Open(nil, raw[1:head], raw[head:], []byte(userAgent))
	if err != nil || len(plain) <= timeSize {
		return "", fmt.Errorf("the link's %s was made with another secret, for another browser, or changed", Parameter)
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)
	if age := now.Sub(made); age > valid || age < -early {
		return "", fmt.Errorf("the link was made %v ago, and is valid for %v", age.Round(time.Second), valid)
	}
	return string(plain[timeSize:]), nil
}
