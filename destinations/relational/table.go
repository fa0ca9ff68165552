package relational

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"headgate/destinations/rows"
	"headgate/destinations/tables"
)

// table is where rows of T go.
type table[T any] struct {
	dialect Dialect
	limits  Limits
	name    string // as a person writes it
	columns []rows.Column[T]
	key     []string // the columns of the primary key
}

func (t *table[T]) kind(c *rows.Column[T]) string {
	return t.dialect.Kind(c.Type, slices.Contains(t.key, c.Name), c.Required)
}

// definition says how the table is looked at, made and widened: by a statement for each column, since some know no IF NOT EXISTS here, and
// another Headgate may add the same columns.
func (t *table[T]) definition(db *sql.DB) tables.Definition {
	name, columns := t.dialect.Quote(t.name), tables.Columns(t.columns, t.dialect.Quote, t.kind)
	return tables.Definition{Name: t.name, Quoted: name, Columns: columns, AnyCase: true,
		Create: t.dialect.Create(name, tables.Lines(columns), tables.Quoted(t.key, t.dialect.Quote)),
		Widen: func(columns []string) []string {
			statements := make([]string, len(columns))
			for i, c := range columns {
				statements[i] = "ALTER TABLE " + name + " ADD COLUMN " + c
			}
			return statements
		},
		Look: func(ctx context.Context) ([]string, error) { return t.look(ctx, db) },
		Run: func(ctx context.Context, statement string) error {
			if _, err := db.ExecContext(ctx, statement); err != nil && !t.dialect.Added(err) {
				return err
			}
			return nil
		}}
}

// look returns the names of the table's columns, none when it is not there.
func (t *table[T]) look(ctx context.Context, db *sql.DB) (names []string, err error) {
	query, args := t.dialect.Look(t.name)
	list, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer list.Close()
	for list.Next() {
		var one string
		if err := list.Scan(&one); err != nil {
			return nil, err
		}
		names = append(names, one)
	}
	return names, list.Err()
}

// insert writes rows; those whose key is there stay as they are. wrong is the row that the database named, -1 when it named none.
func (t *table[T]) insert(ctx context.Context, tx *sql.Tx, list []*T) (wrong int, err error) {
	var values []any // of all columns
	from, size := 0, 0
	for i, row := range list {
		var bytes int
		values, bytes = t.values(values, row)
		size += bytes
		full := size >= t.limits.Bytes || t.limits.Values > 0 && len(values)+len(t.columns) > t.limits.Values
		if !full && i < len(list)-1 {
			continue
		}
		statement, args := t.statement(values)
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			if at := t.dialect.RowOf(err, i+1-from); at >= 0 {
				return from + at, err
			}
			return -1, err
		}
		values, from, size = values[:0], i+1, 0
	}
	return -1, nil
}

// statement inserts rows, without the columns in which all of them are null: most events say a third of what there is to say.
func (t *table[T]) statement(values []any) (text string, args []any) {
	width := len(t.columns)
	var used []int
	var names []string
	for c := range t.columns {
		for at := c; at < len(values); at += width {
			if values[at] != nil {
				used, names = append(used, c), append(names, t.columns[c].Name)
				break
			}
		}
	}
	args = make([]any, 0, len(values)/width*len(used))
	for from := 0; from < len(values); from += width {
		for _, c := range used {
			args = append(args, values[from+c])
		}
	}
	one := tables.Marks(len(used))
	return "INSERT INTO " + t.dialect.Quote(t.name) + " (" + tables.Quoted(names, t.dialect.Quote) + ") VALUES " +
		strings.Repeat(one+", ", len(values)/width-1) + one + t.dialect.Ignore(t.dialect.Quote(t.key[0])), args
}

// values appends a row's values, and says about how long they are.
func (t *table[T]) values(args []any, row *T) (all []any, bytes int) {
	for i := range t.columns {
		arg := t.value(&t.columns[i], row)
		bytes += 6
		if s, is := arg.(string); is {
			bytes += len(s) + len(s)/8 // some of it is escaped
		}
		args = append(args, arg)
	}
	return args, bytes
}

// value is what stands in a column, nil for what was not said.
func (t *table[T]) value(c *rows.Column[T], row *T) any {
	v := rows.ValueOf(c.Ref(row))
	switch {
	case v.IsNull() && c.Required:
		return false
	case v.IsNull():
		return nil
	}
	switch c.Type {
	case rows.Bool:
		b, _ := v.Bool()
		return b
	case rows.Integer:
		return rows.Int64(v)
	case rows.Number:
		f, _ := v.Float()
		return f
	case rows.Time:
		return rows.TimeOf(c.Ref(row), v).UTC().Format(t.limits.Times)
	case rows.JSON, rows.Items:
		return valid(string(v.AppendJSON(nil)))
	}
	return valid(v.Text())
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
