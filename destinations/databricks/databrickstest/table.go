package databrickstest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations/parquet/parquettest"
	"headgate/destinations/rest/resttest"
	"headgate/event"
)

// Table is a table of the fake.
type Table struct {
	resttest.Columns
	loaded map[string]bool
	rows   []event.Map
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
func (t *Table) read(test testing.TB, body []byte) (rows []event.Map, wrong string) {
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

func (t *Table) has(name, kind string) bool {
	own, ok := t.Kind(name)
	return ok && (own == kind || kind == "ARRAY" && strings.HasPrefix(own, "ARRAY<STRUCT<"))
}

func (t *Table) add(definitions []string) string {
	for _, d := range definitions {
		m := ofColumn.FindStringSubmatch(d)
		if m == nil {
			return "[PARSE_SYNTAX_ERROR] " + d
		}
		if t.has(m[1], m[2]) {
			return "[FIELD_ALREADY_EXISTS] " + m[1]
		}
		t.Columns = append(t.Columns, resttest.Column{Name: m[1], Kind: m[2]})
	}
	return ""
}

func (t *Table) delete(which func(event.Map) bool) (n int) {
	t.rows, n = resttest.Without(t.rows, which)
	return n
}

// Read returns the rows of a table.
func (f *Fake) Read(name string) []event.Map {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	if f.Tables[name] == nil {
		return nil
	}
	return f.Tables[name].rows
}
