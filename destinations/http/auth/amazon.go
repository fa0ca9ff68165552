package auth

import (
	"bytes"
	"net/http"
	"time"

	"headgate/destinations"
	"headgate/destinations/aws"
	"headgate/destinations/catalog"
	"headgate/destinations/settings"
	"headgate/rules"
)

// amazon is a compiled aws:.
type amazon struct {
	service, region                 *rules.Template
	accessKey, secret, sessionToken *rules.Template

	scope       aws.Scope // set by configure
	keys        aws.Keys  // of the settings; none: they are found elsewhere
	credentials *aws.Credentials
}

func compileAmazon(c *destinations.Formulas, a *catalog.AWS, s rules.Scope) *amazon {
	out := &amazon{service: c.Template(a.Service, s), region: c.Template(a.Region, s),
		accessKey: c.Template(a.AccessKeyID, s), secret: c.Template(a.SecretAccessKey, s), sessionToken: c.Template(a.SessionToken, s)}
	if a.Service == nil || a.Region == nil {
		c.Mistakes.Add(a.At, "aws needs a service and a region", "write aws: {service: kinesis, region: =settings.region}")
	}
	out.credentials = aws.NewCredentials(aws.Options{})
	return out
}

// configure fixes what signatures are for and with, from the settings. It returns the address at which keys may have to be fetched.
func (a *amazon) configure(c *destinations.Formulas, set settings.Set) []string {
	at := func(t *rules.Template) string { return c.Fixed(t, set.Values()) }
	a.scope = aws.Scope{Service: at(a.service), Region: at(a.region)}
	a.keys = aws.Keys{ID: at(a.accessKey), Secret: at(a.secret), Session: at(a.sessionToken)}
	a.open(nil, nil)
	if a.keys.ID != "" {
		return nil
	}
	return []string{a.credentials.TokenService()}
}

// open gives what fetches keys and tells the time.
func (a *amazon) open(client *http.Client, now func() time.Time) {
	a.credentials = aws.NewCredentials(aws.Options{Keys: a.keys, Region: a.scope.Region, Client: client, Now: now})
}

// isExpired reports whether an answer says that temporary keys have expired.
func isExpired(status int, answer []byte) bool {
	return (status == http.StatusBadRequest || status == http.StatusForbidden) && bytes.Contains(answer, []byte("ExpiredToken"))
}
