package nats

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/nats-io/nats.go"

	"headgate/destinations"
	"headgate/destinations/message"
	"headgate/document"
)

// serversOf are the servers of the settings.
func serversOf(o destinations.DriverOptions) (servers []string, ms document.Mistakes) {
	for _, v := range o.Settings.Value("servers").List() {
		u, err := url.Parse(v.Text())
		switch {
		case err != nil || u.Hostname() == "" || u.Scheme != "nats" && u.Scheme != "tls":
			ms.Add(o.Settings.Place("servers"), fmt.Sprintf("servers: %s is not an address of a server", quoted(u, v.Text())), "write it as nats://nats-1.shop.example:4222")
		case u.User != nil:
			ms.Add(o.Settings.Place("servers"), "servers: an address with a user name, password or token in it", "use the settings user, password and token")
		}
		servers = append(servers, v.Text())
	}
	return servers, ms
}

// quoted is an address as it may be shown: it may hold a password.
func quoted(u *url.URL, text string) string {
	if u == nil || u.User != nil {
		return "one of them"
	}
	return fmt.Sprintf("%q", text)
}

// hosts are the servers without the scheme.
func hosts(servers []string) (hosts []string) {
	for _, s := range servers {
		if u, err := url.Parse(s); err == nil {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// connectOptions are what connections are made with.
func connectOptions(o destinations.DriverOptions, timeout time.Duration) ([]nats.Option, document.Mistakes) {
	encrypted, ms := message.TLS(o)
	options := []nats.Option{
		nats.Name("headgate"),
		nats.SetCustomDialer(dialer{o.Found, timeout}),
		nats.SkipHostLookup(), // the name itself is dialled, and the address judged that it has then
		nats.Timeout(timeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.ReconnectBufSize(-1), // what cannot be published now fails now: the log keeps it
		nats.PingInterval(20 * time.Second),
		nats.MaxPingsOutstanding(2),
	}
	if encrypted != nil {
		options = append(options, nats.Secure(encrypted))
	}
	user, password, token, credentials := o.Settings.Text("user"), o.Settings.Text("password"), o.Settings.Text("token"), o.Settings.Text("credentials")
	switch {
	case credentials != "":
		options = append(options, nats.UserCredentialBytes([]byte(credentials)))
	case user != "":
		options = append(options, nats.UserInfo(user, password))
	case token != "":
		options = append(options, nats.Token(token))
	}
	return options, ms
}

// dialer obeys egress:.
type dialer struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	timeout time.Duration
}

// Dial connects to a server: one of the settings, or one that they announced.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d.timeout)
	defer cancel()
	return d.dial(ctx, network, address)
}
