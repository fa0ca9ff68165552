package mysql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations"
	"headgate/destinations/tables"
)

// Numbers of errors by whose fault they are: https://mariadb.com/kb/en/mariadb-error-codes/ and
// https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html. Those of MySQL alone are unconfirmed.
var (
	// ofTheRow: null where it may not be, a number or time out of range, a text that is too long or no number, no JSON, a constraint.
	ofTheRow = []uint16{1048, 1264, 1265, 1292, 1366, 1406, 3140, 3141, 3819, 4025, 4078}
	// ofTheSettings: database, user, rights.
	ofTheSettings = []uint16{1044, 1045, 1049, 1142, 1143, 1227, 1698, 1251, 1064, 1118}
	// gone: no such column or table.
	gone = []uint16{1054, 1146}
	// tooMuch: the server's limit of a statement or of values in it.
	tooMuch = []uint16{1153, 1390}
)

const (
	columnIsThere = 1060
	deadlock      = 1213
)

// preparing is an error with a table, which is no event's fault.
type preparing struct{ err error }

func (p *preparing) Error() string { return p.err.Error() }
func (p *preparing) Unwrap() error { return p.err }

// verdictOf judges the error of a transaction. What is not known is retried: the server, the network.
func verdictOf(err error) destinations.Verdict {
	if err == nil {
		return destinations.Verdict{Kind: destinations.Delivered}
	}
	v := destinations.Verdict{Kind: destinations.Retry, Why: words(err)}
	var lacks *tables.Missing
	var forbidden *destinations.Forbidden
	var table *preparing
	number := numberOf(err)
	switch {
	case errors.As(err, &lacks), errors.As(err, &forbidden), slices.Contains(ofTheSettings, number), slices.Contains(gone, number):
		v.Kind = destinations.Halt
	case slices.Contains(ofTheRow, number):
		v.Kind = destinations.Reject
	case strings.Contains(err.Error(), "x509: "), strings.Contains(err.Error(), "tls: "), errors.Is(err, mysql.ErrNoTLS):
		v.Kind = destinations.Halt // TLS that the server does not have, a certificate that is not trusted
	}
	if errors.As(err, &table) && v.Kind == destinations.Reject {
		v.Kind = destinations.Halt
	}
	return v
}

// numberOf is that of a server's error, 0 of any other.
func numberOf(err error) uint16 {
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return answer.Number
	}
	return 0
}

func isGone(err error) bool     { return slices.Contains(gone, numberOf(err)) }
func isDeadlock(err error) bool { return numberOf(err) == deadlock }

// isTooMuch reports whether half of it may succeed.
func isTooMuch(err error) bool {
	return slices.Contains(tooMuch, numberOf(err)) || errors.Is(err, mysql.ErrPktTooLarge)
}

var quotedValue = regexp.MustCompile(`(value:?) '(?s:.*)' for `)

// words are the server's own, with its number and without the value that it quotes.
func words(err error) string {
	var answer *mysql.MySQLError
	if !errors.As(err, &answer) {
		return err.Error()
	}
	return fmt.Sprintf("%s (error %d)", quotedValue.ReplaceAllString(answer.Message, "$1 for "), answer.Number)
}
