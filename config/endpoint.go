package config

import (
	"fmt"
	"slices"

	"headgate/document"
	"headgate/sources"
)

// reserved are the paths of the public side that are nobody's protocol.
var reserved = []string{"/consent", "/healthz", "/robots.txt", "/.well-known/gpc.json"}

// checkEndpoint finds out whether something else answers at the identity's endpoint.
func (c *Config) checkEndpoint(opened []sources.Source) (ms document.Mistakes) {
	at := c.Identity.Endpoint
	if at.Value == "" {
		return nil
	}
	if slices.Contains(reserved, at.Value) {
		ms.Add(at.At, fmt.Sprintf("identity.endpoint %s is Headgate's own", at.Value), "choose another path, such as /id")
	}
	for _, source := range opened {
		for _, path := range [...]string{at.Value, at.Value + ".js"} {
			if source.Claims("GET", path) || source.Claims("POST", path) {
				ms.Add(at.At, fmt.Sprintf("identity.endpoint: the source %s answers at %s", source.Name(), path), "choose another path, such as /id")
				break
			}
		}
	}
	return ms
}
