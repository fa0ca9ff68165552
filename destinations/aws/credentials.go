package aws

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

// Options say where credentials are looked for. The zero value of all but Client is the real thing.
type Options struct {
	Keys   Keys   // written in the settings: nothing else is looked at then
	Region string // whose Security Token Service gives keys for a web identity

	Client   *http.Client // for the Security Token Service, which is on the internet
	Metadata *http.Client // for the link-local addresses of containers and instances; nil: one without a proxy
	Lookup   func(name string) (string, bool)
	ReadFile func(name string) ([]byte, error)
	Now      func() time.Time
}

// Credentials yields keys that are good now. Its methods may be called by several goroutines at once.
type Credentials struct {
	o Options

	mu      sync.Mutex
	current Keys
	until   time.Time // when they are to be renewed; zero: never
	found   bool      // there were some: a place that does not answer now is failing
}

const (
	renewBefore   = 5 * time.Minute // temporary keys are renewed so long before their end
	fileLooked    = time.Minute     // a credentials file may be rewritten by who manages it
	metadataReply = 5 * time.Second // the addresses are on the same machine
	tokenLife     = "21600"         // seconds that a session with the instance's metadata may last
	answerLimit   = 64 << 10        // bytes of an answer that are read
	sessionName   = "headgate"      // shown in the account's audit log
)

// NewCredentials looks for nothing yet.
func NewCredentials(o Options) *Credentials {
	if o.Lookup == nil {
		o.Lookup = os.LookupEnv
	}
	if o.ReadFile == nil {
		o.ReadFile = os.ReadFile
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = http.DefaultClient
	}
	if o.Metadata == nil {
		o.Metadata = &http.Client{Transport: &http.Transport{Proxy: nil}, Timeout: metadataReply,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return &Credentials{o: o}
}

// Refused are credentials that cannot be had: a person has to act. Any other error of Keys is one to retry.
type Refused struct{ Fact string }

func (e *Refused) Error() string { return e.Fact }

func refused(form string, args ...any) error { return &Refused{fmt.Sprintf(form, args...)} }

// Keys returns keys that are good now. While renewing fails and those at hand have not expired, it returns these.
func (c *Credentials) Keys(ctx context.Context) (Keys, error) {
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
	if id := c.env("AWS_ACCESS_KEY_ID"); id != "" {
		k = Keys{ID: id, Secret: c.env("AWS_SECRET_ACCESS_KEY"), Session: c.env("AWS_SESSION_TOKEN")}
		if k.Secret == "" {
			return Keys{}, until, refused("AWS_ACCESS_KEY_ID is set in the environment and AWS_SECRET_ACCESS_KEY is not")
		}
		return k, until, nil
	}
	if c.env("AWS_WEB_IDENTITY_TOKEN_FILE") != "" {
		k, err = c.webIdentity(ctx)
		return k, until, err
	}
	if k, err = c.file(); k.ID != "" || err != nil {
		return k, c.o.Now().Add(fileLooked), err
	}
	if c.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || c.env("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" {
		k, err = c.container(ctx)
		return k, until, err
	}
	k, err = c.instance(ctx)
	return k, until, err
}

func (c *Credentials) env(name string) string {
	v, _ := c.o.Lookup(name)
	return v
}
