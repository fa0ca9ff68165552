// Package aws signs requests to services of Amazon Web Services with Signature Version 4 and finds the credentials to sign with
// where the programs of a machine find them: in the environment, in a file, or at the address that a container or an instance
// gets them from.
//
// It promises that credentials which expire are renewed before they do, by one caller while the others wait. It knows no
// service, sends no events, and never logs or returns a secret in an error.
package aws

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Keys are what requests are signed with. The zero value is none.
type Keys struct {
	ID, Secret string
	Session    string    // of temporary keys: sent along, "" for others
	Expires    time.Time // zero: never
}

// Scope is what a signature is good for.
type Scope struct {
	Region  string // such as eu-central-1
	Service string // as the service is named in signatures: kinesis, sqs, s3
}

const (
	algorithm = "AWS4-HMAC-SHA256"
	stamp     = "20060102T150405Z"
	day       = "20060102"
)

// Sign adds the headers Host, X-Amz-Date, X-Amz-Security-Token for temporary keys, X-Amz-Content-Sha256 for S3, and Authorization. The
// signature covers the method, the path, the query, the host, Content-Type, Content-MD5, all X-Amz-* headers and the body, none of
// which may change afterwards. It is good for about 15 minutes around now.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func Sign(r *http.Request, body []byte, k Keys, s Scope, now time.Time) {
	now = now.UTC()
	digest := sha256.Sum256(body)
	payload := hex.EncodeToString(digest[:])
	r.Host = trimPort(cmp.Or(r.Host, r.URL.Host), r.URL.Scheme)
	r.Header.Set("X-Amz-Date", now.Format(stamp))
	r.Header.Del("X-Amz-Security-Token")
	if k.Session != "" {
		r.Header.Set("X-Amz-Security-Token", k.Session)
	}
	if s.Service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", payload)
	}
	headers, names := canonicalHeaders(r)
	canonical := strings.Join([]string{r.Method, canonicalPath(r.URL, s.Service), canonicalQuery(r.URL), headers, names, payload}, "\n")
	digest = sha256.Sum256([]byte(canonical))
	scope := strings.Join([]string{now.Format(day), s.Region, s.Service, "aws4_request"}, "/")
	text := strings.Join([]string{algorithm, now.Format(stamp), scope, hex.EncodeToString(digest[:])}, "\n")
	key := []byte("AWS4" + k.Secret)
	for _, part := range []string{now.Format(day), s.Region, s.Service, "aws4_request", text} {
		key = mac(key, part)
	}
	r.Header.Set("Authorization", algorithm+" Credential="+k.ID+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(key))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// canonicalHeaders are the headers that are signed, each on a line, and their names. Others may be changed on the way: proxies
// add some, and net/http sets User-Agent and Content-Length by itself.
func canonicalHeaders(r *http.Request) (lines, names string) {
	values := map[string]string{"host": r.Host}
	signed := []string{"host"}
	for name, all := range r.Header {
		lower := strings.ToLower(name)
		if lower != "content-type" && lower != "content-md5" && !strings.HasPrefix(lower, "x-amz-") {
			continue
		}
		trimmed := make([]string, len(all))
		for i, v := range all {
			trimmed[i] = strings.Join(strings.Fields(v), " ")
		}
		values[lower] = strings.Join(trimmed, ",")
		signed = append(signed, lower)
	}
	slices.Sort(signed)
	var b strings.Builder
	for _, name := range signed {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return b.String(), strings.Join(signed, ";")
}

// trimPort leaves out the port that a scheme implies: services check a signature without it.
func trimPort(host, scheme string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// canonicalPath is the path as sent; every service but S3 escapes it once more. A path with . or .. segments is not normalised:
// none of ours has them.
func canonicalPath(u *url.URL, service string) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if service == "s3" {
			if plain, err := url.PathUnescape(segment); err == nil {
				segment = plain
			}
		}
		segments[i] = escape(segment)
	}
	return strings.Join(segments, "/")
}

func canonicalQuery(u *url.URL) string {
	var pairs []string
	for name, values := range u.Query() {
		for _, v := range values {
			pairs = append(pairs, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape escapes everything but the unreserved characters of RFC 3986.
func escape(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
	}
	return b.String()
}
