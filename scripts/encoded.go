package scripts

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/andybalholm/brotli"

	"headgate/event"
)

// encoded is a text in the encodings that browsers take.
type encoded struct {
	plain, gz, br []byte
	digest        string // what the ETag is made of
}

// encode compresses a text; quality is Brotli's.
func encode(text []byte, quality int) encoded {
	var gz, br bytes.Buffer
	g := gzip.NewWriter(&gz)
	b := brotli.NewWriterLevel(&br, quality)
	_, _ = g.Write(text) // a bytes.Buffer takes everything
	_, _ = b.Write(text)
	_, _ = g.Close(), b.Close()
	sum := sha256.Sum256(text)
	return encoded{plain: text, gz: gz.Bytes(), br: br.Bytes(), digest: hex.EncodeToString(sum[:16])}
}

// best returns the text in the smallest encoding that Accept-Encoding takes; "" is none.
func (e *encoded) best(accept string) (encoding string, body []byte) {
	takes := map[string]bool{}
	for one := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		weight = strings.ReplaceAll(weight, " ", "")
		takes[strings.TrimSpace(name)] = strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
	}
	switch {
	case takes["br"] && len(e.br) < len(e.plain):
		return "br", e.br
	case takes["gzip"] && len(e.gz) < len(e.plain):
		return "gzip", e.gz
	}
	return "", e.plain
}

// tag is the ETag of the text in an encoding.
func (e *encoded) tag(encoding string) string {
	if encoding != "" {
		return `"` + e.digest + "-" + encoding + `"`
	}
	return `"` + e.digest + `"`
}

// answer serves the text: in the best encoding that the client takes, and not at all where the client has it.
func (e *encoded) answer(h *event.Hit, contentType, cacheControl, result string) Answer {
	encoding, body := e.best(h.Headers.Get("accept-encoding"))
	tag := e.tag(encoding)
	a := Answer{Status: 200, Body: body, Result: result, Headers: event.Headers{
		{Name: "content-type", Value: contentType}, {Name: "etag", Value: tag}, {Name: "vary", Value: "accept-encoding"},
		{Name: "cache-control", Value: cacheControl}, noSniff, {Name: "cross-origin-resource-policy", Value: "cross-origin"},
	}}
	if encoding != "" {
		a.Headers = append(a.Headers, event.Header{Name: "content-encoding", Value: encoding})
	}
	for known := range strings.SplitSeq(h.Headers.Get("if-none-match"), ",") {
		if known = strings.TrimPrefix(strings.TrimSpace(known), "W/"); known == tag || known == "*" {
			a.Status, a.Body = 304, nil
		}
	}
	return a
}
