package vendors_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"math"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// https://docs.x.com/x-ads-api/measurement/web-conversions
func x() *vendor {
	const conversions = `{page_view: tw-o8z6j-e01, view_item: tw-o8z6j-e02, search: tw-o8z6j-e03, add_to_cart: tw-o8z6j-e05, begin_checkout: tw-o8z6j-e07, ` +
		`purchase: tw-o8z6j-o87ne, generate_lead: tw-o8z6j-e10, sign_up: tw-o8z6j-e11}`
	identifier := object(fields{"twclid": text, "hashed_email": hashed, "hashed_phone_number": hashed, "ip_address": ip, "user_agent": text})
	// The visitor's address and user agent go together, and do not do alone.
	enough := func(at string, v any) []string {
		for _, one := range listWithin(v, "identifiers") {
			if len(oneOf("twclid", "hashed_email", "hashed_phone_number")(at, one)) == 0 {
				return nil
			}
		}
		return fault(at+".identifiers", "do not tell whose conversion it is")
	}
	together := func(at string, v any) []string {
		o, _ := v.(map[string]any)
		_, ip := o["ip_address"]
		if _, agent := o["user_agent"]; agent != ip {
			return fault(at, "has one of ip_address and user_agent")
		}
		return nil
	}
	content := object(fields{"content_id": text, "content_name": text, "content_type": text, "content_price": number, "num_items": between(1, 1e6), "content_group_id": text})
	event := object(fields{
		"conversion_time!": matching(`20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z`), "event_id!": matching(`tw-o8z6j-[0-9a-z]+`),
		"identifiers!": list(1, 10, both(identifier, together)), "value": either(number, numeral), "price_currency": currency, "number_items": between(1, 1e6),
		"description": text, "conversion_id": text, "contents": list(1, 1000, content),
	})
	body := object(fields{"conversions!": list(1, 500, both(event, enough))})
	return &vendor{
		name: "x",
		settings: `{pixel_id: o8z6j, conversions: ` + conversions + `, consumer_key: "${SECRET}-consumer&key", consumer_secret: "${SECRET}-consumer+secret", ` +
			`access_token: "${SECRET}-token", access_token_secret: "${SECRET}-token/secret", endpoint: "%URL%"}`,
		needs: "ads sharing",
		takes: "page_view view_item search add_to_cart begin_checkout purchase generate_lead sign_up",
		lacks: "page_view_anonymous",
		read: func(r *received) []row {
			r.address("POST", "/12/measurement/conversions/o8z6j", nil)
			signedForX(r, "secret-consumer&key", "secret-consumer+secret", "secret-token", "secret-token/secret")
			return rows(listWithin(r.json(1<<20, body), "conversions"), "conversion_id")
		},
		taken: func([]row) answer {
			return answer{status: 200, body: `{"request":{"params":{}},"data":{"conversions_processed":1,"debug_id":"ee9ce0a1"}}`}
		},
		refuse: func(*received, []row, []int) answer {
			return answer{status: 400, body: `{"errors":[{"code":"INVALID_PARAMETER","message":"The order is none of this pixel","attribute":"conversion_id"}],"request":{"params":{}}}`}
		},
		why:       "INVALID_PARAMETER conversion_id The order is none of this pixel",
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"errors":[{"code":"TOO_MANY_REQUESTS","message":"Request rate exceeded"}]}`, words: "Request rate exceeded"},
		broken:    answer{status: 500, body: `{"errors":[{"code":"INTERNAL_ERROR","message":"An internal error occurred."}]}`, words: "An internal error occurred."},
		expired:   answer{status: 401, body: `{"errors":[{"code":"UNAUTHORIZED_ACCESS","message":"This request is not properly authenticated"}]}`, words: "This request is not properly authenticated"},
	}
}

var oauthParameter = regexp.MustCompile(`^(oauth_[a-z_]+)="([^"]*)"$`)

// signedForX verifies a signature of OAuth 1.0a step by step: https://www.rfc-editor.org/rfc/rfc5849#section-3.4. The JSON
// of the body is not part of what is signed.
func signedForX(r *received, key, secret, token, tokenSecret string) {
	credentials, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	if !ok {
		r.fault("no OAuth signature")
		return
	}
	given := map[string]string{}
	for part := range strings.SplitSeq(credentials, ", ") {
		found := oauthParameter.FindStringSubmatch(part)
		if found == nil {
			r.fault("%q is no parameter of OAuth", part)
			return
		}
		value, err := url.PathUnescape(found[2])
		if _, twice := given[found[1]]; err != nil || twice {
			r.fault("%q is escaped wrongly, or there twice", part)
		}
		given[found[1]] = value
	}
	signature := given["oauth_signature"]
	delete(given, "oauth_signature")
	for name, want := range map[string]string{"oauth_consumer_key": key, "oauth_token": token, "oauth_signature_method": "HMAC-SHA1", "oauth_version": "1.0"} {
		if given[name] != want {
			r.fault("%s is %q", name, given[name])
		}
	}
	if at, err := strconv.ParseInt(given["oauth_timestamp"], 10, 64); err != nil || math.Abs(float64(time.Now().Unix()-at)) > 300 {
		r.fault("oauth_timestamp is %q", given["oauth_timestamp"])
	}
	if len(given["oauth_nonce"]) < 8 || len(given) != 6 {
		r.fault("a parameter is missing, or one too many: %v", given)
	}
	escape := strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~")
	escaped := func(s string) string { return escape.Replace(url.QueryEscape(s)) }
	var pairs []string
	for name, value := range given {
		pairs = append(pairs, escaped(name)+"="+escaped(value))
	}
	sort.Strings(pairs)
	mac := hmac.New(sha1.New, []byte(escaped(secret)+"&"+escaped(tokenSecret)))
	mac.Write([]byte("POST&" + escaped("http://"+r.Host+r.URL.Path) + "&" + escaped(strings.Join(pairs, "&"))))
	if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); signature != want {
		r.fault("the signature is %q, not %q", signature, want)
	}
}
