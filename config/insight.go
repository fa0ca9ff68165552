package config

import "headgate/document"

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
