package config

import (
	"fmt"
	"os"

	"headgate/document"
)

// warnings are what a person should look at though nothing is wrong.
func (c *Config) warnings() document.Mistakes {
	var ms document.Mistakes
	enabled := 0
	for _, d := range c.Destinations {
		if d.Value.Enabled {
			enabled++
		}
	}
	if enabled == 0 {
		ms.Add(document.Place{}, "no destination is enabled: events are counted and given to nobody", "")
	}
	for _, n := range c.TrustedProxies {
		if n.Bits() == 0 {
			ms.Add(document.Place{}, fmt.Sprintf("trusted_proxies has %v: every visitor can choose an address and a place", n), "name your own proxies only")
		}
	}
	for _, n := range c.Egress.Allow {
		if n.Bits() == 0 {
			ms.Add(document.Place{}, fmt.Sprintf("egress.allow has %v: destinations may reach everything, this machine's own services too", n), "name the ranges that they need")
		}
	}
	ms = append(ms, c.Consent.Warnings()...)
	ms = append(ms, c.Identity.Warnings()...)
	if c.Admin.ShowRefused {
		ms.Add(c.Admin.At, "admin.show_refused is on: people at the admin side see visitors who refused", "switch it off when you have found what you look for")
	}
	if info, err := os.Stat(c.Data.Value); err == nil && info.Mode().Perm()&0o007 != 0 {
		ms.Add(c.Data.At, fmt.Sprintf("every user of the machine can look into the data folder %s (mode %04o): it holds events, receipts and the admin token",
			c.Data.Value, info.Mode().Perm()), "chmod 700 "+c.Data.Value)
	}
	if c.Queue.Sync == "never" {
		ms.Add(c.Queue.At, "queue.sync is never: a power failure loses events that were answered", "")
	}
	return ms
}
