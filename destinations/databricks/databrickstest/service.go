// Package databrickstest is a strict fake of Databricks. It is imported by tests only.
package databrickstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"headgate/destinations/conformance"
	"headgate/destinations/rest/resttest"
	"headgate/event"
)

// Fake is a strict Databricks: tokens of a service principal that end, files of a volume, and a SQL warehouse that knows a few statements,
// runs them for a while and loads a file of a name once, whatever has become of the file.
type Fake struct {
	resttest.Service
	Server *httptest.Server

	Issued  int
	Tokens  map[string]time.Time
	Files   map[string][]byte
	Tables  map[string]*Table
	running map[string]any // results by statement
	Slow    bool
}

// New starts a fake that ends with the test.
func New(t testing.TB) *Fake {
	f := &Fake{Tokens: map[string]time.Time{}, Files: map[string][]byte{}, Tables: map[string]*Table{}, running: map[string]any{}}
	f.Begin(t, conformance.Noon)
	f.Server = f.Listen(f.route)
	return f
}

// Settings are those of a destination at the fake, and more.
func (f *Fake) Settings(more string) string {
	return fmt.Sprintf("{url: %q, client_id: principal, client_secret: hush, warehouse: w1, volume: /Volumes/main/analytics/headgate, table: main.analytics.events%s}", f.Server.URL, more)
}

func fails(code, message string) map[string]string {
	return map[string]string{"error_code": code, "message": message}
}

func (f *Fake) route(r *http.Request, body []byte) (int, any) {
	if r.URL.Path == "/oidc/v1/token" {
		id, secret, ok := r.BasicAuth()
		if !ok || id != "principal" || secret != "hush" || string(body) != "grant_type=client_credentials&scope=all-apis" {
			return 401, map[string]string{"error": "invalid_client", "error_description": "Client authentication failed"}
		}
		f.Issued++
		token := fmt.Sprintf("token-%d", f.Issued)
		f.Tokens[token] = f.Now().Add(time.Hour)
		return 200, map[string]any{"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
	}
	if until, known := f.Tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]; !known || !f.Now().Before(until) {
		return 401, fails("UNAUTHENTICATED", "the token is not valid")
	}
	path, file := strings.CutPrefix(r.URL.Path, "/api/2.0/fs/files")
	id, look := strings.CutPrefix(r.URL.Path, "/api/2.0/sql/statements/")
	switch {
	case file && !strings.HasPrefix(path, "/Volumes/main/analytics/headgate/"):
		return 404, fails("RESOURCE_DOES_NOT_EXIST", "no such volume")
	case file && r.Method == "PUT" && r.URL.RawQuery == "overwrite=true" && r.Header.Get("Content-Type") == "application/octet-stream":
		f.Files[path] = body
		return 204, ""
	case file && r.Method == "DELETE":
		if f.Files[path] == nil {
			return 404, fails("NOT_FOUND", "no such file")
		}
		delete(f.Files, path)
		return 204, ""
	case r.URL.Path == "/api/2.0/sql/statements" && r.Method == "POST":
		return f.statement(body)
	case look && r.Method == "GET" && f.running[id] != nil:
		return 200, f.running[id]
	}
	return 404, fails("ENDPOINT_NOT_FOUND", "no such method "+r.Method+" "+r.URL.Path)
}

func (f *Fake) statement(body []byte) (int, any) {
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
	if f.Slow {
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
	copies     = regexp.MustCompile("^COPY INTO `main`.`analytics`.`([a-z_]+)` FROM '([^']+)' FILEFORMAT = PARQUET FILES = \\('([^']+(?:', '[^']+)*)'\\)$")
	deletes    = regexp.MustCompile("^DELETE FROM `main`.`analytics`.`([a-z]+)` WHERE `user_client_id` IN \\(:v0(?:, :v[0-9]+)*\\)$")
	deletesWhy = regexp.MustCompile("^DELETE FROM `main`.`analytics`.`([a-z_]+)` WHERE event_id IN \\(SELECT id FROM `main`.`analytics`.`([a-z]+)` WHERE `user_client_id` IN \\(:v0(?:, :v[0-9]+)*\\)\\)$")
)

func (f *Fake) run(sql string, values map[string]string) (data [][]any, wrong string) {
	theirs := func(client string) bool {
		for name, v := range values {
			if strings.HasPrefix(name, "v") && v == client && v != "" {
				return true
			}
		}
		return false
	}
	if looks.MatchString(sql) && values["schema"] == "analytics" {
		if t := f.Tables[values["table"]]; t != nil {
			for _, c := range t.Columns {
				data = append(data, []any{c.Name})
			}
		}
		return data, ""
	}
	if m := makes.FindStringSubmatch(sql); m != nil {
		if f.Tables[m[1]] == nil {
			f.Tables[m[1]] = &Table{loaded: map[string]bool{}}
			return nil, f.Tables[m[1]].add(strings.Split(m[2], ",\n"))
		}
		return nil, ""
	}
	if m := copies.FindStringSubmatch(sql); m != nil {
		return f.copy(m[1], m[2], strings.Split(m[3], "', '"))
	}
	if m := adds.FindStringSubmatch(sql); len(m) > 1 && f.Tables[m[1]] != nil {
		return nil, f.Tables[m[1]].add(strings.Split(m[2], ", "))
	}
	if m := deletes.FindStringSubmatch(sql); len(m) > 1 && f.Tables[m[1]] != nil {
		n := f.Tables[m[1]].delete(func(row event.Map) bool { return theirs(row.Text("user_client_id")) })
		return [][]any{{fmt.Sprint(n)}}, ""
	}
	if m := deletesWhy.FindStringSubmatch(sql); len(m) > 1 && f.Tables[m[1]] != nil && f.Tables[m[2]] != nil {
		ids := map[string]bool{}
		for _, row := range f.Tables[m[2]].rows {
			ids[row.Text("id")] = theirs(row.Text("user_client_id"))
		}
		n := f.Tables[m[1]].delete(func(row event.Map) bool { return ids[row.Text("event_id")] })
		return [][]any{{fmt.Sprint(n)}}, ""
	}
	return nil, "[PARSE_SYNTAX_ERROR] " + sql
}

// copy is COPY INTO: all files that were not loaded yet, or none.
func (f *Fake) copy(name, folder string, files []string) (data [][]any, wrong string) {
	t := f.Tables[name]
	if t == nil {
		return nil, missing
	}
	var rows []event.Map
	loaded := map[string]bool{}
	for _, file := range files {
		path := folder + "/" + file
		switch {
		case t.loaded[path]:
			continue
		case f.Files[path] == nil:
			return nil, "[PATH_NOT_FOUND] Path does not exist: " + path
		}
		more, wrong := t.read(f.T, f.Files[path])
		if wrong != "" {
			return nil, wrong
		}
		rows, loaded[path] = append(rows, more...), true
	}
	maps.Copy(t.loaded, loaded)
	t.rows = append(t.rows, rows...)
	return [][]any{{fmt.Sprint(len(rows)), fmt.Sprint(len(rows))}}, ""
}
