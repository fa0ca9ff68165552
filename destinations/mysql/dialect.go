package mysql

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations/rows"
)

// dialect is what MySQL and MariaDB share.
type dialect struct{}

// kinds are the types of columns. A text may be longer than the 64 KiB of a TEXT.
var kinds = map[rows.Type]string{
	rows.Text: "MEDIUMTEXT", rows.Bool: "BOOLEAN", rows.Integer: "BIGINT", rows.Number: "DOUBLE", rows.Time: "DATETIME(3)", rows.JSON: "JSON", rows.Items: "JSON",
}

// keyKind is that of a column of the key: as long as an index takes, and no two texts that differ are the same.
const keyKind = "VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"

// times is how a time is written; a zone is refused.
const times = "2006-01-02 15:04:05.000"

// statementBytes is well below what servers take by default.
const statementBytes = 4 << 20

func quote(name string) string {
	parts := strings.Split(name, ".")
	for i, p := range parts {
		parts[i] = "`" + strings.ReplaceAll(p, "`", "``") + "`"
	}
	return strings.Join(parts, ".")
}

func (dialect) Quote(name string) string { return quote(name) }

func (dialect) Kind(t rows.Type, key, required bool) string {
	switch {
	case key:
		return keyKind
	case required:
		return kinds[t] + " NOT NULL DEFAULT FALSE"
	}
	return kinds[t]
}

// Create: partitions by time would put the time into the key, which then would not be the event's.
func (dialect) Create(table, columns, key string) string {
	return "CREATE TABLE IF NOT EXISTS " + table + " (\n" + columns + ",\n    PRIMARY KEY (" + key + "),\n    KEY by_time (`time`)\n) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
}

func (dialect) Look(table string) (query string, args []any) {
	const columns = "SELECT column_name FROM information_schema.columns WHERE table_name = ? AND table_schema = "
	if in, name, other := strings.Cut(table, "."); other {
		return columns + "?", []any{name, in}
	}
	return columns + "DATABASE()", []any{table}
}

// Ignore: not INSERT IGNORE, which cuts and changes values that do not fit.
func (dialect) Ignore(key string) string { return " ON DUPLICATE KEY UPDATE " + key + " = " + key }

var rowInText = regexp.MustCompile(`at row (\d+)`)

func (dialect) RowOf(err error, rows int) int {
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
