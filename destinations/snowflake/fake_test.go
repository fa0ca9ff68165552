package snowflake_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/destinations/conformance"
	"headgate/destinations/rest/resttest"
)

// fake is a strict Snowflake: an account that checks signed tokens and runs a few statements, and the host of its streams, which
// checks scoped tokens, continuation and offset tokens, limits and types, and commits late.
type fake struct {
	t               *testing.T
	account, ingest *httptest.Server
	key             *rsa.PrivateKey
	text            string // the key's PEM

	mu     sync.Mutex
	now    time.Time
	issued int
	scoped map[string]bool
	tables map[string]*table
	calls  map[string]int
	host   string // of the streams, as the account says
	late   bool   // statements are answered 202 at first
	// lose drops an answer after the request has done its work; before answers in place of the service.
	lose   func(call string) bool
	before func(call string) (status int, body string)
}

var keys = sync.OnceValues(resttest.Key)

func newFake(t *testing.T) *fake {
	key, text := keys()
	f := &fake{t: t, key: key, text: text, now: conformance.Noon, scoped: map[string]bool{}, tables: map[string]*table{}, calls: map[string]int{}}
	serve := func(route func(*http.Request, []byte) (int, any)) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, route) }))
		t.Cleanup(s.Close)
		return s
	}
	f.account, f.ingest = serve(f.routeAccount), serve(f.routeIngest)
	f.host = strings.TrimPrefix(f.ingest.URL, "http://")
	return f
}

func (f *fake) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fake) later(d time.Duration) {
	f.mu.Lock()
	f.now = f.now.Add(d)
	f.mu.Unlock()
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request, route func(*http.Request, []byte) (int, any)) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever asked is gone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	call := r.Method + " " + r.URL.Path
	f.calls[call]++
	if r.Header.Get("User-Agent") == "" {
		f.t.Errorf("%s: no User-Agent", call)
	}
	if f.before != nil {
		if status, text := f.before(call); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text) // the driver reads it or fails
			return
		}
	}
	status, answer := route(r, body)
	if f.lose != nil && f.lose(call) {
		status, answer = http.StatusBadGateway, "the answer is lost"
	}
	text, is := answer.(string)
	if !is {
		b, err := json.Marshal(answer)
		if err != nil {
			f.t.Error(err)
		}
		text = string(b)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the driver reads it or fails
}

func fails(code, message string) map[string]string {
	return map[string]string{"code": code, "message": message}
}

// signed checks the token of a user: https://docs.snowflake.com/en/developer-guide/sql-api/authenticating
func (f *fake) signed(r *http.Request) string {
	c, _, err := resttest.Verify(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), &f.key.PublicKey)
	der, marshalErr := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
	sum := sha256.Sum256(der)
	now := f.now.Unix()
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

func (f *fake) routeAccount(r *http.Request, body []byte) (int, any) {
	if wrong := f.signed(r); wrong != "" {
		return 401, fails("390144", "JWT token is invalid. "+wrong)
	}
	id, look := strings.CutPrefix(r.URL.Path, "/api/v2/statements/")
	switch {
	case r.Method == "GET" && r.URL.Path == "/v2/streaming/hostname":
		return 200, f.host
	case r.Method == "POST" && r.URL.Path == "/oauth/token":
		form, err := url.ParseQuery(string(body))
		if err != nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || form.Get("scope") != f.host {
			return 400, fails("390000", "scope")
		}
		f.issued++
		token := fmt.Sprintf("scoped-%d", f.issued)
		f.scoped[token] = true
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

func (f *fake) statement(body []byte) (int, any) {
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
	if err := strictly(body, &ask); err != nil || ask.Database != "SHOP" || ask.Schema != "PUBLIC" || ask.Role != "LOADER" || len(ask.Bindings) != strings.Count(ask.Statement, "?") {
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
	case f.late && len(data) == 1:
		return 202, map[string]string{"code": "333334", "statementHandle": fmt.Sprint(data[0][0]), "statementStatusUrl": "/api/v2/statements/1"}
	}
	return 200, map[string]any{"code": "090001", "sqlState": "00000", "data": data}
}

func (f *fake) run(sql, warehouse string, values map[string]bool) (data [][]any, refused map[string]string) {
	missing := map[string]string{"code": "002003", "sqlState": "42S02", "message": "SQL compilation error: Table does not exist or not authorized."}
	if m := describes.FindStringSubmatch(sql); m != nil {
		t := f.tables[m[1]]
		if t == nil {
			return nil, missing
		}
		for _, c := range t.columns {
			data = append(data, []any{c.name, c.kind, nil})
		}
		return data, nil
	}
	if m := makesTable.FindStringSubmatch(sql); m != nil {
		if f.tables[m[1]] == nil {
			f.tables[m[1]] = &table{fake: f, channels: map[string]*channel{}}
		}
		return [][]any{{"Table successfully created."}}, f.tables[m[1]].add(strings.Split(m[2], ",\n"))
	}
	if m := addsColumn.FindStringSubmatch(sql); m != nil && f.tables[m[1]] != nil {
		return [][]any{{"Statement executed successfully."}}, f.tables[m[1]].add(strings.Split(m[2], ", "))
	}
	events, decisions := f.tables["EVENTS"], f.tables["EVENTS_DECISIONS"]
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

// strictly reads JSON and refuses what it does not know.
func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	d.UseNumber()
	return d.Decode(into)
}
