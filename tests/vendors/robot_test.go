package vendors_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2/jws" //nolint:staticcheck // not for clients any more; it still judges what ours sign
)

// robotKey is the key of the service account of all tests.
var robotKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// robot is the JSON key of a service account, on one line.
func robot() string {
	der, err := x509.MarshalPKCS8PrivateKey(robotKey())
	if err != nil {
		panic(err)
	}
	account, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "robot@project.example", "private_key_id": "k1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": "https://oauth2.googleapis.com/token"})
	if err != nil {
		panic(err)
	}
	return string(account)
}

// assertion judges the assertion that a service account signs: https://www.rfc-editor.org/rfc/rfc7523#section-3
func (r *received) assertion(form url.Values, scope string) {
	token := form.Get("assertion")
	if form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || len(form) != 2 {
		r.fault("the form is %q", form.Encode())
	}
	if strings.Count(token, ".") != 2 {
		r.fault("the assertion is %q", token)
		return
	}
	if err := jws.Verify(token, &robotKey().PublicKey); err != nil {
		r.fault("the assertion is not signed with the account's key: %v", err)
	}
	claims, err := jws.Decode(token)
	if err != nil {
		r.fault("the assertion cannot be read: %v", err)
		return
	}
	now := time.Now().Unix()
	if claims.Iss != "robot@project.example" || claims.Scope != scope || !strings.HasSuffix(claims.Aud, "/token") || claims.Iat > now+60 || claims.Exp < now || claims.Exp > claims.Iat+3660 {
		r.fault("the assertion claims %+v", claims)
	}
}
