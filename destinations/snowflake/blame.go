package snowflake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/rest"
	"headgate/destinations/tables"
)

// failure is an error that Snowflake has answered with.
type failure struct {
	status  int
	code    string
	state   string // SQLSTATE, of statements
	message string
	after   time.Duration
}

func (f *failure) Error() string {
	switch {
	case f.code == "":
		return fmt.Sprintf("HTTP %d: %s", f.status, f.message)
	case f.state != "":
		return fmt.Sprintf("%s (%s, SQLSTATE %s)", f.message, f.code, f.state)
	}
	return fmt.Sprintf("%s (%s)", f.message, f.code)
}

func failureOf(answer *rest.Answer) *failure {
	var said struct {
		Code    string `json:"code"`
		State   string `json:"sqlState"`
		Message string `json:"message"`
	}
	f := &failure{status: answer.Status, after: answer.After}
	if err := json.Unmarshal(answer.Body, &said); err != nil || said.Code == "" {
		f.message = rest.Words(string(answer.Body)) // something before Snowflake has answered
		return f
	}
	f.code, f.state, f.message = said.Code, said.State, rest.Words(said.Message)
	if answer.Status == http.StatusUnauthorized {
		f.message += "; is the public key the user's, the account written without its region, and this machine's clock right?"
	}
	return f
}

// blame judges what Snowflake has answered, or did, to rows that were sent together.
func blame(err error, rows int) (destinations.Kind, time.Duration) {
	var f *failure
	var lost *dropped
	switch {
	case errors.As(err, &lost):
		return destinations.Reject, 0
	case !errors.As(err, &f):
		return 0, 0
	case mustReopen(f), f.state == "57014": // cancelled
		return destinations.Retry, f.after
	case f.status == http.StatusRequestEntityTooLarge && rows == 1:
		return destinations.Reject, 0
	}
	switch f.status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusTooEarly, http.StatusTooManyRequests:
		return destinations.Retry, f.after
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return destinations.Reject, 0
	}
	if f.status >= 500 {
		return destinations.Retry, f.after
	}
	return destinations.Halt, 0 // access, a network policy, a wrong address, a redirect
}

// reopening are what the codes of a channel have in them that has to be opened again.
var reopening = []string{"STALE_CONTINUATION_TOKEN_SEQUENCER", "INVALID_ROW_SEQUENCER", "INVALID_CLIENT_SEQUENCER", "MUST_BE_REOPENED", "STALE_PIPE_CACHE", "CHANNEL_NOT_FOUND"}

func mustReopen(err error) bool {
	var f *failure
	if !errors.As(err, &f) {
		return false
	}
	for _, code := range reopening {
		if strings.Contains(f.code, code) || strings.Contains(f.message, code) {
			return true
		}
	}
	return false
}

// isMissing reports whether a statement's table is not there, or the role may not see it.
func isMissing(err error) bool {
	var f *failure
	return errors.As(err, &f) && (f.code == "002003" || f.state == "42S02")
}

// isGone reports whether the table or its pipe is not there any more, as far as rows are concerned.
func isGone(err error) bool {
	var f *failure
	var table *tables.Unprepared
	return errors.As(err, &f) && !errors.As(err, &table) && f.status == http.StatusNotFound && !mustReopen(f)
}

// isTooMuch reports whether half of it may succeed.
func isTooMuch(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.status == http.StatusRequestEntityTooLarge
}
