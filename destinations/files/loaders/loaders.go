// Package loaders prints what makes other stores load files of events: tables with our columns, and the store's own way to take new
// files by itself. A store is one template (sql/*.sql) and a name for each type of column. It connects to nothing.
package loaders

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"

	"headgate/destinations/rows"
	"headgate/event"
)

//go:embed sql/*.sql
var templates embed.FS

// Files are the files of one destination.
type Files struct {
	Address   string // of their folder, such as s3://bucket/events
	Parquet   bool   // otherwise JSON lines, compressed
	Partition string // date, hour, or something else
	Columns   []Column
}

// Column is a column of theirs.
type Column struct {
	Name string
	Type rows.Type
}

// kinds are a store's types. In Parquet what has no fixed shape is a text with JSON in it, in JSON lines it is nested.
type kinds struct {
	text, boolean, integer, number, time, json string
	nested                                     string // of items, and of JSON in JSON lines; "": structs
	field, list                                string // of structs, as in fmt: a field, and all of them
	quote                                      string
}

var stores = map[string]kinds{
	"snowflake":  {text: "VARCHAR", boolean: "BOOLEAN", integer: "BIGINT", number: "DOUBLE", time: "TIMESTAMP_NTZ(3)", json: "VARCHAR", nested: "VARIANT"},
	"bigquery":   {},
	"redshift":   {text: "VARCHAR(65535)", boolean: "BOOLEAN", integer: "BIGINT", number: "DOUBLE PRECISION", time: "TIMESTAMP", json: "VARCHAR(65535)", nested: "SUPER", quote: `"`},
	"databricks": {text: "STRING", boolean: "BOOLEAN", integer: "BIGINT", number: "DOUBLE", time: "TIMESTAMP", json: "STRING", field: "`%s`: %s", list: "ARRAY<STRUCT<%s>>", quote: "`"},
	"athena":     {text: "string", boolean: "boolean", integer: "bigint", number: "double", time: "timestamp", json: "string", field: "%s:%s", list: "array<struct<%s>>", quote: "`"},
	"duckdb":     {},
}

// Stores are those that it knows, in the order of their names.
func Stores() []string {
	return []string{"athena", "bigquery", "databricks", "duckdb", "redshift", "snowflake"}
}

// Statements are what makes a store load files; an error says why it cannot.
func Statements(store string, f Files) ([]string, error) {
	k, known := stores[store]
	scheme, _, remote := strings.Cut(f.Address, "://")
	switch {
	case !known:
		return nil, fmt.Errorf("no store %q is known; it is one of %s", store, strings.Join(Stores(), ", "))
	case strings.ContainsAny(f.Address, "'\\\n"):
		return nil, fmt.Errorf("the path has a quote in it, which statements cannot say")
	case !remote && store != "duckdb":
		return nil, fmt.Errorf("%s does not reach a local folder: give the destination a bucket, such as to: s3://my-bucket/events", store)
	case store == "bigquery" && scheme != "gs":
		return nil, fmt.Errorf("bigquery loads from Google Cloud Storage: give the destination a bucket such as to: gs://my-bucket/events")
	case (store == "redshift" || store == "athena") && scheme != "s3":
		return nil, fmt.Errorf("%s loads from Amazon S3: give the destination a bucket such as to: s3://my-bucket/events", store)
	case (store == "redshift" || store == "athena" || store == "databricks") && !f.Parquet:
		return nil, fmt.Errorf("the statements for %s are for Parquet: use: parquet", store)
	case store == "athena" && f.Partition != "date" && f.Partition != "hour":
		return nil, fmt.Errorf("the statements for athena are for partition: date or hour")
	}
	text, err := fs.ReadFile(templates, "sql/"+store+".sql")
	if err != nil {
		panic("BUG: no template of a store: " + err.Error())
	}
	var b strings.Builder
	err = template.Must(template.New(store).Parse(string(text))).Execute(&b, map[string]any{
		"Address": f.Address, "Scheme": scheme, "Parquet": f.Parquet, "Columns": columnsOf(k, f), "Hour": f.Partition == "hour",
		"Dated": f.Partition == "date" || f.Partition == "hour", "Glob": globOf(f), "Extension": extensionOf(f),
	})
	if err != nil {
		panic("BUG: a store's template fails: " + err.Error())
	}
	var all []string
	for _, one := range strings.Split(strings.TrimSpace(b.String()), ";\n") {
		all = append(all, strings.TrimSuffix(strings.TrimSpace(one), ";"))
	}
	return all, nil
}

func extensionOf(f Files) string {
	if f.Parquet {
		return "parquet"
	}
	return "jsonl"
}

// globOf matches files of events, and not those of decisions beside them where the partition tells them apart.
func globOf(f Files) string {
	switch f.Partition {
	case "date":
		return "date=*/*." + extensionOf(f) + "*"
	case "hour":
		return "date=*/hour=*/*." + extensionOf(f) + "*"
	case "none":
		return "*." + extensionOf(f) + "*"
	}
	return "**/*." + extensionOf(f) + "*"
}

func columnsOf(k kinds, f Files) string {
	lines := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		lines[i] = "    " + k.quote + c.Name + k.quote + " " + k.kind(c.Type, f.Parquet)
	}
	return strings.Join(lines, ",\n")
}

func (k *kinds) kind(t rows.Type, parquet bool) string {
	switch t {
	case rows.Bool:
		return k.boolean
	case rows.Integer:
		return k.integer
	case rows.Number:
		return k.number
	case rows.Time:
		return k.time
	case rows.JSON:
		if parquet || k.nested == "" {
			return k.json
		}
		return k.nested
	case rows.Items:
		if k.nested != "" {
			return k.nested
		}
		fields := make([]string, len(event.ItemFields))
		for i := range event.ItemFields {
			g := &event.ItemFields[i]
			fields[i] = fmt.Sprintf(k.field, g.Path, k.kind(rows.ItemType(g.Ref(&event.Item{})), parquet))
		}
		return fmt.Sprintf(k.list, strings.Join(fields, ", "))
	}
	return k.text
}
