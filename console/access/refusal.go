package access

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"headgate/console/exchange"
)

// Refusal is why a request is not let through.
type Refusal struct {
	Status int           `json:"-"`
	Error  string        `json:"error"`
	Needs  string        `json:"needs,omitempty"`       // the right that is missing
	Wait   time.Duration `json:"-"`                     // of 429
	After  int           `json:"retry_after,omitempty"` // of 429, in seconds
	OIDC   string        `json:"oidc,omitempty"`        // how the button of the OpenID provider is labelled, where there is one
}

// Refuse answers with a refusal.
func Refuse(w http.ResponseWriter, f *Refusal) {
	switch f.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="headgate"`)
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(f.After))
	}
	exchange.Answer(w, f.Status, f)
}

// lacks is the answer to a person who has not all of the rights that are needed.
func (p *Person) lacks(missing Right) *Refusal {
	name := missing.Names()[0]
	return &Refusal{Status: http.StatusForbidden, Needs: name, Error: "this needs the right " + name + ", which " + p.Name + " does not have: an administrator gives it by a role in admin.users"}
}

// Lacks returns the answer to whoever asks without a right, nil for those who have it.
func Lacks(ctx context.Context, needed Right) *Refusal {
	if p := Of(ctx); p == nil || !p.Rights.Has(needed) {
		return cmp.Or(p, &Person{Name: "nobody"}).lacks(needed)
	}
	return nil
}
