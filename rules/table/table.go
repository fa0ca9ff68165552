// Package table reads the lists of keys and values that formulas look up, from YAML or CSV.
package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"headgate/document"
	"headgate/document/shape"
	"headgate/event"
)

// Table is one list of keys and values as it is written: either inline, `{gold: 3, silver: 2}`, or a CSV file with a line of
// column names, `{file: margin.csv, key: sku, value: margin}`. A file's path is relative to the file it is written in.
type Table struct {
	inline document.Ordered[*document.Node]
	file   tableFile
}

type tableFile struct {
	At    document.Place `yaml:"-"`
	File  document.Words `yaml:"file,required" help:"CSV file with a line of column names" example:"margin.csv"`
	Key   document.Words `yaml:"key,required" help:"Column that is looked up" example:"sku"`
	Value document.Words `yaml:"value,required" help:"Column that is found" example:"margin"`
}

// Loaded is the content of a table.
type Loaded map[string]event.Value

// maxTable is how many rows a table may have; all of them are kept in memory.
const maxTable = 5_000_000

// DecodeDocument reads either form. What has file, key and value, or a file that ends in .csv, is read as a file.
func (t *Table) DecodeDocument(n *document.Node) document.Mistakes {
	*t = Table{}
	file := n.Get("file")
	if file != nil && (strings.HasSuffix(file.Text, ".csv") || n.Get("key") != nil && n.Get("value") != nil) {
		return document.Decode(n, &t.file)
	}
	return document.Decode(n, &t.inline)
}

// DocumentShape describes both forms.
func (t *Table) DocumentShape() *shape.Shape {
	scalar := shape.AnyOf(shape.Text(), &shape.Shape{Type: "number"}, &shape.Shape{Type: "boolean"})
	return shape.AnyOf(document.Schema(tableFile{}), shape.MapOf(scalar))
}

// Load returns the table's content.
func (t *Table) Load() (Loaded, document.Mistakes) {
	if t.file.File.Value != "" {
		return t.file.load()
	}
	loaded := make(Loaded, len(t.inline))
	var ms document.Mistakes
	for _, e := range t.inline {
		if e.Value == nil || e.Value.Kind == document.Text {
			if e.Value != nil {
				loaded[e.Key] = event.String(e.Value.Text)
			}
			continue
		}
		if k := e.Value.Kind; k == document.List || k == document.Map {
			ms.Add(e.Value.At, "a table has texts, numbers, true or false as values", "")
			continue
		}
		v, wrong := Scalar(e.Value)
		ms = append(ms, wrong...)
		loaded[e.Key] = v
	}
	return loaded, ms
}

func (f *tableFile) load() (loaded Loaded, ms document.Mistakes) {
	if f.Key.Value == "" || f.Value.Value == "" {
		return nil, nil // a mistake that was noted when the table was read
	}
	path := f.path()
	file, err := os.Open(path)
	if err != nil {
		ms.Add(f.File.At, "the table cannot be read: "+cause(err), "the path is relative to this file")
		return nil, ms
	}
	defer func() { _ = file.Close() }() // it is only read
	loaded, where, err := f.read(file)
	if err != nil {
		ms.Add(where, filepath.Base(path)+": "+err.Error(), "")
	}
	return loaded, ms
}

// Path is the CSV file that the table is read from, "" for an inline one.
func (t *Table) Path() string {
	if t.file.File.Value == "" {
		return ""
	}
	return t.file.path()
}

// path is where the CSV file is: a relative one starts at the file that names it.
func (f *tableFile) path() string {
	if path := f.File.Value; filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(f.File.At.File), f.File.Value)
}

// cause is an error of the file system without the path, which the place says better.
func cause(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// read reads the CSV; where is the place in the YAML that an error is about.
func (f *tableFile) read(r io.Reader) (loaded Loaded, where document.Place, err error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, f.File.At, fmt.Errorf("no line of column names: %w", err)
	}
	columns := append([]string{}, header...)
	columns[0] = strings.TrimPrefix(columns[0], "\ufeff") // spreadsheets put a byte order mark first
	key, value := column(columns, f.Key.Value), column(columns, f.Value.Value)
	for _, c := range []struct {
		w document.Words
		i int
	}{{f.Key, key}, {f.Value, value}} {
		if c.i < 0 {
			err := fmt.Errorf("no column %q", c.w.Value)
			if cure := document.DidYouMean(c.w.Value, columns); cure != "" {
				err = fmt.Errorf("%w; %s", err, cure)
			}
			return nil, c.w.At, err
		}
	}
	loaded = Loaded{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return loaded, f.File.At, nil
		}
		if err != nil {
			return nil, f.File.At, err
		}
		if _, twice := loaded[row[key]]; twice {
			line, _ := rows.FieldPos(key)
			return nil, f.Key.At, fmt.Errorf("line %d has the key %q a second time", line, row[key])
		}
		if len(loaded) == maxTable {
			return nil, f.File.At, fmt.Errorf("more than %d rows", maxTable)
		}
		loaded[strings.Clone(row[key])] = cell(row[value])
	}
}

func column(columns []string, name string) int {
	for i, c := range columns {
		if strings.TrimSpace(c) == name {
			return i
		}
	}
	return -1
}

// cell is a number where it is written as one, else text.
func cell(s string) event.Value {
	s = strings.Clone(s)
	if v, ok := event.NumberText(s); ok {
		return v
	}
	return event.String(s)
}

// Scalar returns a number, true, false or nothing as a value.
func Scalar(n *document.Node) (event.Value, document.Mistakes) {
	switch n.Kind {
	case document.Bool:
		return event.Boolean(strings.EqualFold(n.Text, "true")), nil
	case document.Number:
		if v, ok := event.NumberText(n.Text); ok {
			return v, nil
		}
		f, ok := n.Float()
		digits := strings.TrimLeft(n.Text, "+-")
		if !ok || len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
			return event.Value{}, document.Mistakes{{At: n.At, Fact: n.Text + " could be a number or a text", Cure: `write it in quotes if it is text: "` + n.Text + `"`}}
		}
		return event.Float(f), nil
	}
	return event.Value{}, nil
}
