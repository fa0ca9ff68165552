package kafka_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	nethttp "net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"headgate/destinations"
)

// certified is a certificate for 127.0.0.1 that signs itself, and the same in PEM as YAML takes it.
func certified(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, fmt.Sprintf("ca: %q", text)
}

func TestConnectionsAreEncryptedAndBrokersChecked(t *testing.T) {
	t.Parallel()
	certificate, ca := certified(t)
	_, another := certified(t)
	c := newCluster(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}))
	d, e, f := closing(t, c, "tls: true", ca), closing(t, c, "tls: true"), closing(t, c, "tls: true", another)
	one(t, d, destinations.Delivered, "")
	one(t, e, destinations.Halt, "certificate")
	one(t, f, destinations.Halt, "certificate")
	one(t, closing(t, c), destinations.Retry, "TLS")
}

// The fake does not know OAUTHBEARER: its part is played here.
func TestSigningInWithATokenOfOAuth(t *testing.T) {
	t.Parallel()
	var withdrawn atomic.Bool
	issuer := httptest.NewServer(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_id") != "shop" || r.FormValue("client_secret") != "hidden-secret" || r.FormValue("scope") != "kafka" {
			t.Errorf("the form is %v", r.Form)
		}
		w.Header().Set("Content-Type", "application/json")
		if withdrawn.Load() {
			w.WriteHeader(nethttp.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_client"}`)
			return
		}
		fmt.Fprint(w, `{"access_token":"token-1","token_type":"Bearer","expires_in":300}`)
	}))
	t.Cleanup(issuer.Close)
	c := newCluster(t)
	c.fake.ControlKey(int16(kmsg.SASLHandshake), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.fake.KeepControl()
		answer := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
		answer.SupportedMechanisms = []string{r.(*kmsg.SASLHandshakeRequest).Mechanism}
		return answer, nil, true
	})
	signed := make(chan string, 100)
	c.fake.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.fake.KeepControl()
		signed <- string(r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes)
		return r.ResponseKind(), nil, true
	})
	settings := []string{"sasl: oauthbearer", fmt.Sprintf("token_url: %q", issuer.URL), "client_id: shop", "client_secret: hidden-secret", "scope: kafka"}
	one(t, closing(t, c, settings...), destinations.Delivered, "")
	if said := <-signed; !strings.Contains(said, "auth=Bearer token-1\x01") {
		t.Errorf("%q", said)
	}
	withdrawn.Store(true)
	one(t, closing(t, c, settings...), destinations.Halt, "no access token: status 400 invalid_client")
}

// The fake does not know AWS_MSK_IAM either. What it is sent is a signed request in JSON.
func TestSigningInWithKeysOfAWS(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1") // the fake's name has no region in it
	c := newCluster(t)
	c.fake.ControlKey(int16(kmsg.SASLHandshake), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.fake.KeepControl()
		answer := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
		answer.SupportedMechanisms = []string{r.(*kmsg.SASLHandshakeRequest).Mechanism}
		return answer, nil, true
	})
	signed := make(chan string, 100)
	c.fake.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.fake.KeepControl()
		signed <- string(r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes)
		answer := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		answer.SASLAuthBytes = []byte(`{"version":"2020_10_22"}`)
		return answer, nil, true
	})
	said := func() (m map[string]string) {
		t.Helper()
		if err := json.Unmarshal([]byte(<-signed), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	one(t, closing(t, c, "sasl: aws_msk_iam", "access_key_id: KEY", "secret_access_key: hidden-secret"), destinations.Delivered, "")
	m := said()
	if m["host"] != "127.0.0.1" || m["action"] != "kafka-cluster:Connect" || !strings.HasPrefix(m["x-amz-credential"], "KEY/") ||
		!strings.HasSuffix(m["x-amz-credential"], "/eu-central-1/kafka-cluster/aws4_request") || len(m["x-amz-signature"]) != 64 || m["user-agent"] != "headgate" {
		t.Errorf("%v", m)
	}
	for len(signed) > 0 {
		<-signed
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "FOUND")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden-secret")
	t.Setenv("AWS_SESSION_TOKEN", "of a role")
	one(t, closing(t, c, "sasl: aws_msk_iam"), destinations.Delivered, "")
	if m := said(); !strings.HasPrefix(m["x-amz-credential"], "FOUND/") || m["x-amz-security-token"] != "of a role" {
		t.Errorf("%v", m)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	one(t, closing(t, c, "sasl: aws_msk_iam"), destinations.Halt, "AWS_SECRET_ACCESS_KEY is not")
	if _, ms := open(t, `settings: {brokers: ["b:9098"], topic: a, sasl: aws_msk_iam, access_key_id: KEY}`); !strings.Contains(ms.Error(), "one of access_key_id and secret_access_key is missing") {
		t.Error(ms)
	}
}
