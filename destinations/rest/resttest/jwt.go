// Package resttest is what fakes of stores that are reached over HTTPS share: reading of signed tokens without the library that signs
// them. It is imported by tests only.
package resttest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Claims are what a token says about itself.
type Claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Scope    string `json:"scope"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// Verify reads a token that was signed with RS256 by the owner of a key: https://www.rfc-editor.org/rfc/rfc7515
func Verify(token string, key *rsa.PublicKey) (c Claims, keyID string, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, "", errors.New("a token has three parts")
	}
	var raw [3][]byte
	for i, part := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return c, "", err
		}
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if err := json.Unmarshal(raw[0], &header); err != nil {
		return c, "", err
	}
	if header.Algorithm != "RS256" {
		return c, "", fmt.Errorf("signed with %q", header.Algorithm)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw[2]); err != nil {
		return c, "", err
	}
	return c, header.KeyID, json.Unmarshal(raw[1], &c)
}

// Key makes a key and its PEM, as PKCS#8.
func Key() (key *rsa.PrivateKey, text string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("BUG: no randomness: " + err.Error())
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic("BUG: a key that cannot be written: " + err.Error())
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
