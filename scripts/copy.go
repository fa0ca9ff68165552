package scripts

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
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

	raw     []byte // as the vendor sent it; kept on disk
	encoded        // as it is served: with hosts replaced
}

// newCopy makes a copy of what a vendor has sent.
func newCopy(raw []byte, kind, validator string, at time.Time, s *Script) *copied {
	sum := sha256.Sum256(raw)
	c := &copied{kind: kind, validator: validator, digest: hex.EncodeToString(sum[:]), size: len(raw), fetched: at, until: at.Add(s.maxAge),
		hosts: hostsIn(raw), evals: evalsIn(raw), raw: raw}
	served := raw
	if s.rewrite != nil {
		served = []byte(s.rewrite.Replace(string(raw)))
	}
	c.encoded = encode(served, 5)
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

func isScript(kind string) bool {
	switch kind {
	case "text/javascript", "application/javascript", "application/x-javascript", "application/json":
		return true
	}
	return false
}
