package config

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"headgate/alerts"
	"headgate/config/references"
	"headgate/document"
)

// Expiries are what ends, with the day where it says one: tokens, the certificate of tls.cert, and versions of vendors' APIs.
func (p *Parts) Expiries() (all []alerts.Expiry) {
	for _, d := range p.dated {
		all = append(all, alerts.Expiry{Kind: alerts.Token, Name: d.From, What: "The token in ${" + d.From + "}", End: d.End})
	}
	if leaf := leafOf(p.Certificate); leaf != nil {
		all = append(all, alerts.Expiry{Kind: alerts.Certificate, Name: p.Config.TLS.Cert, What: "The certificate " + p.Config.TLS.Cert, End: leaf.NotAfter})
	}
	for i := range p.Destinations {
		d := &p.Destinations[i]
		for _, setting := range d.Spec().Settings {
			version := d.Settings().Text(setting.Key)
			if day, listed := setting.Value.Ends.Get(version); listed {
				end, err := time.Parse(time.DateOnly, day)
				if err != nil {
					continue // the catalogue was checked
				}
				all = append(all, alerts.Expiry{Kind: alerts.APIVersion, Destination: d.Name(), Name: setting.Key,
					What: "Version " + version + " of " + d.Spec().Title + " that " + d.Name() + " uses", End: end})
			}
		}
	}
	return all
}

// expiresSoon is how long before its end an expiry is warned of.
const expiresSoon = 14 * 24 * time.Hour

// expiring warns of secrets that end soon.
func expiring(secrets []references.Dated, now time.Time) (ms document.Mistakes) {
	for _, d := range secrets {
		warnOfExpiry(&ms, d.At, "the token in ${"+d.From+"}", d.End, now)
	}
	return ms
}

func warnOfExpiry(ms *document.Mistakes, at document.Place, what string, end, now time.Time) {
	day := end.UTC().Format(time.DateOnly)
	switch {
	case !now.Before(end):
		ms.Add(at, what+" expired on "+day, "replace it")
	case end.Sub(now) < expiresSoon:
		ms.Add(at, what+" expires on "+day, "replace it before then; the new one is used without a restart")
	}
}

// leafOf returns the certificate itself, nil where there is none.
func leafOf(pair *tls.Certificate) *x509.Certificate {
	if pair == nil {
		return nil
	}
	if pair.Leaf != nil {
		return pair.Leaf
	}
	leaf, _ := x509.ParseCertificate(pair.Certificate[0]) // it was parsed when it was loaded
	return leaf
}
