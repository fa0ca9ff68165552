package bigquerytest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/destinations/rest/resttest"
	"headgate/event"
)

// Table is a table of the fake.
type Table struct {
	fake    *Fake
	since   time.Time
	columns []column
	rows    []row
	ids     map[string]time.Time // insertId: until when it is remembered
}

// Drop removes a column, as a person does.
func (t *Table) Drop(name string) {
	t.columns = slices.DeleteFunc(t.columns, func(c column) bool { return c.name == name })
}

type column struct {
	name, kind string
	required   bool
	since      time.Time
}

type row struct {
	values   map[string]any
	streamed time.Time // zero: loaded
}

// lag is how long the fake takes to know what was made.
func (f *Fake) lag() time.Duration {
	if f.Slow {
		return 5 * time.Minute
	}
	return 0
}

func (t *Table) add(definitions []string, now time.Time) *refusal {
	for _, d := range definitions {
		m := ofColumn.FindStringSubmatch(d)
		if m == nil {
			return &refusal{400, "invalidQuery", "Syntax error at " + d}
		}
		if t.column(m[1]) == nil {
			t.columns = append(t.columns, column{m[1], m[2], m[3] != "", now})
		}
	}
	return nil
}

func (t *Table) column(name string) *column {
	for i := range t.columns {
		if t.columns[i].name == name {
			return &t.columns[i]
		}
	}
	return nil
}

func (f *Fake) describe(name string) (any, *refusal) {
	t := f.Tables[name]
	if t == nil {
		return nil, &refusal{404, "notFound", "Not found: Table shop-production:shop." + name}
	}
	var fields []map[string]string
	for _, c := range t.columns {
		fields = append(fields, map[string]string{"name": c.name, "type": c.kind})
	}
	return map[string]any{"id": name, "schema": map[string]any{"fields": fields}}, nil
}

type insertError struct {
	Index  int              `json:"index"`
	Errors []map[string]any `json:"errors"`
}

// insert is insertAll.
func (f *Fake) insert(name string, body []byte) (any, *refusal) {
	if len(body) > 10_000_000 {
		return nil, &refusal{413, "", "Request Entity Too Large"}
	}
	var ask struct {
		SkipInvalid   *bool `json:"skipInvalidRows"`
		IgnoreUnknown *bool `json:"ignoreUnknownValues"`
		Rows          []struct {
			ID     string         `json:"insertId"`
			Values map[string]any `json:"json"`
		} `json:"rows"`
	}
	if err := resttest.Strictly(body, &ask); err != nil || ask.SkipInvalid == nil || *ask.SkipInvalid || ask.IgnoreUnknown == nil || *ask.IgnoreUnknown {
		return nil, &refusal{400, "badRequest", fmt.Sprintf("insertAll: %v", err)}
	}
	t := f.Tables[name]
	if t == nil || f.Now().Sub(t.since) < f.lag() {
		return nil, &refusal{404, "notFound", "Not found: Table shop-production:shop." + name}
	}
	if len(ask.Rows) == 0 || len(ask.Rows) > 50_000 {
		return nil, &refusal{400, "invalid", fmt.Sprintf("%d rows", len(ask.Rows))}
	}
	var wrong, stopped []insertError
	for i, r := range ask.Rows {
		if r.ID == "" || len(r.ID) > 128 {
			return nil, &refusal{400, "invalid", "an insertId has up to 128 characters"}
		}
		if where, message := t.check(r.Values, false); message != "" {
			wrong = append(wrong, insertError{i, []map[string]any{{"reason": "invalid", "location": where, "message": message, "debugInfo": ""}}})
			continue
		}
		stopped = append(stopped, insertError{i, []map[string]any{{"reason": "stopped", "location": "", "message": "", "debugInfo": ""}}})
	}
	if len(wrong) > 0 {
		return map[string]any{"kind": "bigquery#tableDataInsertAllResponse", "insertErrors": append(wrong, stopped...)}, nil
	}
	for _, r := range ask.Rows {
		if until, known := t.ids[r.ID]; !known || !f.Now().Before(until) {
			t.rows = append(t.rows, row{r.Values, f.Now()})
		}
		t.ids[r.ID] = f.Now().Add(time.Minute)
	}
	return map[string]any{"kind": "bigquery#tableDataInsertAllResponse"}, nil
}

// check says what is wrong with a row.
func (t *Table) check(values map[string]any, loaded bool) (where, message string) {
	for name, v := range values {
		c := t.column(name)
		if c == nil || t.fake.Now().Sub(c.since) < t.fake.lag() {
			return name, "no such field: " + name + "."
		}
		if message := t.fits(c, v, loaded); message != "" {
			return name, message
		}
	}
	for _, c := range t.columns {
		if c.required && values[c.name] == nil {
			return c.name, "Missing required field: " + c.name + "."
		}
	}
	return "", ""
}

func (t *Table) fits(c *column, v any, loaded bool) string {
	switch c.kind {
	case "STRING":
		if _, is := v.(string); !is {
			return "Cannot convert value to string"
		}
	case "BOOL":
		if _, is := v.(bool); !is {
			return "Cannot convert value to boolean"
		}
	case "INT64":
		n, is := v.(json.Number)
		if !is || strings.ContainsAny(n.String(), ".eE") {
			return "Cannot convert value to integer"
		}
	case "FLOAT64":
		if _, is := v.(json.Number); !is {
			return "Cannot convert value to double"
		}
	case "TIMESTAMP":
		at, err := time.Parse("2006-01-02 15:04:05.999999", text(v))
		switch {
		case err != nil:
			return "Invalid timestamp: '" + text(v) + "'"
		case c.name == "time" && !loaded && (at.Before(t.fake.Now().AddDate(-10, 0, 0)) || at.After(t.fake.Now().AddDate(1, 0, 0))):
			return "Value for field time is outside the allowed bounds. You can only stream to date range within 3650 days in the past and 366 days in the future"
		}
	case "JSON":
		written, is := v.(string)
		switch {
		case is == loaded:
			return "JSON is a text when streamed, and nested when loaded"
		case is && !json.Valid([]byte(written)):
			return "Invalid JSON"
		}
	}
	return ""
}

func (t *Table) delete(which func(row) bool) (n int, refused *refusal) {
	var rest []row
	for _, r := range t.rows {
		switch {
		case !which(r):
			rest = append(rest, r)
		case !r.streamed.IsZero() && t.fake.Now().Sub(r.streamed) < 30*time.Minute:
			return 0, &refusal{400, "invalidQuery", "UPDATE or DELETE statement over table shop.events would affect rows in the streaming buffer, which is not supported"}
		default:
			n++
		}
	}
	t.rows = rest
	return n, nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// Read returns the rows of a table as a reader sees them, with nested JSON.
func (f *Fake) Read(name string) (list []event.Map) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	t := f.Tables[name]
	if t == nil {
		return nil
	}
	for _, r := range t.rows {
		var out event.Map
		for _, c := range t.columns {
			v := r.values[c.name]
			if v == nil || v == false {
				continue
			}
			written, err := json.Marshal(v)
			switch {
			case err != nil:
				f.T.Error(err)
			case c.kind == "JSON" && !r.streamed.IsZero():
				written = []byte(text(v))
			case c.kind == "TIMESTAMP":
				written = []byte(`"` + strings.Replace(text(v), " ", "T", 1) + `Z"`)
			}
			value, err := event.ParseJSON(written)
			if err != nil {
				f.T.Errorf("%s: %v", written, err)
			}
			out.Add(c.name, value)
		}
		list = append(list, out)
	}
	return list
}
