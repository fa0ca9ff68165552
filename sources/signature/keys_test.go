package signature_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"headgate/document"
	"headgate/sources/signature"
)

func pemOf(t *testing.T, key crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func public(texts ...string) (all []document.Words) {
	for _, text := range texts {
		all = append(all, document.Words{Value: text})
	}
	return all
}

func TestSendersThatSignWithAKeyOfTheirOwn(t *testing.T) {
	t.Parallel()
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaPrivate, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	byRSA, err := rsa.SignPKCS1v15(rand.Reader, rsaPrivate, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	edPEM, rsaPEM := pemOf(t, edPublic), pemOf(t, &rsaPrivate.PublicKey)
	older := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&rsaPrivate.PublicKey)}))
	raw := base64.StdEncoding.EncodeToString(edPublic)
	ed, own := base64.StdEncoding.EncodeToString(ed25519.Sign(edPrivate, []byte(body))), base64.StdEncoding.EncodeToString(byRSA)
	const (
		byEd  = `{header: X-Signature, algorithm: ed25519, encoding: base64}`
		byKey = `{header: X-Signature, algorithm: rsa-sha256, encoding: base64}`
	)
	for _, c := range []struct {
		name, scheme, key, signature string
		want                         error
	}{
		{"Ed25519", byEd, edPEM, ed, nil},
		{"Ed25519, the bytes", byEd, raw, ed, nil},
		{"Ed25519, as Standard Webhooks has it", byEd, "whpk_" + raw, ed, nil},
		{"RSA", byKey, rsaPEM, own, nil},
		{"RSA, the older form", byKey, older, own, nil},
		{"a public key taken for a secret", byEd, raw, base64.StdEncoding.EncodeToString(mac(string(edPublic), body)), signature.ErrForged},
		{"its text taken for a secret", byKey, rsaPEM, base64.StdEncoding.EncodeToString(mac(rsaPEM, body)), signature.ErrForged},
		{"the other algorithm's", byEd, raw, own, signature.ErrForged},
		{"nothing", byEd, raw, "AAAA", signature.ErrForged},
	} {
		s := schemes(t, c.scheme)
		keys, ms := signature.PublicKeys(public(c.key))
		if len(ms) > 0 {
			t.Fatal(ms)
		}
		if _, err := s.Verify(hit(body, "X-Signature: "+c.signature), [][]signature.Key{s[0].Of(keys)}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if _, err := s.Verify(hit(body+" ", "X-Signature: "+c.signature), [][]signature.Key{s[0].Of(keys)}); !errors.Is(err, signature.ErrForged) {
			t.Errorf("%s, another body: %v", c.name, err)
		}
	}

	// Of several schemes one is enough, whichever comes first; a key of the other algorithm is no key of a scheme.
	both := schemes(t, `[`+byKey+`, {header: X-Other, algorithm: ed25519, encoding: base64}]`)
	all, _ := signature.PublicKeys(public(rsaPEM, edPEM))
	keys := [][]signature.Key{both[0].Of(all), both[1].Of(all)}
	if len(keys[0]) != 1 || len(keys[1]) != 1 {
		t.Fatalf("%d and %d keys", len(keys[0]), len(keys[1]))
	}
	for headers, want := range map[string]error{own + " AAAA": nil, "AAAA " + ed: nil, ed + " " + own: signature.ErrForged} {
		first, second, _ := strings.Cut(headers, " ")
		if _, err := both.Verify(hit(body, "X-Signature: "+first, "X-Other: "+second), keys); !errors.Is(err, want) {
			t.Errorf("%.8s…: %v, want %v", headers, err, want)
		}
	}
}

func TestPublicKeysThatAreNone(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(short)}))
	for text, want := range map[string]string{
		pemOf(t, &short.PublicKey): "1024 bits", pemOf(t, &curve.PublicKey): "neither of Ed25519 nor of RSA", private: "rsa private key",
		"whpk_AAAA": "neither PEM nor 32 bytes", "": "neither PEM nor 32 bytes",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n": "no public key in PEM",
	} {
		if keys, ms := signature.PublicKeys(public(text)); len(keys) > 0 || !strings.Contains(ms.Error(), want) {
			t.Errorf("%.30q: %v, want %q", text, ms, want)
		}
	}
}
