package config

import (
	"time"

	"headgate/alerts"
	"headgate/document"
	"headgate/event"
)

// checkAlerts finds destinations that alerts cannot be sent to: none that sends to an advertiser may be, whatever it would make of them.
func (p *Parts) checkAlerts() (ms document.Mistakes) {
	c := p.Config
	for _, to := range c.Alerts.To {
		entry, known := c.Destinations.Get(to.Value)
		if !known {
			cure := document.DidYouMean(to.Value, c.Destinations.Keys())
			if cure == "" {
				cure = "add it to destinations: with use: slack or use: webhook, say"
			}
			ms.Add(to.At, "alerts.to: there is no destination "+to.Value, cure)
			continue
		}
		if !entry.Enabled {
			p.Warnings.Add(to.At, "alerts.to names "+to.Value+", which is switched off: no alert is sent to it", "")
			continue
		}
		for i := range p.Destinations {
			d := &p.Destinations[i]
			switch {
			case d.Name() != to.Value:
			case d.Spec().Kind == "ads":
				ms.Add(to.At, "alerts.to: "+to.Value+" is an ad platform, which must not have alerts", "name a chat, a webhook or a store")
			case !d.Maps(event.AlertName):
				ms.Add(to.At, "alerts.to: "+to.Value+" has no event for alerts",
					"write events: {"+event.AlertName+": ...} at that destination, with its name for them")
			}
		}
	}
	return ms
}

// AlertsGoTo reports whether alerts are sent to a destination.
func (p *Parts) AlertsGoTo(destination string) bool {
	for _, to := range p.Config.Alerts.To {
		if to.Value == destination {
			return true
		}
	}
	return false
}

// Expiries are what ends, with the day where it says one: tokens, the certificate of tls.cert, and versions of vendors' APIs.
func (p *Parts) Expiries() (all []alerts.Expiry) {
	for _, d := range p.dated {
		all = append(all, alerts.Expiry{Kind: alerts.Token, Name: d.from, What: "The token in ${" + d.from + "}", End: d.end})
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
