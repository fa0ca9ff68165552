package mysql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations"
)

// Numbers of errors by whose fault they are: https://mariadb.com/kb/en/mariadb-error-codes/ and
// https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html. Those of MySQL alone are unconfirmed.
var (
	// ofTheRow: null where it may not be, a number or time out of range, a text that is too long or no number, no JSON, a constraint.
	ofTheRow = []uint16{1048, 1264, 1265, 1292, 1366, 1406, 3140, 3141, 3819, 4025, 4078}
	// ofTheSettings: database, user, password, rights.
	ofTheSettings = []uint16{1044, 1045, 1049, 1142, 1143, 1227, 1698, 1251, 1064, 1118, 1820, 1862, 3118, 4151}
	// gone: no such column or table.
	gone = []uint16{1054, 1146}
	// tooMuch: the server's limit of a statement or of values in it.
	tooMuch = []uint16{1153, 1390}
)

const (
	columnIsThere = 1060
	deadlock      = 1213
)

// Blame judges the error of a transaction. What is not known is retried: the server, the network.
func (dialect) Blame(err error) (destinations.Kind, time.Duration) {
	number := numberOf(err)
	switch {
	case slices.Contains(ofTheSettings, number), slices.Contains(gone, number), errors.Is(err, mysql.ErrNoTLS):
		return destinations.Halt, 0
	case slices.Contains(ofTheRow, number):
		return destinations.Reject, 0
	}
	return 0, 0
}

// numberOf is that of a server's error, 0 of any other.
func numberOf(err error) uint16 {
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return answer.Number
	}
	return 0
}

// Again: a table that vanished, or was changed, and what was chosen to end a deadlock.
func (dialect) Again(err error) bool {
	number := numberOf(err)
	return slices.Contains(gone, number) || number == deadlock
}

func (dialect) TooMuch(err error) bool {
	return slices.Contains(tooMuch, numberOf(err)) || errors.Is(err, mysql.ErrPktTooLarge)
}

func (dialect) Added(err error) bool { return numberOf(err) == columnIsThere }

var quotedValue = regexp.MustCompile(`(value:?) '(?s:.*)' for `)

// Words are the server's own, with its number and without the value that it quotes.
func (dialect) Words(err error) string {
	var answer *mysql.MySQLError
	if !errors.As(err, &answer) {
		return err.Error()
	}
	return fmt.Sprintf("%s (error %d)", quotedValue.ReplaceAllString(answer.Message, "$1 for "), answer.Number)
}
