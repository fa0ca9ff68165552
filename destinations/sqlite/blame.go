package sqlite

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite"

	"headgate/destinations"
)

// The results of https://www.sqlite.org/rescode.html that are somebody's fault; an extended one has its kind in the lowest eight bits.
const (
	resultError    = 1 // a statement that does not fit the table
	resultPerm     = 3
	resultReadOnly = 8
	resultCorrupt  = 11
	resultCantOpen = 14
	resultTooBig   = 18
	resultRefused  = 19 // a constraint, also that of a column's type
	resultMismatch = 20
	resultAuth     = 23
	resultNotADB   = 26
)

// codeOf is the result of SQLite's, 0 of any other error.
func codeOf(err error) int {
	var said *sqlite.Error
	if errors.As(err, &said) {
		return said.Code() & 0xff
	}
	return 0
}

// Blame judges what SQLite said. What is not known is retried: a full or failing disk, a file that another process has locked.
func (dialect) Blame(err error) (destinations.Kind, time.Duration) {
	switch codeOf(err) {
	case resultError, resultPerm, resultReadOnly, resultCorrupt, resultCantOpen, resultAuth, resultNotADB:
		return destinations.Halt, 0
	case resultTooBig, resultRefused, resultMismatch:
		return destinations.Reject, 0
	}
	return blameFile(err), 0
}

// blameFile judges an error of the file's folder: no Kind for what passes.
func blameFile(err error) destinations.Kind {
	for _, wrong := range []error{fs.ErrPermission, syscall.EROFS, syscall.ENOTDIR, syscall.EISDIR} {
		if errors.Is(err, wrong) {
			return destinations.Halt
		}
	}
	return 0
}

// Words: SQLite quotes no values.
func (dialect) Words(err error) string { return err.Error() }

// RowOf: SQLite names none.
func (dialect) RowOf(error, int) int { return -1 }

// Again: a table that vanished, or was changed.
func (dialect) Again(err error) bool {
	return codeOf(err) == resultError && (strings.Contains(err.Error(), "no such table") || strings.Contains(err.Error(), "has no column named"))
}

func (dialect) TooMuch(error) bool { return false }

func (dialect) Added(err error) bool { return strings.Contains(err.Error(), "duplicate column name") }
