package proxy

import (
	"context"
	"crypto/tls"
	"path/filepath"

	"github.com/caddyserver/certmagic"
)

// certificates returns how the public listener is secured, nil for plain HTTP. Files are read once; ACME's certificates are
// got before the first connection and renewed by themselves, proved through the TLS listener (TLS-ALPN-01).
func (s *Server) certificates(ctx context.Context) (*tls.Config, error) {
	c := s.plan.Load().Config.TLS
	switch {
	case c == nil:
		return nil, nil
	case c.ACME == nil:
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, err
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
	}
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
	})
	magic = certmagic.New(cache, certmagic.Config{Storage: &certmagic.FileStorage{Path: filepath.Join(s.folder, "tls")}})
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
