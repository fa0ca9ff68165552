package message

import (
	"crypto/tls"
	"crypto/x509"

	"headgate/destinations"
	"headgate/document"
)

// TLS reads the settings tls, ca, certificate and private_key of a driver; nil means that connections are not encrypted.
func TLS(o destinations.DriverOptions) (c *tls.Config, ms document.Mistakes) {
	encrypted, _ := o.Settings.Value("tls").Bool()
	ca, certificate, key := o.Settings.Text("ca"), o.Settings.Text("certificate"), o.Settings.Text("private_key")
	if !encrypted {
		for _, name := range []string{"ca", "certificate", "private_key"} {
			if o.Settings.Text(name) != "" {
				ms.Add(o.Settings.Place(name), name+" is set, but tls is not true", "write tls: true")
			}
		}
		return nil, ms
	}
	c = &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM([]byte(ca)) {
			ms.Add(o.Settings.Place("ca"), "ca: there is no certificate in it", "write ca: ${file:ca.pem}")
		}
	}
	written := func(name string) bool { return o.Settings.Place(name) != o.Settings.Place("") }
	if written("certificate") != written("private_key") {
		ms.Add(o.Settings.Place("certificate"), "one of certificate and private_key is missing", "fill in both, or neither")
	} else if certificate != "" && key != "" { // one that is missing in the environment is reported by itself
		pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
		if err != nil {
			ms.Add(o.Settings.Place("certificate"), "certificate and private_key do not belong together, or are not PEM", "write certificate: ${file:client.pem} and private_key: ${file:client.key}")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, ms
}
