package enrich

import (
	"encoding/base64"
	"io"
	"time"

	"headgate/document"
	"headgate/enrich/identity"
	"headgate/enrich/keeper"
	"headgate/enrich/linker"
	"headgate/enrich/session"
)

// recognition is how a browser is known again.
type recognition struct {
	identity.IDs
	clicks    string // the cookie of click ids, "" without one
	purpose   string
	anonymous bool

	// What is off unless the configuration has it.
	sessions *sessions
	keeper   *keeper.Keeper
	link     *link
	meta     *metaCookies
}

func newRecognition(c *identity.Config, random io.Reader) recognition {
	id := recognition{IDs: identity.New(c, random), clicks: c.ClickCookie.Value, purpose: c.Purpose, anonymous: c.Anonymous}
	if s := c.Sessions; s != nil {
		id.sessions = &sessions{cookie: s.Cookie.Value, timeout: s.Timeout.Std(), signer: session.NewSigner(c.Secret.Reveal())}
	}
	if k := c.Keep; k != nil {
		id.keeper = keeper.New(k.Cookie.Value, texts(k.Cookies))
	}
	if l := c.Link; l != nil {
		id.link = &link{linker.New(c.Secret.Reveal(), random), texts(l.Domains)}
	}
	if m := c.Meta; m != nil {
		id.meta = &metaCookies{}
		if a, ok := identity.ParseAppendix(m.Appendix.Value); ok {
			id.meta.appendix = &a
		}
	}
	return id
}

func texts(words []document.Words) []string {
	out := make([]string, len(words))
	for i := range words {
		out[i] = words[i].Value
	}
	return out
}

// link carries the id between domains of one owner.
type link struct {
	*linker.Linker
	domains linker.Domains
}

// sessions follows visits in a signed cookie of ours.
type sessions struct {
	cookie  string
	timeout time.Duration
	signer  *session.Signer
}

// metaCookies is how _fbp and _fbc are set from the server.
type metaCookies struct {
	appendix *identity.Appendix // nil without one
}

// behind returns a value with the appendix behind it.
func (m *metaCookies) behind(value string, what byte) string {
	if m.appendix == nil {
		return value
	}
	a := *m.appendix
	a[2] = what
	return value + "." + base64.RawURLEncoding.EncodeToString(a[:])
}
