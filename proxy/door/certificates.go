package door

import (
	"context"
	"crypto/tls"
	"errors"

	"github.com/caddyserver/certmagic"

	"headgate/config"
)

// Certificates returns how the public listener is secured, nil for plain HTTP. A certificate from files is the one
// in force, so that a reload replaces it; ACME's certificates are obtained before the first connection and renewed by
// themselves, proved through the TLS listener (TLS-ALPN-01).
func Certificates(ctx context.Context, c *config.TLS, folder string, inForce func() *tls.Certificate) (*tls.Config, error) {
	switch {
	case c == nil:
		return nil, nil
	case c.ACME == nil:
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if pair := inForce(); pair != nil {
				return pair, nil
			}
			return nil, errors.New("the configuration in force names no certificate files; restart to serve without TLS")
		}}, nil
	}
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
	})
	magic = certmagic.New(cache, certmagic.Config{Storage: &certmagic.FileStorage{Path: folder}})
	issuer := certmagic.ACMEIssuer{Email: c.ACME.Email, CA: c.ACME.Directory, Agreed: true, DisableHTTPChallenge: true}
	if issuer.CA == "" {
		issuer.CA = certmagic.LetsEncryptProductionCA
	}
	magic.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(magic, issuer)}
	hosts := make([]string, len(c.ACME.Hosts))
	for i, h := range c.ACME.Hosts {
		hosts[i] = h.Value
	}
	if err := magic.ManageAsync(ctx, hosts); err != nil {
		return nil, err
	}
	config := magic.TLSConfig() // names acme-tls/1 in NextProtos, without which the challenge fails silently
	config.NextProtos = append([]string{"http/1.1"}, "acme-tls/1")
	return config, nil
}
