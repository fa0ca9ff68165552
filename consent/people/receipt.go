package people

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/event"
	"headgate/event/wording"
)

// Receipt proves one choice of one subject: who (by a hash), when, what, on what evidence, under which policy. Receipts
// form a chain, so that none can be changed or taken out unnoticed. They hold no address and no id in clear.
type Receipt struct {
	Subject  string     `json:"subject"`
	KnownBy  string     `json:"known_by,omitempty"` // how the subject was known: cookie, server_key, link, or stated by the event
	Time     time.Time  `json:"time"`
	Site     string     `json:"site,omitempty"`
	Rule     string     `json:"rule"`
	Model    string     `json:"model"`
	Choices  []Choice   `json:"choices"`
	Evidence []Evidence `json:"evidence"`
	Policy   string     `json:"policy,omitempty"` // hash of the configuration that was in force
	Previous string     `json:"previous"`         // hash of the receipt before, "" for the first
	Hash     string     `json:"hash"`
}

// Choice is what was chosen about one purpose.
type Choice struct {
	Purpose string `json:"purpose"`
	Granted bool   `json:"granted"`
	Source  string `json:"source"`
}

// Evidence is a signal that a choice was read from.
type Evidence struct {
	Source string    `json:"source"`
	Name   string    `json:"name"`
	Value  string    `json:"value"` // as sent, or its hash
	When   time.Time `json:"when,omitzero"`
}

// NewReceipt makes the receipt for what a record says someone chose, or objected to; ok is false when nobody chose
// anything. It still has to be chained.
func NewReceipt(r *event.Record, subject Subject, site, policy string, at time.Time) (receipt Receipt, ok bool) {
	receipt = Receipt{Subject: subject.String(), Time: at.UTC().Truncate(time.Millisecond), Site: site, Rule: r.Rule, Model: r.Model, Policy: policy}
	for i := range r.States {
		s := &r.States[i]
		if strings.Contains(s.Purpose, ":") || s.Basis != event.ByChoice && s.Basis != event.BySignal {
			continue
		}
		source := wording.Source(r, s)
		receipt.Choices = append(receipt.Choices, Choice{s.Purpose, s.State == event.Granted, source})
		for k := range r.Signals {
			sig := &r.Signals[k]
			e := Evidence{sig.Source, sig.Name, sig.Value, sig.When}
			if sig.Aside.Kind == event.NotAside && strings.HasPrefix(source, sig.Name) && !slices.Contains(receipt.Evidence, e) {
				receipt.Evidence = append(receipt.Evidence, e)
			}
		}
	}
	return receipt, len(receipt.Choices) > 0
}

// SameChoice reports whether two receipts of a subject say the same, so that only changes are kept.
func (r *Receipt) SameChoice(o *Receipt) bool {
	return r.Subject == o.Subject && r.Site == o.Site && slices.EqualFunc(r.Choices, o.Choices, func(a, b Choice) bool {
		return a.Purpose == b.Purpose && a.Granted == b.Granted
	})
}

// Chain links the receipt to the one before it, whose hash is previous, and seals it.
func (r *Receipt) Chain(previous string) {
	r.Previous = previous
	r.Hash = r.seal()
}

// seal hashes everything but the hash. Each text is preceded by its length, so that no two receipts read alike.
func (r *Receipt) seal() string {
	h := sha256.New()
	write := func(texts ...string) {
		for _, s := range texts {
			fmt.Fprintf(h, "%d:%s", len(s), s)
		}
	}
	version := "receipt 1"
	if r.KnownBy != "" {
		version = "receipt 2"
		write(r.KnownBy)
	}
	write(version, r.Previous, r.Subject, r.Time.UTC().Format(time.RFC3339Nano), r.Site, r.Rule, r.Model, r.Policy)
	write(strconv.Itoa(len(r.Choices)))
	for _, c := range r.Choices {
		write(c.Purpose, bit(c.Granted), c.Source)
	}
	write(strconv.Itoa(len(r.Evidence)))
	for _, e := range r.Evidence {
		write(e.Source, e.Name, e.Value, e.When.UTC().Format(time.RFC3339Nano))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// VerifyReceipts checks a chain from its first receipt on, whose Previous must be the given hash. It says which receipt is
// the first that does not fit.
func VerifyReceipts(previous string, chain []Receipt) error {
	for i := range chain {
		r := &chain[i]
		switch {
		case r.Previous != previous:
			return fmt.Errorf("receipt %d does not follow the one before it", i+1)
		case r.Hash != r.seal():
			return fmt.Errorf("receipt %d was changed", i+1)
		}
		previous = r.Hash
	}
	return nil
}

func bit(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

// How a chooser was known, as receipts say it.
const (
	KnownByCookie = "cookie"
	KnownByServer = "server_key"
	KnownByLink   = "link"
	KnownByWord   = "stated"
)

// Expression is a choice as an event or a request expresses it.
type Expression struct {
	Event   *event.Event // whose site and time it has
	Record  *event.Record
	KnownBy string
	From    netip.Addr // whose allowance of new choices it takes; the zero address only that of all together
	Policy  string     // hash of the configuration in force
}

// ErrTooManyChoices is returned for a new choice when its address, or all addresses together, have made too many.
var ErrTooManyChoices = errors.New("too many choices from one address")
