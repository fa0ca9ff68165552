package signature

import (
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"headgate/event"
)

// vector is a case of testdata/requests.json, whose signatures are made with the seeds that testdata/keys.json states.
type vector struct {
	Name    string
	Request struct {
		Method, Scheme, Authority, Path, Query string
		Headers                                map[string]string
	}
	Base     string `json:"signature_base"`
	Expected struct {
		Outcome, Agent, KeyID, Reason string
		Replay                        bool
	}
}

func read(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func (v *vector) hit(now int64) *event.Hit {
	r := &v.Request
	h := &event.Hit{Method: r.Method, Scheme: r.Scheme, Host: r.Authority, Path: r.Path, Query: r.Query, Received: time.Unix(now, 0)}
	for name, value := range r.Headers {
		h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
	}
	return h
}

// fetched are the directories of testdata/directories.json.
type fetched map[string]directory

func vectors(t testing.TB) (now int64, cases []vector, keys fetched) {
	t.Helper()
	var list struct {
		Now   int64
		Cases []vector
	}
	read(t, "requests.json", &list)
	var all struct{ Directories []json.RawMessage }
	read(t, "directories.json", &all)
	keys = fetched{}
	for _, raw := range all.Directories {
		var at struct{ URL string }
		if err := json.Unmarshal(raw, &at); err != nil {
			t.Fatal(err)
		}
		d, err := readDirectory(raw)
		if err != nil {
			t.Fatal(err)
		}
		keys[at.URL] = d
	}
	return list.Now, list.Cases, keys
}

func (f fetched) Key(agent, id string, at time.Time) (ed25519.PublicKey, bool) {
	k, ok := f[agent][id]
	return k.key, ok && k.holds(at)
}

func (f fetched) AnyKey(id string, at time.Time) (ed25519.PublicKey, bool) {
	for agent := range f {
		if key, ok := f.Key(agent, id, at); ok {
			return key, true
		}
	}
	return nil, false
}

func TestSignaturesOfTheVectorsAreJudgedAsTheyShouldBe(t *testing.T) {
	now, cases, keys := vectors(t)
	if len(cases) < 40 {
		t.Fatalf("%d cases", len(cases))
	}
	var seen Nonces
	for _, c := range cases {
		got := Check(c.hit(now), keys, &seen)
		want := c.Expected
		if got.Outcome.String() != want.Outcome || got.Reason != want.Reason || got.Replay != want.Replay {
			t.Errorf("%s: %v %q (replay %v), want %s %q (replay %v)", c.Name, got.Outcome, got.Reason, got.Replay, want.Outcome, want.Reason, want.Replay)
		}
		if got.Outcome == Verified && (got.Agent != want.Agent || got.KeyID != want.KeyID) {
			t.Errorf("%s: agent %q, key %q, want %q, %q", c.Name, got.Agent, got.KeyID, want.Agent, want.KeyID)
		}
	}
}

func TestTheSignedTextIsTheOneOfTheVectors(t *testing.T) {
	now, cases, _ := vectors(t)
	compared := 0
	for _, c := range cases {
		h := c.hit(now)
		if c.Expected.Outcome != "verified" {
			continue
		}
		inputs, err := dictionary(h.Headers.Get("signature-input"), mostSignatures)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		r := request{hit: h}
		r.readAgents(h.Headers.Get("signature-agent"))
		got, ok := r.base(&inputs[len(inputs)-1].item)
		if !ok || got != c.Base {
			t.Errorf("%s:\n%s\nwant\n%s", c.Name, got, c.Base)
		}
		compared++
	}
	if compared < 8 {
		t.Errorf("only %d were compared", compared)
	}
}

// Any byte of what is signed, changed, makes a signature invalid or unverifiable.
func TestNoChangedRequestIsVerified(t *testing.T) {
	now, cases, keys := vectors(t)
	for _, c := range cases[:5] {
		for name, value := range c.Request.Headers {
			for i := range value {
				h := c.hit(now)
				for k := range h.Headers {
					if h.Headers[k].Name == name {
						b := []byte(value)
						b[i] ^= 1
						h.Headers[k].Value = string(b)
					}
				}
				got := Check(h, keys, new(Nonces))
				// A label is not signed, and a signature without its label is none.
				if got.Outcome == Verified && name != "signature-input" {
					t.Errorf("%s: %s with byte %d changed is verified", c.Name, name, i)
				}
			}
		}
	}
}

func TestABodyIsTheOneThatItsDigestSays(t *testing.T) {
	h := &event.Hit{Body: []byte(`{"hello": "world"}`)} // RFC 9530, appendix B.1
	digest := "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
	if !digestHolds(digest, h.Body) {
		t.Error("the example of RFC 9530 does not hold")
	}
	for _, wrong := range []string{"", "md5=:AAAA:", digest + ", sha-512=:AAAA:", "sha-256=:AAAA:", "sha-256"} {
		if digestHolds(wrong, h.Body) {
			t.Errorf("%q holds", wrong)
		}
	}
}

func TestDirectoriesThatCannotBeTrustedAreRefused(t *testing.T) {
	var keys struct {
		Keys []struct{ KeyID, X string }
	}
	read(t, "keys.json", &keys)
	one := `{"kty":"OKP","crv":"Ed25519","kid":"` + keys.Keys[0].KeyID + `","x":"` + keys.Keys[0].X + `"}`
	d, err := readDirectory([]byte(`{"keys":[` + one + `,{"kty":"RSA","n":"x","e":"AQAB"}]}`))
	if err != nil || len(d) != 1 {
		t.Fatalf("%v %v", d, err)
	}
	many := slices.Repeat([]byte(one+","), mostKeys+1)
	for text, want := range map[string]string{
		`{"keys":[` + string(many[:len(many)-1]) + `]}`:                                                            "it has 33 keys; at most 32 are read",
		`{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`:                                                                  "it publishes a secret key",
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"` + keys.Keys[0].X + `","kid":"` + keys.Keys[1].KeyID + `"}]}`: "a key's id is not its thumbprint",
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}`:                                                      "a key is no Ed25519 key",
		`<html>`: "read the key set: invalid character '<' looking for beginning of value",
	} {
		if _, err := readDirectory([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

func TestNoncesAreRememberedWithinBounds(t *testing.T) {
	var n Nonces
	if n.Again("key", "a") || !n.Again("key", "a") || n.Again("other", "a") {
		t.Error("a nonce belongs to its key, and is new once")
	}
	for i := range mostNonces/2 - 2 {
		n.Again("key", time.Unix(int64(i), 0).String())
	}
	n.Again("key", "z")
	if !n.Again("key", "a") {
		t.Error("it is forgotten while there is room")
	}
	for i := range 2 * mostNonces {
		n.Again("key", time.Unix(int64(i), 1).String())
	}
	if len(n.young)+len(n.aged) > mostNonces {
		t.Errorf("%d are remembered", len(n.young)+len(n.aged))
	}
}

func FuzzCheck(f *testing.F) {
	now, cases, keys := vectors(f)
	for _, c := range cases {
		h := c.Request.Headers
		f.Add(h["signature-input"], h["signature"], h["signature-agent"])
	}
	f.Fuzz(func(t *testing.T, input, value, agent string) {
		h := &event.Hit{Method: "GET", Scheme: "https", Host: "elsewhere.example", Path: "/", Received: time.Unix(now, 0),
			Headers: event.Headers{{Name: "signature-input", Value: input}, {Name: "signature", Value: value}, {Name: "signature-agent", Value: agent}}}
		if got := Check(h, keys, new(Nonces)); got.Outcome == Verified {
			t.Fatalf("nobody has signed for this host: %+v", got)
		}
		list, err := dictionary(input, mostSignatures)
		if err == nil && len(list) > mostSignatures {
			t.Fatalf("%d members", len(list))
		}
	})
}
