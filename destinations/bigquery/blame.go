package bigquery

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"headgate/destinations"
	"headgate/destinations/tables"
)

// Reasons by whose fault they are, judged before the status: a quota is a 403. https://cloud.google.com/bigquery/docs/error-messages
var (
	ofTheSettings = []string{"accessDenied", "billingNotEnabled", "blocked", "billingTierLimitExceeded"}
	ofTheRequest  = []string{"invalid", "badRequest", "invalidQuery", "parseError", "required"}
	failing       = []string{"backendError", "internalError", "tableUnavailable", "jobBackendError", "jobInternalError", "rateLimitExceeded", "jobRateLimitExceeded", "stopped", "timeout"}
	tooMuch       = []string{"resourcesExceeded", "responseTooLarge"}
)

// quotaWait is how long a quota that is used up is left alone: most are of a day, some of a minute.
const quotaWait = 5 * time.Minute

// blame judges what BigQuery has answered, or with which a job ended.
func blame(err error) (destinations.Kind, time.Duration) {
	var f *failure
	switch {
	case !errors.As(err, &f):
		return 0, 0
	case slices.Contains(ofTheSettings, f.reason), isUnknownField(f), f.reason == "notFound":
		return destinations.Halt, 0
	case f.reason == "quotaExceeded":
		return destinations.Retry, max(f.after, quotaWait)
	case slices.Contains(failing, f.reason), slices.Contains(tooMuch, f.reason):
		return destinations.Retry, f.after
	case slices.Contains(ofTheRequest, f.reason):
		return destinations.Reject, 0
	}
	switch f.status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return destinations.Reject, 0
	case 0, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return destinations.Retry, f.after
	}
	if f.status >= 500 {
		return destinations.Retry, f.after
	}
	return destinations.Halt, 0 // access, a wrong address, a redirect
}

func isNotFound(err error) bool {
	var f *failure
	return errors.As(err, &f) && (f.reason == "notFound" || f.status == http.StatusNotFound)
}

// isGone reports whether a table is not as it was when it was prepared.
func isGone(err error) bool {
	var f *failure
	var lacks *tables.Missing
	return isNotFound(err) && !errors.As(err, &lacks) || errors.As(err, &f) && isUnknownField(f)
}

func isDuplicate(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.status == http.StatusConflict
}

// ofTheRows reports whether a job failed because of what it was to load.
func ofTheRows(f *failure) bool {
	return !isUnknownField(f) && (slices.Contains(ofTheRequest, f.reason) || slices.Contains(tooMuch, f.reason))
}

// isTooMuch reports whether half of it may succeed.
func isTooMuch(err error) bool {
	var f *failure
	return errors.As(err, &f) && (slices.Contains(tooMuch, f.reason) || f.status == http.StatusRequestEntityTooLarge)
}
