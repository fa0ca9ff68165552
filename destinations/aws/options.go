package aws

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"headgate/destinations/egress"
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

// metadataReply is how long the metadata's addresses may take: they are on the same machine.
const metadataReply = 5 * time.Second

// withDefaults returns o with the real thing for what it leaves open.
func (o Options) withDefaults() Options {
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
		o.Metadata = egress.Metadata(metadataReply)
	}
	return o
}

func (o *Options) env(name string) string {
	v, _ := o.Lookup(name)
	return v
}

// Refused are credentials that cannot be had: a person has to act. Any other error of Keys is one to retry.
type Refused struct{ Fact string }

func (e *Refused) Error() string { return e.Fact }

func refused(form string, args ...any) error { return &Refused{fmt.Sprintf(form, args...)} }
