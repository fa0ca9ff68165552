package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"headgate/config"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// certificate writes a certificate that ends at a time, and its key.
func certificate(t *testing.T, folder string, end time.Time, mode os.FileMode) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: end.AddDate(-1, 0, 0), NotAfter: end, DNSNames: []string{"t.shop.example"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: cert}, "tls.key": {Type: "PRIVATE KEY", Bytes: private}} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
}

// warnings opens a configuration at noon and returns what it warns of.
func warnings(t *testing.T, path string, env config.Env) (warned, hash string) {
	t.Helper()
	d := deps()
	d.Now = func() time.Time { return noon }
	parts, ms := config.Open(path, env, d)
	if ms != nil {
		t.Fatal(ms.Err())
	}
	closeParts(t, parts)
	return fmt.Sprint(parts.Warnings.Err()), parts.Hash
}

func TestACertificateIsLoadedBeforeItIsInForce(t *testing.T) {
	path, env, _ := unpack(t, txtar.Parse([]byte("-- headgate.yaml --\ntls: {cert: conf/tls.crt, key: conf/tls.key}\n")))
	if _, ms := config.Open(path, env, deps()); ms == nil || !strings.Contains(ms.Err().Error(), "the certificate cannot be loaded") {
		t.Errorf("without the files: %v", ms.Err())
	}
	certificate(t, "conf", noon.AddDate(0, 3, 0), 0o600)
	said, hash := warnings(t, path, env)
	if strings.Contains(said, "certificate") || strings.Contains(said, "private key") {
		t.Errorf("three months before its end: %s", said)
	}
	certificate(t, "conf", noon.AddDate(0, 0, 9), 0o644)
	said, renewed := warnings(t, path, env)
	if !strings.Contains(said, "expires on 2026-12-01") || !strings.Contains(said, "can read the private key conf/tls.key (mode 0644)") {
		t.Errorf("nine days before its end, with a key for all: %s", said)
	}
	if hash == renewed {
		t.Error("a renewed certificate does not change the hash, so no reload takes it up")
	}
	certificate(t, "conf", noon.AddDate(0, 0, -1), 0o600)
	if said, _ := warnings(t, path, env); !strings.Contains(said, "expired on 2026-11-21") {
		t.Errorf("after its end: %s", said)
	}
}

func TestATokenThatSaysWhenItEndsIsWarnedOf(t *testing.T) {
	token := func(end time.Time) string {
		claims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"exp":%d}`, end.Unix()))
		return "eyJhbGciOiJub25lIn0." + claims + ".c2ln"
	}
	for _, c := range []struct {
		end  time.Time
		want string
	}{
		{noon.AddDate(0, 1, 0), ""}, {noon.AddDate(0, 0, 5), "the token in ${TOKEN} expires on 2026-11-27"}, {noon.Add(-time.Hour), "expired on 2026-11-22"},
	} {
		path, env, _ := unpack(t, txtar.Parse([]byte("-- headgate.yaml --\nadmin: {token: '${TOKEN}'}\n-- env --\nTOKEN="+token(c.end)+"\n")))
		said, _ := warnings(t, path, env)
		if c.want == "" && strings.Contains(said, "token") || !strings.Contains(said, c.want) {
			t.Errorf("ends %v: %s, want %q", c.end, said, c.want)
		}
	}
}

func TestADataFolderForEverybodyIsWarnedOf(t *testing.T) {
	path, env, _ := unpack(t, txtar.Parse([]byte("-- headgate.yaml --\ndata: store\n")))
	for mode, warned := range map[os.FileMode]bool{0o700: false, 0o750: false, 0o777: true, 0o705: true} {
		if err := os.MkdirAll("store", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod("store", mode); err != nil {
			t.Fatal(err)
		}
		if said, _ := warnings(t, path, env); strings.Contains(said, "data folder") != warned {
			t.Errorf("%o: %s", mode, said)
		}
	}
}
