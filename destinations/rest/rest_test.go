package rest_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/youmark/pkcs8"
	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/egress"
	"headgate/destinations/rest"
	"headgate/destinations/rest/resttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestATokenThatIsNotAcceptedIsFetchedAgainOnce(t *testing.T) {
	var seen []string
	good := "t2"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != good {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	token, n := "t1", 1
	c := &rest.Client{HTTP: rest.NewHTTP(egress.NewDialer([]string{"127.0.0.1"}, nil).Dial, time.Second),
		Authorize: func(_ context.Context, r *http.Request) (string, error) {
			r.Header.Set("Authorization", token)
			return token, nil
		},
		Forget: func(used string) {
			if used == token {
				n++
				token = fmt.Sprintf("t%d", n)
			}
		}}
	c.HTTP = server.Client()
	if got, err := c.Do(t.Context(), rest.Request{Method: "GET", URL: server.URL}); err != nil || got.Status != 200 || strings.Join(seen, " ") != "t1 t2" {
		t.Errorf("%+v %v %v", got, err, seen)
	}
	good, seen = "never", nil
	if got, err := c.Do(t.Context(), rest.Request{Method: "GET", URL: server.URL}); err != nil || got.Status != 401 || got.After != 7*time.Second || len(seen) != 2 {
		t.Errorf("%+v %v %v", got, err, seen)
	}
}

func TestRequestsWithoutAnswerAreJudged(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // that a client does not trust it is expected
	defer server.Close()
	for name, c := range map[string]struct {
		dial destinations.Dial
		url  string
		want destinations.Kind
	}{
		"not allowed":     {egress.NewDialer([]string{"127.0.0.1"}, nil).Dial, "https://127.0.0.1:1/?secret=hush", destinations.Halt},
		"not trusted":     {(&net.Dialer{}).DialContext, server.URL + "/?secret=hush", destinations.Halt},
		"nobody is there": {(&net.Dialer{}).DialContext, "http://127.0.0.1:1/?secret=hush", destinations.Retry},
	} {
		client := &rest.Client{HTTP: rest.NewHTTP(c.dial, time.Minute)}
		_, err := client.Do(t.Context(), rest.Request{Method: "GET", URL: c.url})
		if err == nil || rest.Blame(err) != c.want || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
		client.HTTP.CloseIdleConnections()
	}
	if rest.Blame(&rest.Refused{Fact: "no"}) != destinations.Halt || rest.Blame(errors.New("cut")) != destinations.Retry {
		t.Error("credentials that are refused need a person")
	}
}

func TestKeysAreReadInEveryForm(t *testing.T) {
	key, plain := resttest.Key()
	encrypted, err := pkcs8.ConvertPrivateKeyToPKCS8(key, []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := x509.MarshalPKCS8PrivateKey(other)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for _, c := range []struct{ text, passphrase, want string }{
		{plain, "", ""},
		{text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), "", ""},
		{text("ENCRYPTED PRIVATE KEY", encrypted), "open sesame", ""},
		{text("ENCRYPTED PRIVATE KEY", encrypted), "", "there is no passphrase"},
		{text("ENCRYPTED PRIVATE KEY", encrypted), "hush", "the passphrase does not open it"},
		{text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(short)), "", "shorter than 2048 bits"},
		{text("PRIVATE KEY", curve), "", "not an RSA key"},
		{text("PRIVATE KEY", []byte("no key")), "", "not an RSA key, or damaged"},
		{text("CERTIFICATE", []byte("no key")), "", "no private key"},
		{"no key", "", "not PEM"},
	} {
		got, err := rest.ReadKey(c.text, c.passphrase)
		switch {
		case c.want == "" && (err != nil || !got.Equal(key)):
			t.Errorf("%.30s: %v", c.text, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush")):
			t.Errorf("%.30s: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestATokenIsSignedByTheKey(t *testing.T) {
	key, _ := resttest.Key()
	other, _ := resttest.Key()
	token := rest.SignJWT(key, "k1", map[string]any{"iss": "me", "iat": 1, "exp": 2})
	if c, id, err := resttest.Verify(token, &key.PublicKey); err != nil || id != "k1" || c.Issuer != "me" || c.Expires != 2 {
		t.Errorf("%+v %s %v", c, id, err)
	}
	if _, _, err := resttest.Verify(token, &other.PublicKey); err == nil {
		t.Error("it is taken for another's")
	}
}
