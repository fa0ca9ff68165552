package config

import (
	"crypto/tls"
	"fmt"
	"os"
	"time"

	"headgate/document"
)

// certificate loads the certificate and key that tls names; it returns nil where there are none.
func (t *TLS) certificate() (*tls.Certificate, document.Mistakes) {
	var ms document.Mistakes
	if t == nil || t.Cert == "" || t.Key == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		ms.Add(t.At, "the certificate cannot be loaded: "+err.Error(), "name a certificate and its private key, both in PEM, that Headgate may read")
		return nil, ms
	}
	return &pair, nil
}

// warnings says when a certificate ends, and who can read its key.
func (t *TLS) warnings(pair *tls.Certificate, now time.Time) (ms document.Mistakes) {
	if pair == nil {
		return nil
	}
	if leaf := leafOf(pair); leaf != nil {
		warnOfExpiry(&ms, t.At, "the certificate "+t.Cert, leaf.NotAfter, now)
	}
	if info, err := os.Stat(t.Key); err == nil && info.Mode().Perm()&0o007 != 0 {
		ms.Add(t.At, fmt.Sprintf("every user of the machine can read the private key %s (mode %04o)", t.Key, info.Mode().Perm()), "chmod 600 "+t.Key)
	}
	return ms
}
