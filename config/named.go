package config

import (
	"headgate/document"
	"headgate/event"
)

// checkInsight finds out whether the store of old days is a destination that can be read again.
func (p *Parts) checkInsight() (ms document.Mistakes) {
	name := p.Config.Insight.Store
	if name.Value == "" {
		return nil
	}
	entry, known := p.Config.Destinations.Get(name.Value)
	if !known {
		ms.Add(name.At, "insight.store: there is no destination "+name.Value, document.DidYouMean(name.Value, p.Config.Destinations.Keys()))
		return ms
	}
	if !entry.Enabled {
		ms.Add(name.At, "insight.store: "+name.Value+" is switched off", "switch it on, or leave out store:")
	}
	for i := range p.Destinations {
		if d := &p.Destinations[i]; d.Name() == name.Value && d.Archive() == nil {
			ms.Add(name.At, "insight.store: "+name.Value+" keeps nothing that can be read again", "name a destination of clickhouse, postgres, parquet or jsonl")
		}
	}
	return ms
}

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
