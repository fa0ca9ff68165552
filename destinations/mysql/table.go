package mysql

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations/rows"
	"headgate/destinations/tables"
)

// table is where rows of T go.
type table[T any] struct {
	name    string // as a person writes it
	columns []rows.Column[T]
	key     []string // the columns of the primary key
}

func newTable[T any](name string, columns []rows.Column[T], key ...string) table[T] {
	return table[T]{name: name, columns: columns, key: key}
}

// kinds are the types of columns. A text may be longer than the 64 KiB of a TEXT.
var kinds = map[rows.Type]string{
	rows.Text: "MEDIUMTEXT", rows.Bool: "BOOLEAN", rows.Integer: "BIGINT", rows.Number: "DOUBLE", rows.Time: "DATETIME(3)", rows.JSON: "JSON", rows.Items: "JSON",
}

// keyKind is that of a column of the key: as long as an index takes, and no two texts that differ are the same.
const keyKind = "VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"

// times is how a time is written; a zone is refused.
const times = "2006-01-02 15:04:05.000"

func quote(name string) string {
	parts := strings.Split(name, ".")
	for i, p := range parts {
		parts[i] = "`" + strings.ReplaceAll(p, "`", "``") + "`"
	}
	return strings.Join(parts, ".")
}

func (t *table[T]) kind(c *rows.Column[T]) string {
	switch {
	case slices.Contains(t.key, c.Name):
		return keyKind
	case c.Required:
		return kinds[c.Type] + " NOT NULL DEFAULT FALSE"
	}
	return kinds[c.Type]
}

// create is the statement that makes the table. Partitions by time would put the time into the key, which then would not be the event's.
func (t *table[T]) create() string {
	lines := make([]string, len(t.columns))
	for i := range t.columns {
		lines[i] = "    " + quote(t.columns[i].Name) + " " + t.kind(&t.columns[i])
	}
	return "CREATE TABLE IF NOT EXISTS " + quote(t.name) + " (\n" + strings.Join(lines, ",\n") + ",\n    PRIMARY KEY (" + t.quoted(t.key) +
		"),\n    KEY by_time (`time`)\n) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
}

func (t *table[T]) quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = quote(name)
	}
	return strings.Join(list, ", ")
}

// definition says how the table is looked at, made and widened.
func (t *table[T]) definition(db *sql.DB) tables.Definition {
	return tables.Definition{Name: t.name, Columns: tables.Names(t.columns), AnyCase: true,
		Look: func(ctx context.Context) ([]string, error) { return t.look(ctx, db) },
		Create: func(ctx context.Context) error {
			_, err := db.ExecContext(ctx, t.create())
			return err
		},
		// One statement each: MySQL knows no IF NOT EXISTS here, and another Headgate may add the same columns.
		Widen: func(ctx context.Context, columns []int) error {
			for _, n := range columns {
				c := &t.columns[n]
				_, err := db.ExecContext(ctx, "ALTER TABLE "+quote(t.name)+" ADD COLUMN "+quote(c.Name)+" "+t.kind(c))
				if err != nil && numberOf(err) != columnIsThere {
					return err
				}
			}
			return nil
		}}
}

// look returns the names of the table's columns, none when it is not there.
func (t *table[T]) look(ctx context.Context, db *sql.DB) (names []string, err error) {
	in, name, other := strings.Cut(t.name, ".")
	query, args := "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?", []any{in, name}
	if !other {
		query, args = "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?", []any{in}
	}
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

// statementBytes is how long a statement becomes at most, unless one row alone is longer: well below what servers take by default.
const statementBytes = 4 << 20

// insert writes rows; those whose key is there stay as they are. wrong is the row that the server named, -1 when it named none.
func (t *table[T]) insert(ctx context.Context, tx *sql.Tx, list []*T) (wrong int, err error) {
	var values []any // of all columns
	from, size := 0, 0
	for i, row := range list {
		var bytes int
		values, bytes = t.values(values, row)
		if size += bytes; size < statementBytes && i < len(list)-1 {
			continue
		}
		statement, args := t.statement(values)
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			if at := rowOf(err, i+1-from); at >= 0 {
				return from + at, err
			}
			return -1, err
		}
		values, from, size = values[:0], i+1, 0
	}
	return -1, nil
}

// statement inserts rows, without the columns in which all of them are null: most events say a third of what there is to say. Not INSERT
// IGNORE: it cuts and changes values that do not fit.
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
	one := "(" + strings.Repeat("?, ", len(used)-1) + "?)"
	return "INSERT INTO " + quote(t.name) + " (" + t.quoted(names) + ") VALUES " + strings.Repeat(one+", ", len(values)/width-1) + one +
		" ON DUPLICATE KEY UPDATE " + quote(t.key[0]) + " = " + quote(t.key[0]), args
}

// values appends a row's values, and says about how long they are.
func (t *table[T]) values(args []any, row *T) (all []any, bytes int) {
	for i := range t.columns {
		c := &t.columns[i]
		v := rows.ValueOf(c.Ref(row))
		bytes += 6
		switch {
		case v.IsNull() && c.Required:
			args = append(args, false)
			continue
		case v.IsNull():
			args = append(args, nil)
			continue
		}
		var arg any
		switch c.Type {
		case rows.Bool:
			arg, _ = v.Bool()
		case rows.Integer:
			arg = rows.Int64(v)
		case rows.Number:
			arg, _ = v.Float()
		case rows.Time:
			arg = rows.TimeOf(c.Ref(row), v).UTC().Format(times)
		case rows.JSON, rows.Items:
			arg = valid(string(v.AppendJSON(nil)))
		default:
			arg = valid(v.Text())
		}
		if s, is := arg.(string); is {
			bytes += len(s) + len(s)/8 // some of it is escaped
		}
		args = append(args, arg)
	}
	return args, bytes
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

var rowInText = regexp.MustCompile(`at row (\d+)`)

// rowOf is the row, from 0, that the server names as wrong; -1 when it names none.
func rowOf(err error, rows int) int {
	var answer *mysql.MySQLError
	if !errors.As(err, &answer) {
		return -1
	}
	if m := rowInText.FindStringSubmatch(answer.Message); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= rows {
			return n - 1
		}
	}
	return -1
}
