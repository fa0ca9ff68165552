package auth

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // vendors sign with HMAC-SHA1
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/destinations/http/body"
	"headgate/rules"
)

// oauth1 signs requests by OAuth 1.0a with HMAC-SHA1: https://www.rfc-editor.org/rfc/rfc5849#section-3.4
type oauth1 struct {
	consumerKey, consumerSecret, accessToken, tokenSecret *rules.Template
}

// header is the Authorization header. The body takes part only when it is a form.
func (o *oauth1) header(f *body.Frame, method string, u *url.URL, form url.Values, now time.Time, random io.Reader) (string, error) {
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	params := [][2]string{
		{"oauth_consumer_key", f.Text(o.consumerKey)},
		{"oauth_nonce", hex.EncodeToString(nonce)},
		{"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", strconv.FormatInt(now.Unix(), 10)},
		{"oauth_token", f.Text(o.accessToken)},
		{"oauth_version", "1.0"},
	}
	key := percent(f.Text(o.consumerSecret)) + "&" + percent(f.Text(o.tokenSecret))
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(signatureBase(method, u, form, params)))
	params = append(params, [2]string{"oauth_signature", base64.StdEncoding.EncodeToString(mac.Sum(nil))})
	slices.SortFunc(params, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = p[0] + `="` + percent(p[1]) + `"`
	}
	return "OAuth " + strings.Join(parts, ", "), nil
}

// signatureBase is the text that is signed: https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1
func signatureBase(method string, u *url.URL, form url.Values, params [][2]string) string {
	var pairs [][2]string
	for _, values := range []url.Values{u.Query(), form} {
		for name, many := range values {
			for _, v := range many {
				pairs = append(pairs, [2]string{percent(name), percent(v)})
			}
		}
	}
	for _, p := range params {
		pairs = append(pairs, [2]string{percent(p[0]), percent(p[1])})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	joined := make([]string, len(pairs))
	for i, p := range pairs {
		joined[i] = p[0] + "=" + p[1]
	}
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	base := u.Scheme + "://" + host + u.EscapedPath()
	return method + "&" + percent(base) + "&" + percent(strings.Join(joined, "&"))
}

// percent encodes everything but RFC 3986's unreserved characters, as RFC 5849 section 3.6 asks.
func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
