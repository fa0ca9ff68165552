// Package snowflaketest is a strict fake of Snowflake. It is imported by tests only.
package snowflaketest

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"headgate/destinations/conformance"
	"headgate/destinations/rest/resttest"
)

// Fake is a strict Snowflake: an account that checks signed tokens and runs a few statements, and the host of its streams, which
// checks scoped tokens, continuation and offset tokens, limits and types, and commits late.
type Fake struct {
	resttest.Service
	Account, ingest *httptest.Server
	key             *rsa.PrivateKey
	KeyText         string // the key's PEM

	Issued int
	Scoped map[string]bool
	Tables map[string]*Table
	Host   string // of the streams, as the account says
	Late   bool   // statements are answered 202 at first
}

var keys = sync.OnceValues(resttest.Key)

// New starts a fake that ends with the test.
func New(t testing.TB) *Fake {
	key, text := keys()
	f := &Fake{key: key, KeyText: text, Scoped: map[string]bool{}, Tables: map[string]*Table{}}
	f.Begin(t, conformance.Noon)
	f.Account, f.ingest = f.Listen(f.routeAccount), f.Listen(f.routeIngest)
	f.Host = strings.TrimPrefix(f.ingest.URL, "http://")
	return f
}

// Settings are those of a destination at the fake, and more.
func (f *Fake) Settings(more string) string {
	return fmt.Sprintf("{account: acme-shop, user: headgate, role: LOADER, database: shop, url: %q, private_key: %q%s}", f.Account.URL, f.KeyText, more)
}

// Cut closes the connections of clients.
func (f *Fake) Cut() {
	f.Account.CloseClientConnections()
	f.ingest.CloseClientConnections()
}

func fails(code, message string) map[string]string {
	return map[string]string{"code": code, "message": message}
}

// signed checks the token of a user: https://docs.snowflake.com/en/developer-guide/sql-api/authenticating
func (f *Fake) signed(r *http.Request) string {
	c, _, err := resttest.Verify(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), &f.key.PublicKey)
	der, marshalErr := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
	sum := sha256.Sum256(der)
	now := f.Now().Unix()
	switch {
	case err != nil, marshalErr != nil:
		return fmt.Sprint(err, marshalErr)
	case r.Header.Get("X-Snowflake-Authorization-Token-Type") != "KEYPAIR_JWT":
		return "no type of token"
	case c.Subject != "ACME-SHOP.HEADGATE", c.Issuer != "ACME-SHOP.HEADGATE.SHA256:"+base64.StdEncoding.EncodeToString(sum[:]):
		return fmt.Sprintf("%+v", c)
	case c.Issued > now, c.Expires <= now, c.Expires-c.Issued > 3600:
		return fmt.Sprintf("%+v at %d", c, now)
	}
	return ""
}

func (f *Fake) routeAccount(r *http.Request, body []byte) (int, any) {
	if wrong := f.signed(r); wrong != "" {
		return 401, fails("390144", "JWT token is invalid. "+wrong)
	}
	id, look := strings.CutPrefix(r.URL.Path, "/api/v2/statements/")
	switch {
	case r.Method == "GET" && r.URL.Path == "/v2/streaming/hostname":
		return 200, f.Host
	case r.Method == "POST" && r.URL.Path == "/oauth/token":
		form, err := url.ParseQuery(string(body))
		if err != nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || form.Get("scope") != f.Host {
			return 400, fails("390000", "scope")
		}
		f.Issued++
		token := fmt.Sprintf("scoped-%d", f.Issued)
		f.Scoped[token] = true
		return 200, token
	case r.Method == "POST" && r.URL.Path == "/api/v2/statements" && len(r.URL.Query().Get("requestId")) == 36:
		return f.statement(body)
	case r.Method == "GET" && look:
		return 200, map[string]any{"code": "090001", "sqlState": "00000", "data": [][]any{{id}}}
	}
	return 404, fails("390404", "no such method "+r.Method+" "+r.URL.Path)
}

var (
	describes  = regexp.MustCompile(`^DESCRIBE TABLE "SHOP"."PUBLIC"."([A-Z_]+)"$`)
	makesTable = regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS "SHOP"."PUBLIC"."([A-Z_]+)" \(` + "\n(?s:(.*))\n" + `\)$`)
	addsColumn = regexp.MustCompile(`^ALTER TABLE "SHOP"."PUBLIC"."([A-Z_]+)" ADD COLUMN (.*)$`)
	ofColumn   = regexp.MustCompile(`^ *(?:IF NOT EXISTS )?"([A-Z0-9_]+)" (VARCHAR|BOOLEAN|BIGINT|DOUBLE|TIMESTAMP_NTZ\(3\)|VARIANT)$`)
	deletes    = regexp.MustCompile(`^DELETE FROM "SHOP"."PUBLIC"."EVENTS" WHERE "USER_CLIENT_ID" IN \(\?(, \?)*\)$`)
	deletesWhy = regexp.MustCompile(`^DELETE FROM "SHOP"."PUBLIC"."EVENTS_DECISIONS" WHERE event_id IN \(SELECT id FROM "SHOP"."PUBLIC"."EVENTS" WHERE "USER_CLIENT_ID" IN \(\?(, \?)*\)\)$`)
)

func (f *Fake) statement(body []byte) (int, any) {
	var ask struct {
		Statement string `json:"statement"`
		Timeout   int    `json:"timeout"`
		Database  string `json:"database"`
		Schema    string `json:"schema"`
		Warehouse string `json:"warehouse"`
		Role      string `json:"role"`
		Bindings  map[string]struct {
			Type  string `json:"type"`
			Value string `json:"value"`
		} `json:"bindings"`
	}
	if err := resttest.Strictly(body, &ask); err != nil || ask.Database != "SHOP" || ask.Schema != "PUBLIC" || ask.Role != "LOADER" || len(ask.Bindings) != strings.Count(ask.Statement, "?") {
		return 400, fails("391917", fmt.Sprintf("%v %s", err, body))
	}
	values := map[string]bool{}
	for i := range len(ask.Bindings) {
		b := ask.Bindings[strconv.Itoa(i+1)]
		values[b.Value] = b.Type == "TEXT"
	}
	data, refused := f.run(ask.Statement, ask.Warehouse, values)
	switch {
	case refused != nil:
		return 422, refused
	case f.Late && len(data) == 1:
		return 202, map[string]string{"code": "333334", "statementHandle": fmt.Sprint(data[0][0]), "statementStatusUrl": "/api/v2/statements/1"}
	}
	return 200, map[string]any{"code": "090001", "sqlState": "00000", "data": data}
}

func (f *Fake) run(sql, warehouse string, values map[string]bool) (data [][]any, refused map[string]string) {
	missing := map[string]string{"code": "002003", "sqlState": "42S02", "message": "SQL compilation error: Table does not exist or not authorized."}
	if m := describes.FindStringSubmatch(sql); m != nil {
		t := f.Tables[m[1]]
		if t == nil {
			return nil, missing
		}
		for _, c := range t.Columns {
			data = append(data, []any{c.Name, c.Kind, nil})
		}
		return data, nil
	}
	if m := makesTable.FindStringSubmatch(sql); m != nil {
		if f.Tables[m[1]] == nil {
			f.Tables[m[1]] = &Table{fake: f, channels: map[string]*channel{}}
		}
		return [][]any{{"Table successfully created."}}, f.Tables[m[1]].add(strings.Split(m[2], ",\n"))
	}
	if m := addsColumn.FindStringSubmatch(sql); len(m) > 1 && f.Tables[m[1]] != nil {
		return [][]any{{"Statement executed successfully."}}, f.Tables[m[1]].add(strings.Split(m[2], ", "))
	}
	events, decisions := f.Tables["EVENTS"], f.Tables["EVENTS_DECISIONS"]
	switch {
	case warehouse == "" && strings.HasPrefix(sql, "DELETE"):
		return nil, map[string]string{"code": "000606", "sqlState": "57P03", "message": "No active warehouse selected in the current session."}
	case deletes.MatchString(sql) && events != nil:
		n := events.delete(func(row map[string]any) bool { s, _ := row["USER_CLIENT_ID"].(string); return values[s] })
		return [][]any{{fmt.Sprint(n)}}, nil
	case deletesWhy.MatchString(sql) && events != nil && decisions != nil:
		theirs := map[any]bool{}
		for _, row := range events.rows {
			s, _ := row["USER_CLIENT_ID"].(string)
			theirs[row["ID"]] = values[s]
		}
		return [][]any{{fmt.Sprint(decisions.delete(func(row map[string]any) bool { return theirs[row["EVENT_ID"]] }))}}, nil
	}
	return nil, map[string]string{"code": "001003", "sqlState": "42000", "message": "SQL compilation error: " + sql}
}
