package auth

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // vendors sign with HMAC-SHA1
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http/body"
	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// signature is a compiled hmac:.
type signature struct {
	header, prefix string
	key, of        *rules.Template
	hash           func() hash.Hash
	encode         func([]byte) string
}

func compileSignature(c *destinations.Formulas, h *catalog.HMAC, s rules.Scope) *signature {
	out := &signature{header: h.Header, prefix: h.Prefix, key: c.Template(h.Key, s), of: c.Template(h.Of, s.Answer())}
	at := document.Place{}
	if h.Key != nil {
		at = h.Key.At
	}
	if h.Header == "" || h.Key == nil {
		c.Mistakes.Add(at, "hmac needs a header and a key", "write hmac: {header: X-Signature, key: =settings.secret}")
	}
	switch h.Hash {
	case "", "sha256":
		out.hash = sha256.New
	case "sha1":
		out.hash = sha1.New
	case "sha512":
		out.hash = sha512.New
	default:
		c.Mistakes.Add(at, fmt.Sprintf("no hash %q", h.Hash), "write sha256, sha1 or sha512")
	}
	switch h.Encoding {
	case "", "hex":
		out.encode = hex.EncodeToString
	case "base64":
		out.encode = base64.StdEncoding.EncodeToString
	default:
		c.Mistakes.Add(at, fmt.Sprintf("no encoding %q", h.Encoding), "write hex or base64")
	}
	return out
}

func (s *signature) sign(f *body.Frame, body []byte) string {
	key := f.Text(s.key)
	if key == "" {
		return ""
	}
	mac := hmac.New(s.hash, []byte(key))
	if s.of != nil {
		f.Env.Body = event.String(string(body))
		body = []byte(f.Text(s.of))
	}
	mac.Write(body)
	return s.prefix + s.encode(mac.Sum(nil))
}
