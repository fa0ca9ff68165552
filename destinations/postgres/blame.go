package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"headgate/destinations"
)

// blame is whose fault an error is: the server's (Retry), the event's (Reject) or our settings' (Halt). With Reject an
// event of those that were written together is wrong, not known which.
func blame(err error) (destinations.Kind, time.Duration) {
	var answer *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case isGone(err): // a table of somebody else's, without a place for the row
		return destinations.Halt, 0
	case errors.As(err, &answer):
		return blameState(answer.Code), 0
	case errors.As(err, &connecting) && !isNetwork(err):
		// No answer, but not because of the network: TLS that the server does not have, a certificate that is not trusted, an
		// address that egress: does not allow.
		return destinations.Halt, 0
	}
	return destinations.Retry, 0
}

// blameState judges an SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
func blameState(code string) destinations.Kind {
	switch code {
	case "25006": // read only: a standby that was not promoted yet
		return destinations.Retry
	case "55000": // object not in prerequisite state: the table's extension or partition is being changed
		return destinations.Retry
	}
	switch code[:min(2, len(code))] {
	case "22", // data exception: \u0000 in a text, a number too large for its column
		"23", // a constraint that a person put on the table
		"44", // a view's WITH CHECK OPTION
		"54": // a limit of PostgreSQL: an id too long for the index
		return destinations.Reject
	case "0A", // feature not supported: something that stands in for PostgreSQL
		"0L", "0P", // a grant or role that is not valid
		"28", // password, pg_hba.conf
		"3D", // no such database
		"3F", // no such schema
		"42": // no right to, no such table or column, a column of another type
		return destinations.Halt
	}
	return destinations.Retry
}

// isNetwork reports whether an error is what happens to connections: refused, lost, too slow, name not found.
func isNetwork(err error) bool {
	var system *os.SyscallError
	var name *net.DNSError
	var slow net.Error
	return errors.As(err, &system) || errors.As(err, &name) || errors.As(err, &slow) && slow.Timeout() ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// words are the server's own, with its code. Its DETAIL is left out: it quotes values.
func words(err error) string {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return err.Error()
	}
	what := ""
	switch {
	case answer.ColumnName != "":
		what = ", column " + answer.ColumnName
	case answer.ConstraintName != "":
		what = ", constraint " + answer.ConstraintName
	}
	return fmt.Sprintf("%s (SQLSTATE %s%s)", answer.Message, answer.Code, what)
}

// isGone reports whether the table, a partition or one of its columns vanished since it was prepared.
func isGone(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && (answer.Code == "42P01" || answer.Code == "42703" || answer.Code == "23514" && strings.Contains(answer.Message, "no partition"))
}
