package sources

import (
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
)

// Keys are the write keys that a source accepts. A browser's key is visible to everybody: it selects a site and proves nothing. A server
// key proves that the sender is one of the site's own servers.
type Keys struct {
	Public []string
	Server []document.Secret
}

// Grant is what a key permits. The zero Grant is that of an unknown key.
type Grant struct {
	Taken    bool // events under it are taken
	Believed bool // what their sender states about a visitor's address and place is believed
	Key      int  // which of the configured keys it is, from 1; 0 when it is none of them
}

// Accepts returns what a key permits. When no keys are configured, every key is taken.
func (k Keys) Accepts(key string) Grant {
	for i, s := range k.Server {
		if Matches(s, key) {
			return Grant{Taken: true, Believed: true, Key: i + 1}
		}
	}
	if i := slices.Index(k.Public, key); i >= 0 {
		return Grant{Taken: true, Key: len(k.Server) + i + 1}
	}
	return Grant{Taken: len(k.Public)+len(k.Server) == 0}
}

// Admit records what a key that came with the request permits: one server key makes the whole request a server's, and the request counts
// for the first key that is known.
func (r *Reading) Admit(g Grant) {
	r.Proven = r.Proven || g.Believed
	if r.Key == 0 {
		r.Key = g.Key
	}
}

// FromServer reports whether a request proves by one of these keys, in Authorization or X-Write-Key, to come from one of the
// site's own servers.
func FromServer(hs event.Headers, keys []document.Secret) bool {
	key := HeaderKey(hs)
	return slices.ContainsFunc(keys, func(s document.Secret) bool { return Matches(s, key) })
}

// Matches compares a key with a secret in constant time.
func Matches(s document.Secret, key string) bool {
	return !s.IsEmpty() && subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(key)) == 1
}

// HeaderKey returns the write key from a request's headers: Basic (the key is the user's name), Bearer, or X-Write-Key.
func HeaderKey(hs event.Headers) string {
	scheme, value, _ := strings.Cut(strings.TrimSpace(hs.Get("authorization")), " ")
	value = strings.TrimSpace(value)
	switch {
	case strings.EqualFold(scheme, "basic"):
		if plain, ok := basicUser(value); ok {
			return plain
		}
	case strings.EqualFold(scheme, "bearer") && value != "":
		return value
	}
	return hs.Get("x-write-key")
}

func basicUser(encoded string) (string, bool) {
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", false
	}
	user, _, _ := strings.Cut(string(plain), ":")
	return user, user != ""
}

// WrongKey is why an event is rejected whose write key the source does not accept.
const WrongKey = "unknown write key"

// AllKeys reports whether there are rejected events and the write key is what is wrong with all of them.
func AllKeys(rejected []Rejected) bool {
	for _, r := range rejected {
		if r.Why != WrongKey {
			return false
		}
	}
	return len(rejected) > 0
}
