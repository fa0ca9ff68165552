package signature_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/sources/signature"
)

const (
	secret = "a secret of enough bytes"
	old    = "the secret of last month"
	body   = `{"id":1}`
)

var now = time.Unix(1795900000, 400_000_000)

func schemes(t testing.TB, text string) signature.Schemes {
	t.Helper()
	n, ms := document.Parse("verify.yaml", []byte(text))
	var s signature.Schemes
	if err := append(ms, document.Decode(n, &s)...).Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func keysOf(t testing.TB, s signature.Schemes, secrets ...string) (keys [][]signature.Key) {
	t.Helper()
	var all []document.Secret
	for _, one := range secrets {
		all = append(all, document.NewSecret(one))
	}
	for i := range s {
		k, ms := s[i].Keys(all, document.Place{})
		if err := ms.Err(); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// hit is a delivery with headers as "name: value".
func hit(body string, headers ...string) *event.Hit {
	h := &event.Hit{Method: "POST", Path: "/hooks/crm", Body: []byte(body), Received: now}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Headers = append(h.Headers, event.Header{Name: strings.ToLower(name), Value: value})
	}
	return h
}

// mac is the test's own signature of a text.
func mac(key, text string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexed(key, text string) string { return hex.EncodeToString(mac(key, text)) }

const (
	plain  = `{header: X-Signature}`
	dated  = `{header: X-Signature, separator: ",", field: v1, timestamp: t, signed: "{timestamp}.{body}"}`
	withID = `{header: X-Signature, signed: "{timestamp}.{id}.{body}", timestamp: X-Time, id: X-Id}`
)

func pairs(at int64, key string) string {
	return fmt.Sprintf("X-Signature: t=%d,v1=%s", at, hexed(key, fmt.Sprintf("%d.%s", at, body)))
}

func TestGenuineDeliveries(t *testing.T) {
	t.Parallel()
	base64ed := base64.StdEncoding.EncodeToString(mac(secret, body))
	sent := now.Unix()
	for _, c := range []struct {
		name, scheme string
		hit          *event.Hit
		key          int
	}{
		{"hex", plain, hit(body, "X-Signature: "+hexed(secret, body)), 0},
		{"hex in capitals", plain, hit(body, "X-Signature: "+strings.ToUpper(hexed(secret, body))), 0},
		{"the old secret", plain, hit(body, "X-Signature: "+hexed(old, body)), 1},
		{"base64", `{header: X-Signature, encoding: base64}`, hit(body, "X-Signature: "+base64ed), 0},
		{"base64 of addresses", `{header: X-Signature, encoding: base64url}`, hit(body, "X-Signature: "+base64.URLEncoding.EncodeToString(mac(secret, body))), 0},
		{"a prefix", `{header: X-Signature, prefix: "sha256="}`, hit(body, "X-Signature: sha256="+hexed(secret, body)), 0},
		{"the documented example of GitHub, which is not a secret of ours", `{header: X-Signature, prefix: "sha256="}`,
			hit("Hello, World!", "X-Signature: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), 2},
		{"pairs with a time", dated, hit(body, pairs(sent, secret)), 0},
		{"the second of two pairs", dated, hit(body, "X-Signature: v1="+hexed("x", body)+", "+strings.TrimPrefix(pairs(sent, secret), "X-Signature: ")), 0},
		{"as old as may be", dated, hit(body, pairs(sent-300, secret)), 0},
		{"as far ahead as may be", dated, hit(body, pairs(sent+300, secret)), 0},
		{"a signed id", withID, hit(body, fmt.Sprint("X-Time: ", sent), "X-Id: e-1", "X-Signature: "+hexed(secret, fmt.Sprintf("%d.e-1.%s", sent, body))), 0},
		{"milliseconds", `{header: X-Signature, signed: "{timestamp}.{body}", timestamp: X-Time, unit: ms}`,
			hit(body, fmt.Sprint("X-Time: ", sent*1000), "X-Signature: "+hexed(secret, fmt.Sprintf("%d.%s", sent*1000, body))), 0},
		{"a written time", `{header: X-Signature, signed: "{timestamp}.{body}", timestamp: X-Time, unit: rfc3339}`,
			hit(body, "X-Time: "+now.UTC().Format(time.RFC3339), "X-Signature: "+hexed(secret, now.UTC().Format(time.RFC3339)+"."+body)), 0},
		{"method, address and path", `{header: X-Signature, signed: "{method}{url}{path}{body}", url: "https://t.shop.example/hooks/crm"}`,
			hit(body, "X-Signature: "+hexed(secret, "POSThttps://t.shop.example/hooks/crm/hooks/crm"+body)), 0},
		{"the second of two ways", "[" + plain + ", {header: X-Other}]", hit(body, "X-Other: "+hexed(secret, body)), 0},
		{"an empty body", plain, hit("", "X-Signature: "+hexed(secret, "")), 0},
		{"a key in base64", `{header: X-Signature, key: base64}`, hit(body, "X-Signature: "+hexed("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", body)), 0},
	} {
		s := schemes(t, c.scheme)
		secrets := []string{secret, old, "It's a Secret to Everybody"}
		if c.name == "a key in base64" {
			secrets = []string{"whsec_AAECAwQFBgcICQoLDA0ODw=="}
		}
		proof, err := s.Verify(c.hit, keysOf(t, s, secrets...))
		if err != nil || proof.Key != c.key || len(proof.Mark) == 0 && c.name != "an empty body" {
			t.Errorf("%s: key %d, %v", c.name, proof.Key, err)
		}
	}
}

func TestForgedDeliveries(t *testing.T) {
	t.Parallel()
	sent, right := now.Unix(), hexed(secret, body)
	stamped := func(value, signedAs string) *event.Hit {
		return hit(body, "X-Signature: "+value+",v1="+hexed(secret, signedAs+"."+body))
	}
	identified := func(id string) *event.Hit {
		return hit(body, fmt.Sprint("X-Time: ", sent), "X-Id: "+id, "X-Signature: "+hexed(secret, fmt.Sprintf("%d.%s.%s", sent, id, body)))
	}
	for _, c := range []struct {
		name, scheme string
		hit          *event.Hit
		want         error
	}{
		{"no signature", plain, hit(body), signature.ErrAbsent},
		{"an empty one", plain, hit(body, "X-Signature: "), signature.ErrAbsent},
		{"another body", plain, hit(body+" ", "X-Signature: "+right), signature.ErrForged},
		{"another secret", plain, hit(body, "X-Signature: "+hexed("no secret of this site", body)), signature.ErrForged},
		{"an empty secret", plain, hit(body, "X-Signature: "+hexed("", body)), signature.ErrForged},
		{"a part of the signature", plain, hit(body, "X-Signature: "+right[:32]), signature.ErrForged},
		{"one byte more", plain, hit(body, "X-Signature: "+right+"00"), signature.ErrForged},
		{"no hex", plain, hit(body, "X-Signature: "+strings.Repeat("zz", 32)), signature.ErrForged},
		{"base64 in place of hex", plain, hit(body, "X-Signature: "+base64.StdEncoding.EncodeToString(mac(secret, body))), signature.ErrForged},
		{"two headers, the right one first", plain, hit(body, "X-Signature: "+right, "X-Signature: 00"), signature.ErrForged},
		{"two headers, the right one last", plain, hit(body, "X-Signature: 00", "X-Signature: "+right), signature.ErrForged},
		{"two equal headers", plain, hit(body, "X-Signature: "+right, "X-Signature: "+right), signature.ErrForged},
		{"a list where there is none", plain, hit(body, "X-Signature: "+right+","+right), signature.ErrForged},
		{"without the prefix", `{header: X-Signature, prefix: "sha256="}`, hit(body, "X-Signature: "+right), signature.ErrAbsent},
		{"nothing but the prefix", `{header: X-Signature, prefix: "sha256="}`, hit(body, "X-Signature: sha256="), signature.ErrAbsent},
		{"too old", dated, hit(body, pairs(sent-301, secret)), signature.ErrTooOld},
		{"too new", dated, hit(body, pairs(sent+301, secret)), signature.ErrTooNew},
		{"too old and forged: the first is not told", dated, hit(body, pairs(sent-301, "another secret of enough bytes")), signature.ErrForged},
		{"another time", dated, stamped(fmt.Sprint("t=", sent), fmt.Sprint(sent-1)), signature.ErrForged},
		{"no time", dated, stamped("x=1", ""), signature.ErrUndated},
		{"two times", dated, stamped(fmt.Sprintf("t=%d,t=%d", sent, sent), fmt.Sprint(sent)), signature.ErrUndated},
		{"a time in words", dated, stamped("t=now", "now"), signature.ErrUndated},
		{"a time below zero", dated, stamped("t=-1", "-1"), signature.ErrUndated},
		{"a time beyond all numbers", dated, stamped("t=99999999999999999999", "99999999999999999999"), signature.ErrUndated},
		{"milliseconds for seconds", dated, stamped(fmt.Sprint("t=", sent*1000), fmt.Sprint(sent*1000)), signature.ErrTooNew},
		{"only another version", dated, hit(body, fmt.Sprintf("X-Signature: t=%d,v0=%s", sent, right)), signature.ErrAbsent},
		{"an id that is not the signed one", withID, hit(body, fmt.Sprint("X-Time: ", sent), "X-Id: e-2", "X-Signature: "+hexed(secret, fmt.Sprintf("%d.e-1.%s", sent, body))), signature.ErrForged},
		{"an id that slides into the time", withID, identified("1.2"), signature.ErrID},
		{"an empty id", withID, identified(""), signature.ErrID},
		{"a long id", withID, identified(strings.Repeat("a", 257)), signature.ErrID},
		{"two ids", withID, hit(body, fmt.Sprint("X-Time: ", sent), "X-Id: a", "X-Id: b", "X-Signature: "+right), signature.ErrID},
		{"two times in headers", withID, hit(body, "X-Time: 1", "X-Time: 2", "X-Id: a", "X-Signature: "+right), signature.ErrUndated},
		{"a thousand signatures, the right one last", `{header: X-Signature, separator: ","}`, hit(body, "X-Signature: "+strings.Repeat("00,", 1000)+right), signature.ErrForged},
	} {
		s := schemes(t, c.scheme)
		if _, err := s.Verify(c.hit, keysOf(t, s, secret)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// A delivery that is sent again has the same mark, with a signed id also where it is signed anew.
func TestMarks(t *testing.T) {
	t.Parallel()
	s := schemes(t, withID)
	keys := keysOf(t, s, secret)
	mark := func(at int64, id string) string {
		p, err := s.Verify(hit(body, fmt.Sprint("X-Time: ", at), "X-Id: "+id, "X-Signature: "+hexed(secret, fmt.Sprintf("%d.%s.%s", at, id, body))), keys)
		if err != nil {
			t.Fatal(err)
		}
		return string(p.Mark)
	}
	if mark(now.Unix(), "a") != mark(now.Unix()+1, "a") || mark(now.Unix(), "a") == mark(now.Unix(), "b") {
		t.Error("the id does not tell deliveries apart")
	}
}

func TestMistakesOfSchemes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{algorithm: sha256}`:                                                `lacks "header"`,
		`{header: X, signed: "{timestamp}"}`:                                 "signed lacks {body}",
		`{header: X, signed: "{body}{time}"}`:                                "{time} stands for nothing",
		`{header: X, signed: "{body"}`:                                       "a { is never closed",
		`{header: X, timestamp: X-Time}`:                                     "timestamp is not signed",
		`{header: X, id: X-Id}`:                                              "id is not signed",
		`{header: X, signed: "{id}{body}"}`:                                  "signed has {id}, and id says nothing",
		`{header: X, signed: "{url}{body}"}`:                                 "signed has {url}, and url says nothing",
		`{header: X, field: v1}`:                                             "field without separator",
		`{header: X, algorithm: md5}`:                                        "sha256",
		`{header: X, encoding: octal}`:                                       "hex",
		`{header: X, timestamp: T, signed: "{timestamp}{body}", window: 2d}`: "a window of 2d",
		`{header: X, timestamp: T, signed: "{timestamp}{body}", window: 0}`:  "a window of 0",
	} {
		n, ms := document.Parse("verify.yaml", []byte(text))
		var s signature.Schemes
		if err := append(ms, document.Decode(n, &s)...).Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	s := schemes(t, plain)
	for _, one := range []string{"", "short", "fifteen bytes.."} {
		if _, ms := s[0].Keys([]document.Secret{document.NewSecret(one)}, document.Place{}); len(ms) != 1 || strings.Contains(ms.Error(), "fifteen") {
			t.Errorf("a secret of %d bytes: %v", len(one), ms)
		}
	}
	s = schemes(t, `{header: X, key: base64}`)
	if _, ms := s[0].Keys([]document.Secret{document.NewSecret("whsec_no base64 at all")}, document.Place{}); len(ms) != 1 {
		t.Errorf("a key that is no base64: %v", ms)
	}
}

// No bytes of strangers make a delivery genuine, and none make the check panic.
func FuzzVerify(f *testing.F) {
	all := []string{plain, dated, withID, `{header: X-Signature, separator: " ", prefix: "v1,", encoding: base64}`}
	for i := range all {
		f.Add(i, hexed("x", body), "t=1,v1=00", "a", body)
	}
	f.Add(1, "", pairs(now.Unix(), "x"), "", body)
	f.Fuzz(func(t *testing.T, scheme int, first, second, id, body string) {
		s := schemes(t, all[uint(scheme)%uint(len(all))])
		h := &event.Hit{Body: []byte(body), Received: now, Headers: event.Headers{{Name: "x-signature", Value: first}, {Name: "x-time", Value: second}, {Name: "x-id", Value: id}}}
		if _, err := s.Verify(h, keysOf(t, s, secret)); err == nil {
			t.Errorf("genuine: %q %q %q %q", first, second, id, body)
		}
	})
}
