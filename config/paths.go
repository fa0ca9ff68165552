package config

import (
	"fmt"
	"slices"

	"headgate/document"
	"headgate/sources"
)

// reserved are the paths of the public side that are nobody's protocol.
var reserved = []string{"/consent", "/healthz", "/robots.txt", "/.well-known/gpc.json"}

// checkPaths finds two things that answer at one path.
func (p *Parts) checkPaths() document.Mistakes {
	return append(p.checkScripts(), p.checkEndpoint()...)
}

// checkScripts finds scripts that lie where a source listens, which would have the requests.
func (p *Parts) checkScripts() (ms document.Mistakes) {
	for _, one := range p.Scripts.List() {
		for _, source := range p.Sources {
			if claims(source, one.Example()) {
				entry, _ := p.Config.Scripts.Get(one.Name)
				ms.Add(entry.At, "the script "+one.Name+" lies where the source "+source.Name()+" listens: "+one.Example(), "give it another path")
			}
		}
	}
	return ms
}

// checkEndpoint finds out whether something else answers at the identity's endpoint.
func (p *Parts) checkEndpoint() (ms document.Mistakes) {
	at := p.Config.Identity.Endpoint
	if at.Value == "" {
		return nil
	}
	if slices.Contains(reserved, at.Value) {
		ms.Add(at.At, fmt.Sprintf("identity.endpoint %s is Headgate's own", at.Value), "choose another path, such as /id")
	}
	for _, source := range p.Sources {
		for _, path := range [...]string{at.Value, at.Value + ".js"} {
			if claims(source, path) {
				ms.Add(at.At, fmt.Sprintf("identity.endpoint: the source %s answers at %s", source.Name(), path), "choose another path, such as /id")
				break
			}
		}
	}
	return ms
}

func claims(s sources.Source, path string) bool {
	return s.Claims("GET", path) || s.Claims("POST", path)
}
