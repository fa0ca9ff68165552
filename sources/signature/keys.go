package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"

	"headgate/document"
)

// Key is what a signature is checked with: a secret that the sender has, too, or the public half of the sender's own key. Which of
// them is decided by the scheme and never by the key, so that a public key, which anybody may have, is never taken for a secret.
type Key struct {
	secret []byte
	public crypto.PublicKey // *rsa.PublicKey or ed25519.PublicKey
}

// The algorithms of senders that sign with a private key.
const (
	algorithmEd25519 = "ed25519"
	algorithmRSA     = "rsa-sha256"
)

// Public reports whether deliveries are checked with public keys of the sender, and not with a secret.
func (s *Scheme) Public() bool { return s.Algorithm == algorithmEd25519 || s.Algorithm == algorithmRSA }

// shortest is how many bytes a secret has at least: a shorter one can be guessed from one delivery.
const shortest = 16

// shortestRSA is how many bits an RSA key has at least.
const shortestRSA = 2048

// Keys turn secrets into keys for a scheme. The mistakes are those of the secrets, at their place.
func (s *Scheme) Keys(secrets []document.Secret, at document.Place) (keys []Key, ms document.Mistakes) {
	for _, secret := range secrets {
		key := []byte(secret.Reveal())
		if s.Key == "base64" {
			plain, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), "whsec_"))
			if err != nil {
				ms.Add(at, "a secret is not base64, as verify.key says", "copy it whole from the sender, or write key: text")
				continue
			}
			key = plain
		}
		if len(key) < shortest {
			ms.Add(at, fmt.Sprintf("a secret of %d bytes can be guessed", len(key)), fmt.Sprintf("use one of at least %d bytes", shortest))
			continue
		}
		keys = append(keys, Key{secret: key})
	}
	return keys, ms
}

// PublicKeys read the public keys of senders: PEM, or of Ed25519 the 32 bytes in base64, with or without whpk_ before them.
func PublicKeys(texts []document.Words) (keys []Key, ms document.Mistakes) {
	for _, text := range texts {
		public, fault := readPublic(strings.TrimSpace(text.Value))
		if key, ok := public.(*rsa.PublicKey); ok && key.N.BitLen() < shortestRSA {
			fault = fmt.Sprintf("an RSA key of %d bits can be broken, it needs %d", key.N.BitLen(), shortestRSA)
		}
		if fault != "" {
			ms.Add(text.At, "a public key that cannot be used: "+fault, "copy the sender's public key: PEM, or for ed25519 whpk_ and base64")
			continue
		}
		keys = append(keys, Key{public: public})
	}
	return keys, ms
}

// Of returns those of the public keys that are of the scheme's algorithm.
func (s *Scheme) Of(keys []Key) (fitting []Key) {
	for _, key := range keys {
		_, isRSA := key.public.(*rsa.PublicKey)
		_, isEd25519 := key.public.(ed25519.PublicKey)
		if isRSA && s.Algorithm == algorithmRSA || isEd25519 && s.Algorithm == algorithmEd25519 {
			fitting = append(fitting, key)
		}
	}
	return fitting
}

func readPublic(text string) (key crypto.PublicKey, fault string) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whpk_"))
		if err != nil || len(raw) != ed25519.PublicKeySize {
			return nil, "it is neither PEM nor 32 bytes in base64"
		}
		return ed25519.PublicKey(raw), ""
	}
	switch block.Type {
	case "PUBLIC KEY":
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, "it is no public key in PEM"
		}
		switch key.(type) {
		case ed25519.PublicKey, *rsa.PublicKey:
			return key, ""
		}
		return nil, "it is neither of Ed25519 nor of RSA"
	case "RSA PUBLIC KEY":
		if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
			return key, ""
		}
	}
	return nil, "it is no public key in PEM, but " + strings.ToLower(block.Type)
}

// made reports whether one of the signatures of a text was made with the key. A MAC is compared in constant time.
func (k *Key) made(s *Scheme, signed []byte, signatures [][]byte) (genuine bool) {
	var check func(signature []byte) bool
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		check = func(signature []byte) bool { return ed25519.Verify(public, signed, signature) }
	case *rsa.PublicKey:
		sum := sha256.Sum256(signed)
		check = func(signature []byte) bool {
			return rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature) == nil
		}
	default:
		mac := hmac.New(s.hash(), k.secret)
		mac.Write(signed)
		want := mac.Sum(nil)
		check = func(signature []byte) bool { return hmac.Equal(want, signature) }
	}
	for _, one := range signatures {
		if check(one) {
			genuine = true
		}
	}
	return genuine
}
