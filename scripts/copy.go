package scripts

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
)

// copied is one version of a vendor's file. It is never changed.
type copied struct {
	kind      string // the content type, without parameters
	validator string // the vendor's ETag
	digest    string // SHA-256 of the vendor's file, in hex
	size      int    // of the vendor's file
	fetched   time.Time
	until     time.Time // until when it is fresh
	hosts     []string  // that the vendor's file names
	evals     int       // how often it makes code out of text

	raw           []byte // as the vendor sent it; kept on disk
	plain, gz, br []byte // as it is served: with hosts replaced
	served        string // of plain: what the ETag is made of
}

// newCopy makes a copy of what a vendor has sent.
func newCopy(raw []byte, kind, validator string, at time.Time, s *Script) *copied {
	sum := sha256.Sum256(raw)
	c := &copied{kind: kind, validator: validator, digest: hex.EncodeToString(sum[:]), size: len(raw), fetched: at, until: at.Add(s.maxAge),
		hosts: hostsIn(raw), evals: evalsIn(raw), raw: raw, plain: raw}
	if s.rewrite != nil {
		c.plain = []byte(s.rewrite.Replace(string(raw)))
	}
	sum = sha256.Sum256(c.plain)
	c.served = hex.EncodeToString(sum[:16])
	var gz, br bytes.Buffer
	g := gzip.NewWriter(&gz)
	b := brotli.NewWriterLevel(&br, 5)
	_, _ = g.Write(c.plain) // a bytes.Buffer takes everything
	_, _ = b.Write(c.plain)
	_, _ = g.Close(), b.Close()
	c.gz, c.br = gz.Bytes(), br.Bytes()
	return c
}

// fresh reports whether a copy need not be asked for again; nil is never fresh.
func (c *copied) fresh(now time.Time) bool { return c != nil && now.Before(c.until) }

// seenAgain is the copy, which the vendor says is still the newest.
func (c *copied) seenAgain(at time.Time, maxAge time.Duration) *copied {
	again := *c
	again.fetched, again.until = at, at.Add(maxAge)
	return &again
}

// retryAt is the copy, whose vendor did not answer as it should: it is asked again in a minute.
func (c *copied) retryAt(at time.Time) *copied {
	again := *c
	again.until = at.Add(time.Minute)
	return &again
}

// held is how many bytes of memory a copy takes.
func (c *copied) held() int { return len(c.raw) + len(c.plain) + len(c.gz) + len(c.br) + 1024 }

func (c *copied) contentType() string {
	if c.kind == "application/json" {
		return c.kind
	}
	return javaScript
}

// encoded returns the copy in the smallest encoding that Accept-Encoding takes; "" is none.
func (c *copied) encoded(accept string) (encoding string, body []byte) {
	takes := map[string]bool{}
	for one := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		weight = strings.ReplaceAll(weight, " ", "")
		takes[strings.TrimSpace(name)] = strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
	}
	switch {
	case takes["br"] && len(c.br) < len(c.plain):
		return "br", c.br
	case takes["gzip"] && len(c.gz) < len(c.plain):
		return "gzip", c.gz
	}
	return "", c.plain
}

// tag is the ETag of the copy in an encoding.
func (c *copied) tag(encoding string) string {
	if encoding != "" {
		return `"` + c.served + "-" + encoding + `"`
	}
	return `"` + c.served + `"`
}
