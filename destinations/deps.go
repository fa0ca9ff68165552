package destinations

import (
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"headgate/document"
	"headgate/rules"
)

// Deps are what destinations are opened with. Language and Engine are needed; the zero value of the others is the real thing.
type Deps struct {
	Language *rules.Language
	Engine   NewEngine // delivers what files describe under send:
	Drivers  map[string]NewDriver
	Allow    []netip.Prefix    // egress.allow: private and loopback ranges that may be reached
	Client   http.RoundTripper // in place of the network: for tests
	Now      func() time.Time  // nil: time.Now
	Random   io.Reader         // for OAuth 1.0a; nil: crypto/rand
	Secrets  *document.Secrets // hidden by value in all that is shown; nil: only settings of the type secret are
	Logger   *slog.Logger      // nil: nothing is logged

	Others         []string // names of all destinations, for suggestions in rules
	LiteralSecrets bool     // secrets may stand in the file: golden cases
}
