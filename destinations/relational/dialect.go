package relational

import (
	"time"

	"headgate/destinations"
	"headgate/destinations/rows"
)

// Dialect is what databases do not share.
type Dialect interface {
	// Quote writes a name of a table or a column, Kind the type of a column; key: it is one of the primary key's.
	Quote(name string) string
	Kind(t rows.Type, key, required bool) string
	// Create is the statement that makes a table. columns are lines, key is a list.
	Create(table, columns, key string) string
	// Look is the query for the names of a table's columns.
	Look(table string) (query string, args []any)
	// Ignore is the end of an INSERT which leaves rows as they are whose key is there.
	Ignore(key string) string

	// Blame judges an error of the database's, Words says it without values of the rows.
	Blame(error) (destinations.Kind, time.Duration)
	Words(error) string
	// RowOf is the row of a statement, from 0, that an error names as wrong; -1 when it names none.
	RowOf(err error, rows int) int
	// Again: a second try may succeed, once the tables were looked at again. TooMuch: half of it may. Added: the column is there.
	Again(error) bool
	TooMuch(error) bool
	Added(error) bool
}

// Limits are those of a statement.
type Limits struct {
	Bytes  int    // about, unless one row alone is longer
	Values int    // 0: as many as there are
	Times  string // the layout of a time
}
