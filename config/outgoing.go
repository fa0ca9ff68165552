package config

import (
	"net/http"
	"time"

	"headgate/destinations/egress"
)

// Outgoing reaches some hosts and nothing else, by the rules that hold for destinations: no proxy, and no address outside the public
// internet but those of egress.allow. client, where it is not nil, stands in for the network.
func (c *Config) Outgoing(hosts []string, client http.RoundTripper) http.RoundTripper {
	if client != nil {
		return client
	}
	t := egress.NewDialer(hosts, c.Egress.Allow).Transport()
	t.DisableCompression = true // sizes are limits
	t.MaxIdleConnsPerHost, t.MaxConnsPerHost = 4, 16
	t.IdleConnTimeout = 30 * time.Second
	t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = 5*time.Second, 10*time.Second
	return t
}
