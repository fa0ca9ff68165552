package bigquery_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
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

// fake is a strict BigQuery: it checks signatures, scopes, limits, fields and types, remembers the ids of rows for a minute and those of
// jobs for ever, knows new tables and columns late, and answers in the shapes of the reference.
type fake struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	text   string // the key's PEM

	mu       sync.Mutex
	now      time.Time
	issued   int                  // tokens
	tokens   map[string]time.Time // until when they are good
	location string
	dataset  bool
	tables   map[string]*table
	jobs     map[string]*job
	calls    map[string]int
	slow     bool // tables and columns are known after five minutes only
	working  bool // jobs and statements take a second look
	// answer replaces the answer to a request; "" leaves it. What the request does is done.
	answer func(call string) (status int, body string)
	// before answers in place of the service.
	before func(call string) (status int, body string)
}

// keys is the one key of all fakes: making one takes long.
var keys = sync.OnceValues(resttest.Key)

func newFake(t *testing.T) *fake {
	key, text := keys()
	f := &fake{t: t, key: key, text: text, now: conformance.Noon, location: "EU", dataset: true, tokens: map[string]time.Time{}, tables: map[string]*table{},
		jobs: map[string]*job{}, calls: map[string]int{}}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

// account is the JSON key of the service account.
func (f *fake) account() string {
	b, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "headgate@shop-production.iam.gserviceaccount.com", "private_key_id": "k1",
		"private_key": f.text, "token_uri": "https://oauth2.googleapis.com/token"})
	if err != nil {
		f.t.Fatal(err)
	}
	return string(b)
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

// refusal is an error of the service.
type refusal struct {
	status          int
	reason, message string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	said, err := read(r)
	if err != nil {
		return // whoever asked is gone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	call := r.Method + " " + r.URL.Path
	f.calls[call]++
	if f.before != nil {
		if status, text := f.before(call); text != "" {
			f.write(w, status, text)
			return
		}
	}
	answer, refused := f.route(r, said)
	if f.answer != nil {
		if status, text := f.answer(call); text != "" {
			f.write(w, status, text)
			return
		}
	}
	if refused != nil {
		f.refuse(w, refused)
		return
	}
	text, err := json.Marshal(answer)
	if err != nil {
		f.t.Error(err)
	}
	f.write(w, 200, string(text))
}

// read is the body of a request.
func read(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	unzipped, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzipped)
}

func (f *fake) write(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the driver reads it or fails
}

func (f *fake) refuse(w http.ResponseWriter, r *refusal) {
	text, err := json.Marshal(map[string]any{"error": map[string]any{"code": r.status, "message": r.message,
		"errors": []map[string]string{{"reason": r.reason, "message": r.message, "domain": "global"}}}})
	if err != nil {
		f.t.Error(err)
	}
	f.write(w, r.status, string(text))
}

const project = "/bigquery/v2/projects/shop-production/"

func (f *fake) route(r *http.Request, body []byte) (answer any, refused *refusal) {
	if r.URL.Path == "/token" {
		return f.token(r, body)
	}
	if until, known := f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]; !known || !f.now.Before(until) {
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
	case r.Method == "GET" && more && r.URL.Query().Get("location") == f.location:
		return map[string]any{"jobComplete": true, "jobReference": map[string]string{"jobId": running, "location": f.location}, "numDmlAffectedRows": "1"}, nil
	case r.Method == "POST" && table && insert:
		return f.insert(name, body)
	case r.Method == "GET" && table && !insert:
		return f.describe(name)
	}
	return nil, &refusal{404, "notFound", "no such method " + r.Method + " " + r.URL.Path}
}

// token exchanges a signed JWT: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
func (f *fake) token(r *http.Request, body []byte) (any, *refusal) {
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Method != "POST" || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		f.t.Errorf("token: %s", body)
	}
	c, keyID, err := resttest.Verify(form.Get("assertion"), &f.key.PublicKey)
	now := f.now.Unix()
	switch {
	case err != nil:
		f.t.Errorf("token: %v", err)
	case keyID != "k1", c.Issuer != "headgate@shop-production.iam.gserviceaccount.com", c.Audience != "https://oauth2.googleapis.com/token",
		c.Scope != "https://www.googleapis.com/auth/bigquery", c.Expires-c.Issued > 3600, c.Expires <= now, c.Issued > now:
		f.t.Errorf("token: %+v %s", c, keyID)
	}
	f.issued++
	token := fmt.Sprintf("token-%d", f.issued)
	f.tokens[token] = f.now.Add(time.Hour)
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

func (f *fake) query(body []byte) (any, *refusal) {
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
	if err := strictly(body, &ask); err != nil || ask.UseLegacySQL == nil || *ask.UseLegacySQL || ask.Location != f.location {
		return nil, &refusal{400, "badRequest", fmt.Sprintf("a query: %v %s", err, body)}
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
	return map[string]any{"jobComplete": !f.working, "numDmlAffectedRows": fmt.Sprint(changed),
		"jobReference": map[string]string{"projectId": "shop-production", "jobId": "q1", "location": f.location}}, nil
}

func (f *fake) statement(sql string, values map[string]bool) (changed int, refused *refusal) {
	if makesDataset.MatchString(sql) {
		f.dataset = true
		return 0, nil
	}
	if !f.dataset {
		return 0, &refusal{404, "notFound", "Not found: Dataset shop-production:shop was not found in location EU"}
	}
	if m := makesTable.FindStringSubmatch(sql); m != nil {
		if f.tables[m[1]] == nil {
			f.tables[m[1]] = &table{fake: f, since: f.now, ids: map[string]time.Time{}}
			return 0, f.tables[m[1]].add(strings.Split(m[2], ",\n"), f.now)
		}
		return 0, nil
	}
	if m := addsColumns.FindStringSubmatch(sql); m != nil && f.tables[m[1]] != nil {
		return 0, f.tables[m[1]].add(strings.Split(m[2], ", "), f.now)
	}
	if m := deletes.FindStringSubmatch(sql); m != nil && f.tables[m[1]] != nil {
		return f.tables[m[1]].delete(func(r row) bool { return values[text(r.values["user_client_id"])] })
	}
	if m := deletesWhy.FindStringSubmatch(sql); m != nil && f.tables[m[1]] != nil && f.tables[m[2]] != nil {
		ids := map[string]bool{}
		for _, r := range f.tables[m[2]].rows {
			ids[text(r.values["id"])] = values[text(r.values["user_client_id"])]
		}
		return f.tables[m[1]].delete(func(r row) bool { return ids[text(r.values["event_id"])] })
	}
	return 0, &refusal{400, "invalidQuery", "Syntax error: " + sql}
}

// strictly reads JSON and refuses what it does not know.
func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	d.UseNumber()
	return d.Decode(into)
}

// job is a load.
type job struct {
	looks    int // until it is done
	failed   *refusal
	location string
}

func (f *fake) start(r *http.Request, body []byte) (any, *refusal) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" || r.URL.RawQuery != "uploadType=multipart" {
		return nil, &refusal{400, "badRequest", "no upload"}
	}
	var parts [][]byte
	for reader := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := reader.NextPart()
		if err != nil {
			break
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, &refusal{400, "badRequest", err.Error()}
		}
		parts = append(parts, data)
	}
	var ask struct {
		Reference struct {
			Project  string `json:"projectId"`
			Location string `json:"location"`
			ID       string `json:"jobId"`
		} `json:"jobReference"`
		Configuration struct {
			Load struct {
				To struct {
					Project string `json:"projectId"`
					Dataset string `json:"datasetId"`
					Table   string `json:"tableId"`
				} `json:"destinationTable"`
				Format string `json:"sourceFormat"`
				Write  string `json:"writeDisposition"`
				Create string `json:"createDisposition"`
				MaxBad int    `json:"maxBadRecords"`
			} `json:"load"`
		} `json:"configuration"`
	}
	if len(parts) != 2 {
		return nil, &refusal{400, "badRequest", "two parts are expected"}
	}
	l := &ask.Configuration.Load
	if err := strictly(parts[0], &ask); err != nil || ask.Reference.Project != "shop-production" || l.To.Dataset != "shop" || l.Format != "NEWLINE_DELIMITED_JSON" ||
		l.Write != "WRITE_APPEND" || l.Create != "CREATE_NEVER" || l.MaxBad != 0 || ask.Reference.Location != f.location {
		return nil, &refusal{400, "badRequest", fmt.Sprintf("a job: %v %s", err, parts[0])}
	}
	id := ask.Reference.ID
	if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(id) || len(id) > 1024 {
		return nil, &refusal{400, "badRequest", "the id of a job: " + id}
	}
	if f.jobs[id] != nil {
		return nil, &refusal{409, "duplicate", "Already Exists: Job shop-production:EU." + id}
	}
	f.jobs[id] = &job{location: ask.Reference.Location, failed: f.load(l.To.Table, parts[1])}
	if f.working {
		f.jobs[id].looks = 2
	}
	return f.job(id, f.location)
}

func (f *fake) job(id, location string) (any, *refusal) {
	j := f.jobs[id]
	if j == nil || j.location != location {
		return nil, &refusal{404, "notFound", "Not found: Job " + id}
	}
	status := map[string]any{"state": "RUNNING"}
	if j.looks--; j.looks < 0 {
		status["state"] = "DONE"
		if j.failed != nil {
			e := map[string]string{"reason": j.failed.reason, "message": "Error while reading data"}
			status["errorResult"], status["errors"] = e, []map[string]string{e, {"reason": j.failed.reason, "message": j.failed.message}}
		}
	}
	return map[string]any{"jobReference": map[string]string{"projectId": "shop-production", "location": f.location, "jobId": id}, "status": status}, nil
}

// load stores all lines or none.
func (f *fake) load(name string, data []byte) *refusal {
	t := f.tables[name]
	if t == nil {
		return &refusal{404, "notFound", "Not found: Table shop-production:shop." + name}
	}
	var all []row
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		var values map[string]any
		if err := strictly([]byte(line), &values); err != nil {
			return &refusal{400, "invalid", err.Error()}
		}
		if column, message := t.check(values, true); message != "" {
			return &refusal{400, "invalid", fmt.Sprintf("JSON table encountered too many errors: row %d, field %s: %s", n, column, message)}
		}
		all = append(all, row{values: values})
	}
	t.rows = append(t.rows, all...)
	return nil
}
