package kafka

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"github.com/twmb/franz-go/pkg/sasl"
	msk "github.com/twmb/franz-go/pkg/sasl/aws"

	"headgate/destinations"
	"headgate/destinations/aws"
	"headgate/document"
)

// brokerRegion is where the region stands in the name of one of Amazon MSK's brokers.
var brokerRegion = regexp.MustCompile(`\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com`)

// byIAM signs in to Amazon MSK with keys of AWS: those of the settings, or those that Amazon's own tools would find, which are looked at
// anew for each connection. https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html
func byIAM(o destinations.DriverOptions) (sasl.Mechanism, document.Mistakes) {
	var ms document.Mistakes
	keys := aws.Keys{ID: o.Settings.Text("access_key_id"), Secret: o.Settings.Text("secret_access_key")}
	if (keys.ID == "") != (keys.Secret == "") {
		ms.Add(o.Settings.Place("sasl"), "one of access_key_id and secret_access_key is missing", "fill in both, or neither where they are found in the environment, a file or a role")
	}
	region := ""
	for _, broker := range o.Settings.Value("brokers").List() {
		if found := brokerRegion.FindStringSubmatch(broker.Text()); found != nil {
			region = found[1]
		}
	}
	var hosts []string
	if tokens, err := url.Parse(aws.NewCredentials(aws.Options{Region: region}).TokenService()); err == nil && keys.ID == "" {
		hosts = append(hosts, tokens.Hostname())
	}
	client := &http.Client{Timeout: o.Delivery.Timeout, Transport: &http.Transport{DialContext: o.Reach(hosts...), DisableKeepAlives: true}}
	credentials := aws.NewCredentials(aws.Options{Keys: keys, Region: region, Client: client, Now: o.Now})
	return msk.ManagedStreamingIAM(func(ctx context.Context) (msk.Auth, error) {
		k, err := credentials.Keys(ctx)
		if err != nil {
			return msk.Auth{}, fmt.Errorf("find keys of AWS: %w", err)
		}
		return msk.Auth{AccessKey: k.ID, SecretKey: k.Secret, SessionToken: k.Session, UserAgent: "headgate"}, nil
	}), ms
}
