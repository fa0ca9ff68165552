package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"

	"headgate/event"
)

// reading is how a column of a file becomes a part of a row. The zero reading is that of a column which says nothing of the event.
type reading struct {
	name   string // of the column, or of the field of an item
	ofItem bool
	json   bool
	time   bool
}

// readRows calls fn with the rows of a file, whatever columns it has.
func readRows(body []byte, fn func(row event.Map) bool) error {
	file, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return err
	}
	columns := readings(file.Schema())
	for _, group := range file.RowGroups() {
		if more, err := readGroup(group, columns, fn); err != nil || !more {
			return err
		}
	}
	return nil
}

func readGroup(group parquet.RowGroup, columns []reading, fn func(row event.Map) bool) (more bool, err error) {
	rows := group.Rows()
	defer func() { _ = rows.Close() }() // it was only read
	buffer := make([]parquet.Row, 64)
	for {
		n, err := rows.ReadRows(buffer)
		for _, row := range buffer[:n] {
			out, err := object(row, columns)
			if err != nil {
				return false, err
			}
			if !fn(out) {
				return false, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// readings says how the columns of a schema are read, by their places.
func readings(s *parquet.Schema) []reading {
	ours, items := map[string]reading{}, map[string]reading{}
	for i := range event.Fields {
		f := &event.Fields[i]
		ours[f.Column()] = readingOf(f.Column(), f.Ref(&event.Event{}))
	}
	for i := range event.ItemFields {
		f := &event.ItemFields[i]
		r := readingOf(f.Path, f.Ref(&event.Item{}))
		r.ofItem = true
		items[f.Path] = r
	}
	columns := make([]reading, len(s.Columns()))
	for i, path := range s.Columns() {
		if columns[i] = ours[path[0]]; path[0] == "items" && len(path) > 1 {
			columns[i] = items[path[len(path)-1]]
		}
	}
	return columns
}

func readingOf(name string, ref any) reading {
	_, isMap := ref.(*event.Map)
	_, isTime := ref.(*time.Time)
	return reading{name: name, json: isMap, time: isTime}
}

// object is a row by its columns.
func object(row parquet.Row, columns []reading) (out event.Map, err error) {
	var items []event.Map
	at := -1 // of the item that a value belongs to, within its column
	for i, v := range row {
		c := &columns[v.Column()]
		if i == 0 || row[i-1].Column() != v.Column() {
			at = -1
		}
		at++
		if c.name == "" {
			continue
		}
		if c.ofItem && v.DefinitionLevel() > 0 && at == len(items) {
			items = append(items, nil)
		}
		if v.IsNull() {
			continue
		}
		value, err := c.value(v)
		switch {
		case err != nil:
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		case c.ofItem:
			items[at].Add(c.name, value)
		default:
			out.Add(c.name, value)
		}
	}
	if len(items) > 0 {
		list := make([]event.Value, len(items))
		for i := range items {
			list[i] = event.ObjectOf(items[i])
		}
		out.Add("items", event.ListOf(list...))
	}
	return out, nil
}

func (c *reading) value(v parquet.Value) (event.Value, error) {
	switch v.Kind() {
	case parquet.Boolean:
		return event.Boolean(v.Boolean()), nil
	case parquet.Int64:
		if c.time {
			return event.TimeValue(time.UnixMilli(v.Int64())), nil
		}
		n, _ := event.NumberText(strconv.FormatInt(v.Int64(), 10))
		return n, nil
	case parquet.Double:
		return event.Float(v.Double()), nil
	}
	text := string(v.ByteArray())
	if c.json {
		return event.ParseJSON([]byte(text))
	}
	return event.String(text), nil
}
