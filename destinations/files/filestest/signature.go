package filestest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/aws/smithy-go/aws-http-auth/credentials"
	"github.com/aws/smithy-go/aws-http-auth/sigv4"
	v4 "github.com/aws/smithy-go/aws-http-auth/v4"
)

// Secret is the secret key that a Bucket's requests are signed with.
const Secret = "s"

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=`)

// signed reports whether a request has the signature that Amazon's own library makes of what has arrived. The body can be read again.
func signed(r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	said := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	digest := sha256.Sum256(body)
	if said == nil || err != nil || r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(digest[:]) {
		return false
	}
	theirs, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+r.Host+r.URL.RequestURI(), nil) //nolint:gosec // it is only signed
	if err != nil {
		return false
	}
	names := headerNames(strings.Split(said[3], ";"))
	for name := range r.Header {
		if names.IsSigned(strings.ToLower(name)) {
			theirs.Header[name] = r.Header[name]
		}
	}
	err = sigv4.New().SignRequest(&sigv4.SignRequestInput{Request: theirs, PayloadHash: digest[:], Service: "s3", Region: said[2], Time: at,
		Credentials: credentials.Credentials{AccessKeyID: said[1], SecretAccessKey: Secret}},
		func(o *v4.SignerOptions) {
			o.HeaderRules, o.DisableDoublePathEscape, o.AddPayloadHashHeader = names, true, true
		})
	return err == nil && theirs.Header.Get("Authorization") == r.Header.Get("Authorization")
}

// headerNames are the headers that a request says it has signed.
type headerNames []string

// IsSigned is of v4.HeaderRules.
func (h headerNames) IsSigned(name string) bool {
	for _, n := range h {
		if n == name {
			return true
		}
	}
	return false
}
