// Package bigquerytest is a strict fake of BigQuery. It is imported by tests only.
package bigquerytest

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/destinations/conformance"
	"headgate/destinations/rest/resttest"
)

// Fake is a strict BigQuery: it checks signatures, scopes, limits, fields and types, remembers the ids of rows for a minute and those of
// jobs for ever, knows new tables and columns late, and answers in the shapes of the reference.
type Fake struct {
	resttest.Service
	Server  *httptest.Server
	key     *rsa.PrivateKey
	KeyText string // the key's PEM

	Issued   int                  // tokens
	Tokens   map[string]time.Time // until when they are good
	Location string
	Dataset  bool
	Tables   map[string]*Table
	jobs     map[string]*job
	Slow     bool // tables and columns are known after five minutes only
	Working  bool // jobs and statements take a second look
}

// keys is the one key of all fakes: making one takes long.
var keys = sync.OnceValues(resttest.Key)

// New starts a fake that ends with the test.
func New(t testing.TB) *Fake {
	key, text := keys()
	f := &Fake{key: key, KeyText: text, Location: "EU", Dataset: true, Tokens: map[string]time.Time{}, Tables: map[string]*Table{}, jobs: map[string]*job{}}
	f.Begin(t, conformance.Noon)
	f.Server = f.Listen(f.answer)
	return f
}

// SettingsAt are those of a destination that reaches the fake by an address, and more.
func (f *Fake) SettingsAt(address, more string) string {
	return fmt.Sprintf("{project: shop-production, dataset: shop, location: EU, endpoint: %q, token_url: %q, service_account: %q%s}",
		address, address+"/token", f.Account(), more)
}

// Account is the JSON key of the service account.
func (f *Fake) Account() string {
	b, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "headgate@shop-production.iam.gserviceaccount.com", "private_key_id": "k1", //nolint:gosec // the fake's own
		"private_key": f.KeyText, "token_uri": "https://oauth2.googleapis.com/token"})
	if err != nil {
		f.T.Fatal(err)
	}
	return string(b)
}

// refusal is an error of the service.
type refusal struct {
	status          int
	reason, message string
}

func (f *Fake) answer(r *http.Request, body []byte) (int, any) {
	answer, refused := f.route(r, body)
	if refused == nil {
		return http.StatusOK, answer
	}
	return refused.status, map[string]any{"error": map[string]any{"code": refused.status, "message": refused.message,
		"errors": []map[string]string{{"reason": refused.reason, "message": refused.message, "domain": "global"}}}}
}

const project = "/bigquery/v2/projects/shop-production/"

func (f *Fake) route(r *http.Request, body []byte) (answer any, refused *refusal) {
	if r.URL.Path == "/token" {
		return f.token(r, body)
	}
	if until, known := f.Tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]; !known || !f.Now().Before(until) {
		return nil, &refusal{401, "authError", "Invalid Credentials"}
	}
	path, upload := strings.TrimPrefix(r.URL.Path, "/upload"), strings.HasPrefix(r.URL.Path, "/upload")
	rest, ours := strings.CutPrefix(path, project)
	name, table := strings.CutPrefix(rest, "datasets/shop/tables/")
	name, insert := strings.CutSuffix(name, "/insertAll")
	id, look := strings.CutPrefix(rest, "jobs/")
	running, more := strings.CutPrefix(rest, "queries/")
	switch {
	case !ours:
		return nil, &refusal{404, "notFound", "Not found: Project"}
	case r.Method == "POST" && rest == "jobs" && upload:
		return f.start(r, body)
	case r.Method == "GET" && look:
		return f.job(id, r.URL.Query().Get("location"))
	case r.Method == "POST" && rest == "queries":
		return f.query(body)
	case r.Method == "GET" && more && r.URL.Query().Get("location") == f.Location:
		return map[string]any{"jobComplete": true, "jobReference": map[string]string{"jobId": running, "location": f.Location}, "numDmlAffectedRows": "1"}, nil
	case r.Method == "POST" && table && insert:
		return f.insert(name, body)
	case r.Method == "GET" && table && !insert:
		return f.describe(name)
	}
	return nil, &refusal{404, "notFound", "no such method " + r.Method + " " + r.URL.Path}
}

// token exchanges a signed JWT: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
func (f *Fake) token(r *http.Request, body []byte) (any, *refusal) {
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Method != "POST" || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		f.T.Errorf("token: %s", body)
	}
	c, keyID, err := resttest.Verify(form.Get("assertion"), &f.key.PublicKey)
	now := f.Now().Unix()
	switch {
	case err != nil:
		f.T.Errorf("token: %v", err)
	case keyID != "k1", c.Issuer != "headgate@shop-production.iam.gserviceaccount.com", c.Audience != "https://oauth2.googleapis.com/token",
		c.Scope != "https://www.googleapis.com/auth/bigquery", c.Expires-c.Issued > 3600, c.Expires <= now, c.Issued > now:
		f.T.Errorf("token: %+v %s", c, keyID)
	}
	f.Issued++
	token := fmt.Sprintf("token-%d", f.Issued)
	f.Tokens[token] = f.Now().Add(time.Hour)
	return map[string]any{"access_token": token, "expires_in": 3600, "token_type": "Bearer"}, nil
}

var (
	makesDataset = regexp.MustCompile("^CREATE SCHEMA IF NOT EXISTS `shop-production.shop` OPTIONS \\(location = 'EU'\\)$")
	makesTable   = regexp.MustCompile("^CREATE TABLE IF NOT EXISTS `shop-production.shop.([A-Za-z0-9_]+)` \\(\n(?s:(.*))\n\\)\nPARTITION BY DATE\\(time\\)\nCLUSTER BY (?:name, id|destination, event_id)$")
	addsColumns  = regexp.MustCompile("^ALTER TABLE `shop-production.shop.([A-Za-z0-9_]+)` (ADD COLUMN IF NOT EXISTS .*)$")
	ofColumn     = regexp.MustCompile("^ *(?:ADD COLUMN IF NOT EXISTS )?`([a-z0-9_]+)` (STRING|BOOL|INT64|FLOAT64|TIMESTAMP|JSON)( NOT NULL)?$")
	deletes      = regexp.MustCompile("^DELETE FROM `shop-production.shop.([a-z]+)` WHERE `user_client_id` IN UNNEST\\(@values\\)$")
	deletesWhy   = regexp.MustCompile("^DELETE FROM `shop-production.shop.([a-z_]+)` WHERE event_id IN \\(SELECT id FROM `shop-production.shop.([a-z]+)` WHERE `user_client_id` IN UNNEST\\(@values\\)\\)$")
)

func (f *Fake) query(body []byte) (any, *refusal) {
	var ask struct {
		Query          string `json:"query"`
		UseLegacySQL   *bool  `json:"useLegacySql"`
		Location       string `json:"location"`
		TimeoutMs      string `json:"-"`
		Timeout        int    `json:"timeoutMs"`
		ParameterMode  string `json:"parameterMode"`
		QueryParameter []struct {
			Name  string          `json:"name"`
			Type  json.RawMessage `json:"parameterType"`
			Value struct {
				List []struct {
					Value string `json:"value"`
				} `json:"arrayValues"`
			} `json:"parameterValue"`
		} `json:"queryParameters"`
	}
	if err := resttest.Strictly(body, &ask); err != nil || ask.UseLegacySQL == nil || *ask.UseLegacySQL {
		return nil, &refusal{400, "badRequest", fmt.Sprintf("a query: %v %s", err, body)}
	}
	if ask.Location != f.Location {
		return nil, elsewhere(ask.Location)
	}
	values := map[string]bool{}
	for _, p := range ask.QueryParameter {
		if ask.ParameterMode != "NAMED" || p.Name != "values" || string(p.Type) != `{"arrayType":{"type":"STRING"},"type":"ARRAY"}` {
			return nil, &refusal{400, "invalidQuery", "a parameter"}
		}
		for _, v := range p.Value.List {
			values[v.Value] = true
		}
	}
	changed, refused := f.statement(ask.Query, values)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"jobComplete": !f.Working, "numDmlAffectedRows": fmt.Sprint(changed),
		"jobReference": map[string]string{"projectId": "shop-production", "jobId": "q1", "location": f.Location}}, nil
}

func (f *Fake) statement(sql string, values map[string]bool) (changed int, refused *refusal) {
	if makesDataset.MatchString(sql) {
		f.Dataset = true
		return 0, nil
	}
	if !f.Dataset {
		return 0, &refusal{404, "notFound", "Not found: Dataset shop-production:shop was not found in location EU"}
	}
	if m := makesTable.FindStringSubmatch(sql); m != nil {
		if f.Tables[m[1]] == nil {
			f.Tables[m[1]] = &Table{fake: f, since: f.Now(), ids: map[string]time.Time{}}
			return 0, f.Tables[m[1]].add(strings.Split(m[2], ",\n"), f.Now())
		}
		return 0, nil
	}
	if m := addsColumns.FindStringSubmatch(sql); len(m) > 1 && f.Tables[m[1]] != nil {
		return 0, f.Tables[m[1]].add(strings.Split(m[2], ", "), f.Now())
	}
	if m := deletes.FindStringSubmatch(sql); len(m) > 1 && f.Tables[m[1]] != nil {
		return f.Tables[m[1]].delete(func(r row) bool { return values[text(r.values["user_client_id"])] })
	}
	if m := deletesWhy.FindStringSubmatch(sql); len(m) > 1 && f.Tables[m[1]] != nil && f.Tables[m[2]] != nil {
		ids := map[string]bool{}
		for _, r := range f.Tables[m[2]].rows {
			ids[text(r.values["id"])] = values[text(r.values["user_client_id"])]
		}
		return f.Tables[m[1]].delete(func(r row) bool { return ids[text(r.values["event_id"])] })
	}
	return 0, &refusal{400, "invalidQuery", "Syntax error: " + sql}
}
