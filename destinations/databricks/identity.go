package databricks

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"headgate/destinations/rest"
)

// authorize makes a workspace's client known: by a token that a person made, or as a service principal:
// https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
func authorize(c *rest.Client, address, id, secret, fixed string, now func() time.Time) {
	if fixed != "" {
		c.Authorize = func(_ context.Context, r *http.Request) (string, error) {
			r.Header.Set("Authorization", "Bearer "+fixed)
			return "", nil
		}
		return
	}
	endpoint := &rest.Client{HTTP: c.HTTP, Authorize: func(_ context.Context, r *http.Request) (string, error) {
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
		return "", nil
	}}
	token := &rest.Token{Now: now, Fetch: func(ctx context.Context) (string, time.Duration, error) {
		return endpoint.Exchange(ctx, address+"/oidc/v1/token", url.Values{"grant_type": {"client_credentials"}, "scope": {"all-apis"}})
	}}
	c.Authorize, c.Forget = token.Bearer, token.Forget
}
