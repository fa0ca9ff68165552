// Package signature checks that a webhook's delivery was signed by its sender: by an HMAC under a secret that only the sender and
// this site know, or with the sender's own RSA or Ed25519 key, over the bytes as they were sent, with or without a time of
// sending. How a sender signs is data, a Scheme.
//
// It promises that a MAC is compared in constant time, that nothing but a configured key makes a delivery genuine, that an empty secret
// never does, and that a public key is never taken for a secret. It reads no clock and keeps no state: whether a delivery was seen before
// is the caller's business.
package signature

import (
	"crypto/sha1" //nolint:gosec // for senders that sign with nothing better
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"headgate/document"
)

// Scheme says how a sender signs its deliveries.
type Scheme struct {
	At        document.Place    `yaml:"-"`
	Header    string            `yaml:"header,required" help:"Header that the signature comes in" example:"X-Signature"`
	Algorithm string            `yaml:"algorithm" choices:"sha256,sha512,sha1,ed25519,rsa-sha256" help:"Hash of the HMAC; or the algorithm of a sender that signs with a key of its own (rsa-sha256 is PKCS #1 v1.5), which public_keys check" example:"sha256"`
	Encoding  string            `yaml:"encoding" choices:"hex,base64,base64url" help:"How the signature is written" example:"hex"`
	Prefix    string            `yaml:"prefix" help:"What stands before a signature; one without it is passed over" example:"sha256="`
	Separator string            `yaml:"separator" help:"What stands between several signatures, or with field: between the pairs; without it there is one" example:","`
	Field     string            `yaml:"field" help:"The header holds pairs such as t=1,v1=abc; this is the name of those that are signatures" example:"v1"`
	Signed    string            `yaml:"signed" help:"What is signed: text with {body}, {timestamp}, {id}, {method}, {url} and {path}" example:"{timestamp}.{body}"`
	Timestamp string            `yaml:"timestamp" help:"Header that the time of sending comes in, with field: the name of its pair; it has to be signed" example:"X-Timestamp"`
	Unit      string            `yaml:"unit" choices:"s,ms,rfc3339" help:"How the time of sending is written" example:"s"`
	Window    document.Duration `yaml:"window" help:"How old or how far ahead the time of sending may be" example:"5m"`
	ID        string            `yaml:"id" help:"Header that the delivery's id comes in; it has to be signed" example:"X-Id"`
	Key       string            `yaml:"key" choices:"text,base64" help:"What the secret is: the key itself, or the key in base64, with or without whsec_ before it" example:"text"`
	URL       string            `yaml:"url" help:"What stands for {url}: the address that deliveries are sent to, as the sender has it" example:"https://t.shop.example/hooks/crm"`
}

// SetDefaults implements document.Defaulter.
func (s *Scheme) SetDefaults() {
	s.Algorithm, s.Encoding, s.Signed, s.Unit, s.Key = "sha256", "hex", "{body}", "s", "text"
	s.Window = document.Duration(5 * time.Minute)
}

// Schemes are the ways of one sender: which of them a delivery is signed in shows in its headers. A map stands for a list of one.
type Schemes []Scheme

// DecodeDocument reads a scheme or a list of them.
func (s *Schemes) DecodeDocument(n *document.Node) document.Mistakes {
	items := []*document.Node{n}
	switch n.Kind {
	case document.Null:
		return nil
	case document.List:
		items = n.Items
	}
	*s = make(Schemes, len(items))
	var ms document.Mistakes
	for i, item := range items {
		(*s)[i].SetDefaults()
		wrong := document.Decode(item, &(*s)[i])
		if len(wrong) == 0 {
			wrong = (*s)[i].check()
		}
		ms = append(ms, wrong...)
	}
	return ms
}

// holes are the parts that the signed text can consist of.
var holes = []string{"body", "timestamp", "id", "method", "url", "path"}

// longestWindow is the most that a window may be: the deliveries of a window are remembered, so that none counts twice.
const longestWindow = 24 * time.Hour

// check finds what is wrong with a scheme beyond the types of its keys.
func (s *Scheme) check() (ms document.Mistakes) {
	parts, fault := s.parts()
	if fault != "" {
		ms.Add(s.At, "signed: "+fault, "write {"+strings.Join(holes, "}, {")+"}")
		return ms
	}
	has := func(hole string) bool { return slices.Contains(parts, part{hole: hole}) }
	if !has("body") {
		ms.Add(s.At, "signed lacks {body}: whoever has one signature could send anything with it", "write signed: \"{body}\", or what the sender signs")
	}
	for _, one := range []struct{ key, hole, value, cure string }{
		{"timestamp", "timestamp", s.Timestamp, "write timestamp: with the header that the time comes in"},
		{"id", "id", s.ID, "write id: with the header that the id comes in"},
		{"url", "url", s.URL, "write url: with the address that deliveries are sent to"},
	} {
		switch {
		case has(one.hole) && one.value == "":
			ms.Add(s.At, fmt.Sprintf("signed has {%s}, and %s says nothing", one.hole, one.key), one.cure)
		case !has(one.hole) && one.value != "" && one.key != "url":
			ms.Add(s.At, fmt.Sprintf("%s is not signed: anybody could change it", one.key), fmt.Sprintf("write {%s} into signed, or leave %s out", one.hole, one.key))
		}
	}
	if s.Field != "" && s.Separator == "" {
		ms.Add(s.At, "field without separator", "write separator: with what stands between the pairs, such as a comma")
	}
	if w := s.Window.Std(); s.Timestamp != "" && (w <= 0 || w > longestWindow) {
		ms.Add(s.At, fmt.Sprintf("a window of %s", s.Window), "write one of up to 24h, such as 5m")
	}
	return ms
}

// part is a piece of the signed text: a text as it is, or a hole.
type part struct{ text, hole string }

// parts takes the signed text apart; fault says what is wrong with it.
func (s *Scheme) parts() (parts []part, fault string) {
	for rest := s.Signed; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			parts = append(parts, part{text: before})
		}
		if !found {
			break
		}
		hole, more, closed := strings.Cut(after, "}")
		switch {
		case !closed:
			return nil, "a { is never closed"
		case !slices.Contains(holes, hole):
			return nil, fmt.Sprintf("{%s} stands for nothing", hole)
		}
		parts, rest = append(parts, part{hole: hole}), more
	}
	return parts, ""
}

func (s *Scheme) hash() func() hash.Hash {
	switch s.Algorithm {
	case "sha1":
		return sha1.New
	case "sha512":
		return sha512.New
	}
	return sha256.New
}

// decode undoes how a signature is written. Hex is taken in either case, as senders write it in both.
func (s *Scheme) decode(text string) ([]byte, bool) {
	var mac []byte
	var err error
	switch s.Encoding {
	case "base64":
		mac, err = base64.StdEncoding.Strict().DecodeString(text)
	case "base64url":
		mac, err = base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
	default:
		mac, err = hex.DecodeString(text)
	}
	return mac, err == nil
}
