package rest

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

	"github.com/youmark/pkcs8"
)

// SignJWT is a token with claims, signed with RS256: https://www.rfc-editor.org/rfc/rfc7519. keyID may be "".
func SignJWT(key *rsa.PrivateKey, keyID string, claims map[string]any) string {
	header := map[string]string{"alg": "RS256", "typ": "JWT"}
	if keyID != "" {
		header["kid"] = keyID
	}
	token := part(header) + "." + part(claims)
	sum := sha256.Sum256([]byte(token))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic("BUG: a key that cannot sign was let in: " + err.Error())
	}
	return token + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func part(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("BUG: claims that are no JSON: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

const leastBits = 2048 // of a key: a shorter one cannot be trusted, and very short ones cannot sign

// CheckKey says what is wrong with the form of a key, without reading it. The error never quotes it.
func CheckKey(text, passphrase string) error {
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil:
		return errors.New("it is not PEM: it begins with -----BEGIN PRIVATE KEY----- and has line breaks")
	case block.Type == encrypted && passphrase == "":
		return errors.New("it is encrypted, and there is no passphrase")
	case block.Type != encrypted && block.Type != "PRIVATE KEY" && block.Type != pkcs1:
		return errors.New("it is no private key")
	}
	return nil
}

const encrypted, pkcs1 = "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY" // types of PEM

// ReadKey reads an RSA key in PEM: PKCS#8, also encrypted with a passphrase, or PKCS#1. The error never quotes it.
func ReadKey(text, passphrase string) (*rsa.PrivateKey, error) {
	if err := CheckKey(text, passphrase); err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(text))
	key, err := keyOf(block, passphrase)
	switch {
	case err != nil && block.Type == encrypted:
		return nil, errors.New("the passphrase does not open it")
	case err != nil:
		return nil, errors.New("it is not an RSA key, or damaged")
	case key.N.BitLen() < leastBits:
		return nil, errors.New("it is shorter than 2048 bits")
	}
	return key, nil
}

func keyOf(block *pem.Block, passphrase string) (*rsa.PrivateKey, error) {
	switch block.Type {
	case pkcs1:
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case encrypted:
		return pkcs8.ParsePKCS8PrivateKeyRSA(block.Bytes, []byte(passphrase))
	}
	read, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, is := read.(*rsa.PrivateKey)
	if !is {
		return nil, errors.New("another kind of key")
	}
	return key, nil
}
