package kafka

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"headgate/destinations"
	"headgate/destinations/message"
	"headgate/document"
)

const (
	linger        = 2 * time.Millisecond   // a batch is handed over whole: there is nothing more to wait for
	metadataAge   = 3 * time.Minute        // some services close connections that were idle for four
	metadataPause = 250 * time.Millisecond // between looks at a topic that is not there
	batchRoom     = 10_000                 // bytes of a batch beside one record
)

// clientOptions are what the client is made with; acks=all and idempotence are its defaults.
func clientOptions(o destinations.DriverOptions, brokers []string, most int, timeout time.Duration) ([]kgo.Opt, document.Mistakes) {
	encrypted, ms := message.TLS(o)
	mechanism, wrong := mechanismOf(o)
	ms = append(ms, wrong...)
	options := []kgo.Opt{
		kgo.ClientID("headgate"),
		kgo.SeedBrokers(brokers...),
		kgo.Dialer(dialer(o, encrypted)),
		kgo.ProducerLinger(linger),
		kgo.ProducerBatchMaxBytes(int32(most + batchRoom)),
		kgo.BrokerMaxWriteBytes(int32(max(100<<20, 2*most))),
		kgo.ProducerBatchCompression(codecs(o.Settings.Text("compression"))...),
		kgo.ProduceRequestTimeout(timeout),
		kgo.DialTimeout(timeout),
		kgo.RetryTimeout(timeout),
		kgo.AllowIdempotentProduceCancellation(), // Deliver has to end; what may have arrived is sent again
		kgo.MetadataMaxAge(metadataAge),
		kgo.MetadataMinAge(metadataPause),
		kgo.ConnIdleTimeout(metadataAge),
	}
	if mechanism != nil {
		options = append(options, kgo.SASL(mechanism))
	}
	return options, ms
}

// dialer connects to brokers: those of the settings, and those that they tell of.
func dialer(o destinations.DriverOptions, encrypted *tls.Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := o.Found(ctx, network, address)
		if err != nil || encrypted == nil {
			return conn, err
		}
		c := encrypted.Clone()
		if c.ServerName, _, err = net.SplitHostPort(address); err != nil {
			return nil, err
		}
		secured := tls.Client(conn, c)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = conn.Close() // the handshake's error says more
			return nil, fmt.Errorf("encrypt the connection to %s: %w", address, err)
		}
		return secured, nil
	}
}

// codecs are the compression to use, and those to fall back to where a broker does not know it.
func codecs(name string) []kgo.CompressionCodec {
	fallback := []kgo.CompressionCodec{kgo.GzipCompression(), kgo.NoCompression()}
	switch name {
	case "none":
		return []kgo.CompressionCodec{kgo.NoCompression()}
	case "gzip":
		return fallback
	case "lz4":
		return append([]kgo.CompressionCodec{kgo.Lz4Compression()}, fallback...)
	case "snappy":
		return append([]kgo.CompressionCodec{kgo.SnappyCompression()}, fallback...)
	}
	return append([]kgo.CompressionCodec{kgo.ZstdCompression()}, fallback...)
}

// mechanismOf is how the client signs in, nil when it does not.
func mechanismOf(o destinations.DriverOptions) (m sasl.Mechanism, ms document.Mistakes) {
	kind := o.Settings.Text("sasl")
	needs := func(names ...string) {
		for _, name := range names {
			// What is written and empty is missing in the environment: that is reported by itself.
			if o.Settings.Place(name) == o.Settings.Place("") {
				ms.Add(o.Settings.Place("sasl"), fmt.Sprintf("sasl: %s needs the setting %s", kind, name), "")
			}
		}
	}
	user, password := o.Settings.Text("user"), o.Settings.Text("password")
	switch kind {
	case "plain":
		needs("user", "password")
		m = plain.Auth{User: user, Pass: password}.AsMechanism()
	case "scram_sha_256":
		needs("user", "password")
		m = scram.Auth{User: user, Pass: password}.AsSha256Mechanism()
	case "scram_sha_512":
		needs("user", "password")
		m = scram.Auth{User: user, Pass: password}.AsSha512Mechanism()
	case "oauthbearer":
		needs("token_url", "client_id", "client_secret")
		m = bearer(o)
	case "aws_msk_iam":
		m, ms = byIAM(o)
	}
	return m, ms
}

// bearer fetches tokens with the client's credentials and keeps each until shortly before it expires.
func bearer(o destinations.DriverOptions) sasl.Mechanism {
	config := clientcredentials.Config{ClientID: o.Settings.Text("client_id"), ClientSecret: o.Settings.Text("client_secret"), TokenURL: o.Settings.Text("token_url"),
		AuthStyle: oauth2.AuthStyleInParams}
	if scope := o.Settings.Text("scope"); scope != "" {
		config.Scopes = []string{scope}
	}
	client := &http.Client{Timeout: o.Delivery.Timeout, Transport: &http.Transport{DialContext: o.Dial, DisableKeepAlives: true}}
	tokens := config.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, client))
	return oauth.Oauth(func(context.Context) (oauth.Auth, error) {
		token, err := tokens.Token()
		if err != nil {
			return oauth.Auth{}, fmt.Errorf("fetch an access token: %w", err)
		}
		return oauth.Auth{Token: token.AccessToken}, nil
	})
}
