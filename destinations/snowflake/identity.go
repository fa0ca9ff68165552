package snowflake

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"headgate/destinations/rest"
)

// identity signs the tokens by which a user is known: https://docs.snowflake.com/en/developer-guide/sql-api/authenticating
type identity struct {
	subject, issuer string
	key             *rsa.PrivateKey
	wrong           error // with the key
	token           rest.Token
}

const (
	tokenLife = 55 * time.Minute // an hour is the most
	early     = 10 * time.Second // this machine's clock may be ahead so much
)

// newIdentity is that of a user of an account. The account is written in capitals, without a region behind it; that dots within it
// become hyphens is unconfirmed.
func newIdentity(account, user, key, passphrase string, now func() time.Time) *identity {
	account = strings.ReplaceAll(strings.ToUpper(account), ".", "-")
	i := &identity{subject: account + "." + strings.ToUpper(user)}
	i.token = rest.Token{Now: now, Fetch: i.sign}
	if i.key, i.wrong = rest.ReadKey(key, passphrase); i.wrong != nil {
		return i
	}
	public, err := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
	if err != nil {
		panic("BUG: an RSA key has no public part: " + err.Error())
	}
	sum := sha256.Sum256(public)
	i.issuer = i.subject + ".SHA256:" + base64.StdEncoding.EncodeToString(sum[:])
	return i
}

// sign makes a token.
func (i *identity) sign(context.Context) (token string, life time.Duration, err error) {
	if i.wrong != nil {
		return "", 0, &rest.Refused{Fact: "private_key: " + i.wrong.Error()}
	}
	from := i.token.Now().Add(-early)
	return rest.SignJWT(i.key, "", map[string]any{"iss": i.issuer, "sub": i.subject, "iat": from.Unix(), "exp": from.Add(tokenLife).Unix()}), tokenLife - early, nil
}

func (i *identity) authorize(ctx context.Context, r *http.Request) (token string, err error) {
	r.Header.Set("X-Snowflake-Authorization-Token-Type", "KEYPAIR_JWT")
	return i.token.Bearer(ctx, r)
}
