package config

import (
	"net/http"
	"time"

	"headgate/destinations/egress"
)

// Outgoing reaches some hosts and nothing else, by the rules that hold for destinations. Client, where it is not nil, stands in
// for the network.
func (c *Config) Outgoing(hosts []string, client http.RoundTripper) http.RoundTripper {
	return c.outgoing(hosts, Deps{Client: client})
}

// outgoing reaches some hosts and nothing else, by the rules that hold for destinations: no proxy, and no address outside the public
// internet but those of egress.allow. In tests it is what stands in for the network.
func (c *Config) outgoing(hosts []string, deps Deps) http.RoundTripper {
	if deps.Client != nil {
		return deps.Client
	}
	return &http.Transport{
		Proxy:                  nil, // the address that is dialled is the one that was checked
		DialContext:            egress.NewDialer(hosts, c.Egress.Allow).Dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // sizes are limits
		MaxIdleConnsPerHost:    4,
		MaxConnsPerHost:        16,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}
