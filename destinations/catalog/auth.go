package catalog

import "headgate/document"

// Auth is how a request authenticates. Whatever it adds is shown as ***.
type Auth struct {
	Bearer *document.Node                   `yaml:"bearer" help:"Authorization: Bearer" example:"=settings.access_token"`
	Basic  *Basic                           `yaml:"basic" help:"user name and password"`
	Header document.Ordered[*document.Node] `yaml:"header" help:"a key in a header of its own" example:"{Access-Token: =settings.access_token}"`
	Query  document.Ordered[*document.Node] `yaml:"query" help:"a key in the query" example:"{api_secret: =settings.api_secret}"`
	OAuth1 *OAuth1                          `yaml:"oauth1" help:"OAuth 1.0a, HMAC-SHA1"`
	OAuth2 *OAuth2                          `yaml:"oauth2" help:"OAuth 2 with a token that is fetched, kept and renewed"`
	HMAC   *HMAC                            `yaml:"hmac" help:"a signature over the body"`
	AWS    *AWS                             `yaml:"aws" help:"Signature Version 4 of Amazon Web Services"`
}

// Basic is a user name and a password.
type Basic struct {
	User     *document.Node `yaml:"user"`
	Password *document.Node `yaml:"password"`
}

// OAuth1 is what signs a request by RFC 5849.
type OAuth1 struct {
	ConsumerKey    *document.Node `yaml:"consumer_key"`
	ConsumerSecret *document.Node `yaml:"consumer_secret"`
	Token          *document.Node `yaml:"token"`
	TokenSecret    *document.Node `yaml:"token_secret"`
}

// OAuth2 says where a token comes from. The grant follows from what is filled in: key is a service account, refresh_token a
// person's, otherwise the client's own credentials. With nothing filled in there is no token: a file may offer oauth2 next to
// bearer.
type OAuth2 struct {
	TokenURL     *document.Node                   `yaml:"token_url" help:"where tokens are fetched; a service account's key names its own"`
	ClientID     *document.Node                   `yaml:"client_id"`
	ClientSecret *document.Node                   `yaml:"client_secret"`
	RefreshToken *document.Node                   `yaml:"refresh_token" help:"grant refresh_token"`
	Key          *document.Node                   `yaml:"key" help:"the JSON of a service account: a signed assertion by RFC 7523"`
	Subject      *document.Node                   `yaml:"subject" help:"the user that a service account acts for"`
	Scope        *document.Node                   `yaml:"scope" help:"scopes, separated by spaces"`
	Fields       document.Ordered[*document.Node] `yaml:"fields" help:"further form fields of the token request" example:"{audience: \"https://api.vendor.example\"}"`
	Style        string                           `yaml:"style" help:"where the client's credentials stand: body (default) or basic"`
}

// AWS signs a request for a service of Amazon Web Services. Keys that are not filled in are found where Amazon's own programs
// find them: in the environment, for a web identity, in the credentials file, from a container's agent or an instance's role.
type AWS struct {
	At              document.Place `yaml:"-"`
	Service         *document.Node `yaml:"service" help:"the service's name in signatures" example:"kinesis"`
	Region          *document.Node `yaml:"region" example:"=settings.region"`
	AccessKeyID     *document.Node `yaml:"access_key_id" help:"found outside of the configuration when it is empty"`
	SecretAccessKey *document.Node `yaml:"secret_access_key"`
	SessionToken    *document.Node `yaml:"session_token" help:"of temporary keys"`
}

// DecodeDocument notes where it is written.
func (a *AWS) DecodeDocument(node *document.Node) document.Mistakes {
	type plain AWS
	a.At = node.At
	return document.Decode(node, (*plain)(a))
}

// HMAC is a signature of the body as sent, in a header.
type HMAC struct {
	Header   string         `yaml:"header" example:"X-Signature"`
	Key      *document.Node `yaml:"key" help:"no signature when it is empty"`
	Hash     string         `yaml:"hash" help:"sha256 (default), sha1 or sha512"`
	Encoding string         `yaml:"encoding" help:"hex (default) or base64"`
	Prefix   string         `yaml:"prefix" help:"text before the signature" example:"sha256="`
	Of       *document.Node `yaml:"of" help:"signed in place of the body: text or formula in which body is the body as sent"`
}
