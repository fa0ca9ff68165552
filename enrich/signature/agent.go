package signature

import (
	"net/netip"
	"net/url"
	"strings"
)

// directoryPath is where an agent's origin keeps its public keys.
const directoryPath = "/.well-known/http-message-signatures-directory"

// CheckAgent says what is wrong with the address of an agent as a person lists it, "" when nothing is.
func CheckAgent(agent string) string {
	kind := ""
	if u, err := url.Parse(agent); err == nil && u.Path != "" {
		kind = "jwks_uri"
	}
	switch addressOf(agent, kind) {
	case "address":
		return "it is a private name or address, or has a port"
	case "agent":
		return "it is no https address"
	}
	return ""
}

// addressOf says why keys are not looked for at an agent's address, "" when they may be: "agent" for one that is none, "address"
// for one that is not on the public internet. A directory belongs to an origin; a set of keys has a path.
func addressOf(agent, kind string) (reason string) {
	u, err := url.Parse(agent)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" || strings.Contains(agent, "#") {
		return "agent"
	}
	switch kind {
	case "", "directory":
		if u.Path != "" {
			return "agent"
		}
	case "jwks_uri":
		if u.Path == "" || u.Path == "/" {
			return "agent"
		}
	default:
		return "agent"
	}
	if u.Port() != "" || !isPublicName(strings.ToLower(u.Hostname())) {
		return "address"
	}
	return ""
}

// isPublicName reports whether a host may be one of the public internet. Where it leads is checked again when it is dialled.
func isPublicName(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		return false
	}
	for _, suffix := range []string{".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp"} {
		if strings.HasSuffix(host, suffix) {
			return false
		}
	}
	return host[0] != '.' && host[len(host)-1] != '.'
}
