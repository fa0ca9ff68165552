package signature

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const mostKeys = 32 // of one directory

// directory is what an agent publishes: its Ed25519 keys by their ids.
type directory map[string]publicKey

type publicKey struct {
	key       ed25519.PublicKey
	notBefore time.Time // zero: always
	expires   time.Time // zero: never
}

// holds reports whether a key counts at a time.
func (k *publicKey) holds(at time.Time) bool {
	return !at.Before(k.notBefore) && (k.expires.IsZero() || at.Before(k.expires))
}

// readDirectory reads a JSON Web Key Set (RFC 7517). Keys of other kinds are left out; secret keys, ids that are not the key's
// thumbprint (RFC 7638) and sets that are too large are errors.
func readDirectory(body []byte) (directory, error) {
	var set struct {
		Keys []struct {
			Type      string `json:"kty"`
			Curve     string `json:"crv"`
			X         string `json:"x"`
			D         string `json:"d"`
			K         string `json:"k"`
			ID        string `json:"kid"`
			Use       string `json:"use"`
			NotBefore int64  `json:"nbf"`
			Expires   int64  `json:"exp"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("read the key set: %w", err)
	}
	if len(set.Keys) > mostKeys {
		return nil, fmt.Errorf("it has %d keys; at most %d are read", len(set.Keys), mostKeys)
	}
	out := directory{}
	for i := range set.Keys {
		k := &set.Keys[i]
		if k.Type == "oct" || k.D != "" || k.K != "" {
			return nil, errors.New("it publishes a secret key")
		}
		if k.Type != "OKP" || k.Curve != "Ed25519" || k.Use != "" && k.Use != "sig" {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(raw) != ed25519.PublicKeySize {
			return nil, errors.New("a key is no Ed25519 key")
		}
		id := thumbprint(k.X)
		if k.ID != "" && k.ID != id {
			return nil, errors.New("a key's id is not its thumbprint")
		}
		one := publicKey{key: raw}
		if k.NotBefore > 0 {
			one.notBefore = time.Unix(k.NotBefore, 0)
		}
		if k.Expires > 0 {
			one.expires = time.Unix(k.Expires, 0)
		}
		out[id] = one
	}
	return out, nil
}

// thumbprint is the id of an Ed25519 key: RFC 7638, with the members that RFC 8037 names.
func thumbprint(x string) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
