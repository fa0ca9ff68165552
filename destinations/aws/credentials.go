package aws

import (
	"context"
	"sync"
	"time"
)

// Credentials yields keys that are good now. Its methods may be called by several goroutines at once.
type Credentials struct {
	o Options

	mu      sync.Mutex
	current Keys
	until   time.Time // when they are to be renewed; zero: never
	found   bool      // there were some: a place that does not answer now is failing
}

const (
	renewBefore = 5 * time.Minute // temporary keys are renewed so long before their end
	fileLooked  = time.Minute     // a credentials file may be rewritten by who manages it
)

// NewCredentials looks for nothing yet.
func NewCredentials(o Options) *Credentials { return &Credentials{o: o.withDefaults()} }

// Keys returns keys that are good now. While renewing fails and those at hand have not expired, it returns these.
func (c *Credentials) Keys(ctx context.Context) (Keys, error) {
	if (c.o.Keys.ID == "") != (c.o.Keys.Secret == "") {
		return Keys{}, refused("of access key and secret key the settings have only one: fill in both, or neither where keys are found elsewhere")
	}
	if c.o.Keys.ID != "" {
		return c.o.Keys, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.o.Now()
	if c.current.ID != "" && (c.until.IsZero() || now.Before(c.until)) {
		return c.current, nil
	}
	k, until, err := c.find(ctx)
	if err != nil {
		if c.current.ID != "" && now.Before(c.current.Expires) {
			return c.current, nil
		}
		return Keys{}, err
	}
	if !k.Expires.IsZero() {
		left := k.Expires.Sub(now)
		until = now.Add(max(left-renewBefore, left/2))
	}
	c.current, c.until, c.found = k, until, true
	return k, nil
}

// Forget drops keys that a service called expired, unless they were renewed meanwhile. Keys of the settings stay.
func (c *Credentials) Forget(used Keys) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == used {
		c.current = Keys{}
	}
}

// InUse are the keys that were found last, for those who must hide them.
func (c *Credentials) InUse() Keys {
	if c.o.Keys.ID != "" {
		return c.o.Keys
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

// find asks each place in turn, in the order of Amazon's own libraries; the first that is set up has to answer. until is when to
// look again at keys that do not expire.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
func (c *Credentials) find(ctx context.Context) (k Keys, until time.Time, err error) {
	if id := c.o.env("AWS_ACCESS_KEY_ID"); id != "" {
		k = Keys{ID: id, Secret: c.o.env("AWS_SECRET_ACCESS_KEY"), Session: c.o.env("AWS_SESSION_TOKEN")}
		if k.Secret == "" {
			return Keys{}, until, refused("AWS_ACCESS_KEY_ID is set in the environment and AWS_SECRET_ACCESS_KEY is not")
		}
		return k, until, nil
	}
	if c.o.env("AWS_WEB_IDENTITY_TOKEN_FILE") != "" {
		k, err = c.o.webIdentity(ctx)
		return k, until, err
	}
	if k, err = c.o.file(); k.ID != "" || err != nil {
		return k, c.o.Now().Add(fileLooked), err
	}
	if c.o.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || c.o.env("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" {
		k, err = c.o.container(ctx)
		return k, until, err
	}
	k, err = c.o.instance(ctx, c.found)
	return k, until, err
}

// TokenService is the address of the Security Token Service that gives keys for a web identity.
func (c *Credentials) TokenService() string { return c.o.tokenService() }
