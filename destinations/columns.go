package destinations

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// ColumnType is the type of a column that a person adds to a driver's table.
type ColumnType string

// The types.
const (
	TextColumn    ColumnType = "text"
	NumberColumn  ColumnType = "number"  // a double
	IntegerColumn ColumnType = "integer" // 64 bits, with a sign
	BoolColumn    ColumnType = "bool"
	TimeColumn    ColumnType = "time" // UTC, milliseconds
	JSONColumn    ColumnType = "json"
)

var columnTypes = []ColumnType{TextColumn, NumberColumn, IntegerColumn, BoolColumn, TimeColumn, JSONColumn}

// Column is a column of a person's own: `columns: {margin: {number: =params.margin}}`.
type Column struct {
	Name    string
	Type    ColumnType
	formula *rules.Template
}

// RejectedColumn is the name of the last of the columns of a person's own, which is there when there is any other: a JSON list of
// {"column", "value", "reason"} for the values that do not fit their column, which is null in that row.
const RejectedColumn = "_rejected"

var columnName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// readColumns reads the setting columns.
func readColumns(n *document.Node, s rules.Scope, f *Formulas) (columns []Column) {
	if n == nil || n.Kind != document.Map {
		return nil
	}
	for _, field := range n.Fields {
		c := Column{Name: field.Key}
		taken := field.Key == RejectedColumn
		for i := range event.Fields {
			taken = taken || event.Fields[i].Column() == field.Key
		}
		switch {
		case !columnName.MatchString(field.Key):
			f.Mistakes.Add(field.At, fmt.Sprintf("%q cannot be a column", field.Key), "write lower-case letters, digits and _, beginning with a letter, at most 63")
			continue
		case taken:
			f.Mistakes.Add(field.At, fmt.Sprintf("the table has a column %s already", field.Key), "choose another name")
			continue
		case field.Value.Kind != document.Map || len(field.Value.Fields) != 1:
			f.Mistakes.Add(field.At, "column "+field.Key+": expected its type and a formula", "write "+field.Key+": {number: =params.margin}; the types are "+typeList())
			continue
		}
		one := field.Value.Fields[0]
		for _, t := range columnTypes {
			if one.Key == string(t) {
				c.Type = t
			}
		}
		if c.Type == "" {
			f.Mistakes.Add(one.At, fmt.Sprintf("no type %q of columns", one.Key), "the types are "+typeList())
			continue
		}
		c.formula = f.Template(one.Value, s)
		columns = append(columns, c)
	}
	if len(columns) > 0 {
		columns = append(columns, Column{Name: RejectedColumn, Type: JSONColumn})
	}
	return columns
}

func typeList() string {
	var b strings.Builder
	for i, t := range columnTypes {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(t))
	}
	return b.String()
}

// evaluate fills in the columns of a person's own. Without any it costs nothing.
func (d *Destination) evaluate(batch []Sending) {
	if len(d.columns) == 0 {
		return
	}
	m := d.language.Machine()
	defer m.Release()
	for i := range batch {
		batch[i].Own = d.ownColumns(m, &batch[i])
	}
}

func (d *Destination) ownColumns(m *rules.Machine, s *Sending) []event.Value {
	own := make([]event.Value, len(d.columns))
	env := &rules.Env{Event: s.Event, Settings: d.settings.Values()}
	var rejected []event.Value
	last := len(d.columns) - 1 // _rejected
	for i := range d.columns[:last] {
		c := &d.columns[i]
		v, err := c.formula.Value(m, env)
		if err != nil {
			d.formulaFailed(err)
			continue
		}
		fitting, reason := c.Type.fit(v)
		if reason == "" {
			own[i] = fitting
			continue
		}
		if d.misfits.Add(1) == 1 {
			d.logger.Warn("a value does not fit its column: its row is kept, and the value is in the column "+RejectedColumn+"; later ones are only counted",
				"column", c.Name, "reason", reason)
		}
		rejected = append(rejected, event.ObjectOf(event.Map{{Key: "column", Value: event.String(c.Name)}, {Key: "value", Value: v}, {Key: "reason", Value: event.String(reason)}}))
	}
	if len(rejected) > 0 {
		own[last] = event.ListOf(rejected...)
	}
	return own
}

// fit returns a value as the column's type has it, or the reason why it cannot be. Null fits everywhere.
func (t ColumnType) fit(v event.Value) (fitting event.Value, reason string) {
	if v.IsNull() {
		return v, ""
	}
	switch t {
	case TextColumn:
		if v.List() != nil || v.Object() != nil {
			return event.String(string(v.AppendJSON(nil))), ""
		}
		return event.String(v.Text()), ""
	case NumberColumn, IntegerColumn:
		return t.fitNumber(v)
	case BoolColumn:
		if _, is := v.Bool(); is {
			return v, ""
		}
		if text := v.Text(); text == "true" || text == "false" {
			return event.Boolean(text == "true"), ""
		}
		return event.Value{}, "it is neither true nor false"
	case TimeColumn:
		if at, is := event.ParseTime(v); is {
			return event.TimeValue(at), ""
		}
		return event.Value{}, "it is no time"
	}
	return v, ""
}

func (t ColumnType) fitNumber(v event.Value) (fitting event.Value, reason string) {
	f, is := v.Float()
	if !is {
		if v, is = event.NumberText(strings.TrimSpace(v.Text())); is {
			f, is = v.Float()
		}
	}
	switch {
	case !is || math.IsNaN(f) || math.IsInf(f, 0):
		return event.Value{}, "it is no number"
	case t == IntegerColumn && (f != math.Trunc(f) || math.Abs(f) >= 1<<63):
		return event.Value{}, "it is no whole number of 64 bits"
	}
	return v, ""
}

// Misfits counts the values that did not fit their column.
func (d *Destination) Misfits() int64 { return d.misfits.Load() }

// widened notes that an existing table got columns.
func (d *Destination) widened(table string, columns []string) {
	d.added.Add(int64(len(columns)))
	d.logger.Info("a table was widened", "table", table, "columns", strings.Join(columns, " "))
}

// AddedColumns counts the columns that existing tables got.
func (d *Destination) AddedColumns() int64 { return d.added.Load() }
