package databricks

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"headgate/destinations"
)

// passing are the codes of what passes: a warehouse that starts, limits, the service itself.
var passing = []string{"TEMPORARILY_UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "REQUEST_LIMIT_EXCEEDED", "INTERNAL_ERROR", "IO_ERROR", "SERVICE_UNDER_MAINTENANCE",
	"WORKSPACE_TEMPORARILY_UNAVAILABLE", "ABORTED", "CANCELLED", "CANCELED", "CLOSED", "UNKNOWN"}

// blame judges what Databricks has answered. A file is loaded as a whole, and its columns have types: what the table does not take is no
// event's fault.
func blame(err error) (destinations.Kind, time.Duration) {
	var f *failure
	switch {
	case !errors.As(err, &f):
		return 0, 0
	case slices.Contains(passing, f.code), f.status == http.StatusRequestTimeout, f.status == http.StatusConflict, f.status == http.StatusTooManyRequests, f.status >= 500:
		return destinations.Retry, f.after
	case strings.Contains(f.message, "CONCURRENT_"): // DELTA_CONCURRENT_APPEND and its like
		return destinations.Retry, f.after
	}
	return destinations.Halt, 0 // rights, names, types, a warehouse that is not there, a redirect
}

// isGone reports whether a table is not as it was when it was prepared.
func isGone(err error) bool {
	var f *failure
	if !errors.As(err, &f) {
		return false
	}
	return strings.Contains(f.message, "TABLE_OR_VIEW_NOT_FOUND") || strings.Contains(f.message, "COPY_INTO_SCHEMA_MISMATCH") || strings.Contains(f.message, "DELTA_METADATA_MISMATCH")
}
