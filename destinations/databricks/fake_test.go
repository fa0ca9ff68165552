package databricks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations/conformance"
	"headgate/destinations/parquet/parquettest"
	"headgate/event"
)

// fake is a strict Databricks: tokens of a service principal that end, files of a volume, and a SQL warehouse that knows a few statements,
// runs them for a while and loads a file of a name once, whatever has become of the file.
type fake struct {
	t      *testing.T
	server *httptest.Server

	mu      sync.Mutex
	now     time.Time
	issued  int
	tokens  map[string]time.Time
	files   map[string][]byte
	tables  map[string]*table
	running map[string]any // results by statement
	calls   map[string]int
	slow    bool
	lose    func(call string) bool
	before  func(call, body string) (status int, answer string)
}

type table struct {
	columns []column
	loaded  map[string]bool
	rows    []event.Map
}

type column struct{ name, kind string }

func newFake(t *testing.T) *fake {
	f := &fake{t: t, now: conformance.Noon, tokens: map[string]time.Time{}, files: map[string][]byte{}, tables: map[string]*table{}, running: map[string]any{}, calls: map[string]int{}}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
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

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever asked is gone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	call := r.Method + " " + r.URL.Path
	f.calls[call]++
	status, answer := 0, any(nil)
	if f.before != nil {
		var text string
		if status, text = f.before(call, string(body)); status != 0 {
			answer = text
		}
	}
	if status == 0 {
		status, answer = f.route(r, body)
		if f.lose != nil && f.lose(call+" "+string(body)) {
			status, answer = 502, "the answer is lost"
		}
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
	if status != http.StatusNoContent {
		_, _ = io.WriteString(w, text) // the driver reads it or fails
	}
}

func fails(code, message string) map[string]string {
	return map[string]string{"error_code": code, "message": message}
}

func (f *fake) route(r *http.Request, body []byte) (int, any) {
	if r.URL.Path == "/oidc/v1/token" {
		id, secret, ok := r.BasicAuth()
		if !ok || id != "principal" || secret != "hush" || string(body) != "grant_type=client_credentials&scope=all-apis" {
			return 401, map[string]string{"error": "invalid_client", "error_description": "Client authentication failed"}
		}
		f.issued++
		token := fmt.Sprintf("token-%d", f.issued)
		f.tokens[token] = f.now.Add(time.Hour)
		return 200, map[string]any{"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
	}
	if until, known := f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]; !known || !f.now.Before(until) {
		return 401, fails("UNAUTHENTICATED", "the token is not valid")
	}
	path, file := strings.CutPrefix(r.URL.Path, "/api/2.0/fs/files")
	id, look := strings.CutPrefix(r.URL.Path, "/api/2.0/sql/statements/")
	switch {
	case file && !strings.HasPrefix(path, "/Volumes/main/analytics/headgate/"):
		return 404, fails("RESOURCE_DOES_NOT_EXIST", "no such volume")
	case file && r.Method == "PUT" && r.URL.RawQuery == "overwrite=true" && r.Header.Get("Content-Type") == "application/octet-stream":
		f.files[path] = body
		return 204, ""
	case file && r.Method == "DELETE":
		if f.files[path] == nil {
			return 404, fails("NOT_FOUND", "no such file")
		}
		delete(f.files, path)
		return 204, ""
	case r.URL.Path == "/api/2.0/sql/statements" && r.Method == "POST":
		return f.statement(body)
	case look && r.Method == "GET" && f.running[id] != nil:
		return 200, f.running[id]
	}
	return 404, fails("ENDPOINT_NOT_FOUND", "no such method "+r.Method+" "+r.URL.Path)
}

func (f *fake) statement(body []byte) (int, any) {
	var ask struct {
		Warehouse string `json:"warehouse_id"`
		Statement string `json:"statement"`
		Wait      string `json:"wait_timeout"`
		OnTimeout string `json:"on_wait_timeout"`
		Params    []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"parameters"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil || ask.Warehouse != "w1" || ask.Wait != "30s" || ask.OnTimeout != "CONTINUE" {
		return 400, fails("INVALID_PARAMETER_VALUE", fmt.Sprintf("%v %s", err, body))
	}
	values := map[string]string{}
	for _, p := range ask.Params {
		values[p.Name] = p.Value
	}
	data, wrong := f.run(ask.Statement, values)
	done := map[string]any{"statement_id": fmt.Sprintf("s%d", len(f.running)+1), "status": map[string]any{"state": "SUCCEEDED"}, "result": map[string]any{"data_array": data}}
	if wrong != "" {
		done["status"], done["result"] = map[string]any{"state": "FAILED", "error": fails("BAD_REQUEST", wrong)}, nil
	}
	f.running[done["statement_id"].(string)] = done
	if f.slow {
		return 200, map[string]any{"statement_id": done["statement_id"], "status": map[string]any{"state": "PENDING"}}
	}
	return 200, done
}

const missing = "[TABLE_OR_VIEW_NOT_FOUND] The table or view cannot be found"

var (
	looks      = regexp.MustCompile("^SELECT column_name FROM `main`.information_schema.columns WHERE table_schema = :schema AND table_name = :table$")
	makes      = regexp.MustCompile("^CREATE TABLE IF NOT EXISTS `main`.`analytics`.`([a-z_]+)` \\(\n(?s:(.*))\n\\)$")
	adds       = regexp.MustCompile("^ALTER TABLE `main`.`analytics`.`([a-z_]+)` ADD COLUMNS \\((.*)\\)$")
	ofColumn   = regexp.MustCompile("^ *`([a-z0-9_]+)` (STRING|BOOLEAN|BIGINT|DOUBLE|TIMESTAMP|ARRAY<STRUCT<`id`: STRING, .*`price`: DOUBLE, .*`params`: STRING.*>>)$")
	copies     = regexp.MustCompile("^COPY INTO `main`.`analytics`.`([a-z_]+)` FROM '([^']+)' FILEFORMAT = PARQUET FILES = \\('([^']+)'\\)$")
	deletes    = regexp.MustCompile("^DELETE FROM `main`.`analytics`.`([a-z]+)` WHERE `user_client_id` IN \\(:v0(?:, :v[0-9]+)*\\)$")
	deletesWhy = regexp.MustCompile("^DELETE FROM `main`.`analytics`.`([a-z_]+)` WHERE event_id IN \\(SELECT id FROM `main`.`analytics`.`([a-z]+)` WHERE `user_client_id` IN \\(:v0(?:, :v[0-9]+)*\\)\\)$")
)

func (f *fake) run(sql string, values map[string]string) (data [][]any, wrong string) {
	theirs := func(client string) bool {
		for name, v := range values {
			if strings.HasPrefix(name, "v") && v == client && v != "" {
				return true
			}
		}
		return false
	}
	if looks.MatchString(sql) && values["schema"] == "analytics" {
		if t := f.tables[values["table"]]; t != nil {
			for _, c := range t.columns {
				data = append(data, []any{c.name})
			}
		}
		return data, ""
	}
	if m := makes.FindStringSubmatch(sql); m != nil {
		if f.tables[m[1]] == nil {
			f.tables[m[1]] = &table{loaded: map[string]bool{}}
			return nil, f.tables[m[1]].add(strings.Split(m[2], ",\n"))
		}
		return nil, ""
	}
	if m := copies.FindStringSubmatch(sql); m != nil {
		return f.copy(m[1], m[2], m[3])
	}
	if m := adds.FindStringSubmatch(sql); m != nil && f.tables[m[1]] != nil {
		return nil, f.tables[m[1]].add(strings.Split(m[2], ", "))
	}
	if m := deletes.FindStringSubmatch(sql); m != nil && f.tables[m[1]] != nil {
		n := f.tables[m[1]].delete(func(row event.Map) bool { return theirs(row.Text("user_client_id")) })
		return [][]any{{fmt.Sprint(n)}}, ""
	}
	if m := deletesWhy.FindStringSubmatch(sql); m != nil && f.tables[m[1]] != nil && f.tables[m[2]] != nil {
		ids := map[string]bool{}
		for _, row := range f.tables[m[2]].rows {
			ids[row.Text("id")] = theirs(row.Text("user_client_id"))
		}
		n := f.tables[m[1]].delete(func(row event.Map) bool { return ids[row.Text("event_id")] })
		return [][]any{{fmt.Sprint(n)}}, ""
	}
	return nil, "[PARSE_SYNTAX_ERROR] " + sql
}

// copy is COPY INTO.
func (f *fake) copy(name, folder, file string) (data [][]any, wrong string) {
	t, path := f.tables[name], folder+"/"+file
	switch {
	case t == nil:
		return nil, missing
	case t.loaded[path]:
		return [][]any{{"0", "0"}}, ""
	case f.files[path] == nil:
		return nil, "[PATH_NOT_FOUND] Path does not exist: " + path
	}
	rows, wrong := t.read(f.t, f.files[path])
	if wrong != "" {
		return nil, wrong
	}
	t.loaded[path] = true
	t.rows = append(t.rows, rows...)
	return [][]any{{fmt.Sprint(len(rows)), fmt.Sprint(len(rows))}}, ""
}

type person struct {
	ID       *string  `parquet:"id,optional"`
	ClientID *string  `parquet:"user_client_id,optional"`
	Margin   *float64 `parquet:"margin,optional"`
	Rejected *string  `parquet:"_rejected,optional"`
}

type decision struct {
	EventID     *string `parquet:"event_id,optional"`
	Destination *string `parquet:"destination,optional"`
}

// read reads a file whose columns the table must have, with the same types.
func (t *table) read(test *testing.T, body []byte) (rows []event.Map, wrong string) {
	file, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, "[CANNOT_READ_FILE_FOOTER] " + err.Error()
	}
	decisions := false
	for _, field := range file.Schema().Fields() {
		decisions = decisions || field.Name() == "event_id"
		kind := map[string]string{"INT64": "BIGINT", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN", "STRING": "STRING"}[field.Type().String()]
		switch {
		case !field.Leaf():
			kind = "ARRAY"
		case strings.HasPrefix(field.Type().String(), "TIMESTAMP"):
			kind = "TIMESTAMP"
		case strings.HasPrefix(field.Type().String(), "INT(64"):
			kind = "BIGINT"
		}
		if !t.has(field.Name(), kind) {
			return nil, "[COPY_INTO_SCHEMA_MISMATCH] A schema mismatch was detected at " + field.Name() + " " + kind
		}
	}
	if decisions {
		for _, d := range parquettest.As[decision](test, body) {
			rows = append(rows, event.Map{{Key: "event_id", Value: event.String(*d.EventID)}, {Key: "destination", Value: event.String(*d.Destination)}})
		}
		return rows, ""
	}
	rows = parquettest.Read(test, body)
	for i, p := range parquettest.As[person](test, body) {
		if p.ClientID != nil {
			rows[i].Add("user_client_id", event.String(*p.ClientID))
		}
		if p.Margin != nil {
			rows[i].Add("margin", event.Float(*p.Margin))
		}
		if p.Rejected != nil {
			rows[i].Add("_rejected", event.String(*p.Rejected))
		}
	}
	return rows, ""
}

func (t *table) has(name, kind string) bool {
	for _, c := range t.columns {
		if c.name == name {
			return c.kind == kind || kind == "ARRAY" && strings.HasPrefix(c.kind, "ARRAY<STRUCT<")
		}
	}
	return false
}

func (t *table) add(definitions []string) string {
	for _, d := range definitions {
		m := ofColumn.FindStringSubmatch(d)
		if m == nil {
			return "[PARSE_SYNTAX_ERROR] " + d
		}
		if t.has(m[1], m[2]) {
			return "[FIELD_ALREADY_EXISTS] " + m[1]
		}
		t.columns = append(t.columns, column{m[1], m[2]})
	}
	return ""
}

func (t *table) delete(which func(event.Map) bool) (n int) {
	var rest []event.Map
	for _, row := range t.rows {
		if which(row) {
			n++
			continue
		}
		rest = append(rest, row)
	}
	t.rows = rest
	return n
}

// read returns the rows of a table.
func (f *fake) read(name string) []event.Map {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tables[name] == nil {
		return nil
	}
	return f.tables[name].rows
}
