package clickhouse

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/destinations"
)

// Codes of https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp by whose fault they are. They are judged
// before the status of HTTP: older servers answer 500 for wrong data.
var (
	// deduplicated: INSERT_WAS_DEDUPLICATED.
	deduplicated = []int{389}
	// ofTheRow: a value that does not parse or does not fit its column.
	ofTheRow = []int{6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 376, 407, 441, 691}
	// gone: no such column, table or database.
	gone = []int{16, 60, 81}
	// ofTheSettings: rights, users, what a server does not know.
	ofTheSettings = []int{20, 36, 44, 47, 48, 50, 56, 62, 115, 164, 192, 193, 194, 195, 291, 455, 492, 497, 511, 516, 524, 701}
	// tooMany: parts to merge. The server needs a while.
	tooMany = []int{252}
	// tooLarge: memory limits.
	tooLarge = []int{241}
)

// busy is how long a server that has too many parts to merge is left alone.
const busy = 10 * time.Second

// blame judges what the server has answered to an insert.
func blame(err error) (destinations.Kind, time.Duration) {
	var f *failure
	switch {
	case !errors.As(err, &f):
		return 0, 0
	case slices.Contains(deduplicated, f.code):
		return destinations.Delivered, 0
	case isUnknownField(f):
		return destinations.Halt, 0
	case slices.Contains(ofTheRow, f.code):
		return destinations.Reject, 0
	case slices.Contains(gone, f.code), slices.Contains(ofTheSettings, f.code):
		return destinations.Halt, 0
	case slices.Contains(tooMany, f.code):
		return destinations.Retry, busy
	case f.code != 0:
		return destinations.Retry, 0
	}
	switch f.status { // something before the server
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return destinations.Halt, 0
	}
	if f.status/100 == 3 {
		return destinations.Halt, 0
	}
	return destinations.Retry, 0
}

// isUnknownField reports whether the table lacks a column: the server says so with the code of wrong data.
func isUnknownField(f *failure) bool {
	return f.code == 117 && strings.Contains(strings.ToLower(f.message), "unknown field")
}

// isGone reports whether a table is not as it was when it was prepared.
func isGone(err error) bool {
	var f *failure
	return errors.As(err, &f) && (slices.Contains(gone, f.code) || isUnknownField(f))
}

// isTooLarge reports whether half of it may succeed.
func isTooLarge(err error) bool {
	var f *failure
	return errors.As(err, &f) && (slices.Contains(tooLarge, f.code) || f.code == 0 && f.status == http.StatusRequestEntityTooLarge)
}

var rowInText = regexp.MustCompile(`\(at row (\d+)\)`)

// rowOf is the row, from 0, that the server names as wrong; -1 when it names none. Nothing of the insert is stored then.
func rowOf(err error, rows int) int {
	var f *failure
	if !errors.As(err, &f) {
		return -1
	}
	if m := rowInText.FindStringSubmatch(f.message); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= rows {
			return n - 1
		}
	}
	return -1
}
