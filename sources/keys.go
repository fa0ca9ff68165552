package sources

import (
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
)

// keys are the write keys that a source accepts. A browser shows its key to everybody: it selects, it proves nothing. A
// server key proves that the sender is one of the site's own servers.
type keys struct {
	public []string
	server []document.Secret
}

// grant is what a key is good for. The zero grant is that of an unknown key.
type grant struct {
	taken    bool // events under it are taken
	believed bool // what their sender states about a visitor's address and place is believed
	key      int  // which of the configured keys it is, from 1; 0 when it is none of them
}

// accepts finds out what a key is good for. When no keys are configured, every key is taken.
func (k keys) accepts(key string) grant {
	for i, s := range k.server {
		if same(s, key) {
			return grant{taken: true, believed: true, key: i + 1}
		}
	}
	if i := slices.Index(k.public, key); i >= 0 {
		return grant{taken: true, key: len(k.server) + i + 1}
	}
	return grant{taken: len(k.public)+len(k.server) == 0}
}

// admit notes what a key that came with the request is good for: who knows one server key is a server with all it sends, and
// the request counts for the first key that is known.
func (r *Reading) admit(g grant) {
	r.Proven = r.Proven || g.believed
	if r.Key == 0 {
		r.Key = g.key
	}
}

// FromServer reports whether a request proves by one of these keys, in Authorization or X-Write-Key, to come from one of the
// site's own servers.
func FromServer(hs event.Headers, keys []document.Secret) bool {
	key := headerKey(hs)
	return slices.ContainsFunc(keys, func(s document.Secret) bool { return same(s, key) })
}

// ServerKeys are the keys of all sources that only the site's own servers know.
func (c *Config) ServerKeys() (keys []document.Secret) {
	for _, s := range c.named {
		if o, ok := s.options.(interface{ serverKeys() []document.Secret }); ok {
			keys = append(keys, o.serverKeys()...)
		}
	}
	return keys
}

// Own is where the source of our own JSON takes events, and the keys that only servers know; ok is false when it is off.
func (c *Config) Own() (path string, keys []document.Secret, ok bool) {
	for _, s := range c.sections() {
		if o, own := s.options.(*EventsOptions); own {
			return o.Path, o.ServerKeys, true
		}
	}
	return "", nil, false
}

// same compares a key with a secret without telling by the time it takes how much of it was right.
func same(s document.Secret, key string) bool {
	return !s.IsEmpty() && subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(key)) == 1
}

// headerKey returns the write key from a request's headers: Basic (the key is the user's name), Bearer, or X-Write-Key.
func headerKey(hs event.Headers) string {
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
