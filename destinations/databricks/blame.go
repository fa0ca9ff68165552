package databricks

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/rest"
	"headgate/destinations/tables"
)

// passing are the codes of what passes: a warehouse that starts, limits, the service itself.
var passing = []string{"TEMPORARILY_UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "REQUEST_LIMIT_EXCEEDED", "INTERNAL_ERROR", "IO_ERROR", "SERVICE_UNDER_MAINTENANCE",
	"WORKSPACE_TEMPORARILY_UNAVAILABLE", "ABORTED", "CANCELLED", "CANCELED", "CLOSED", "UNKNOWN"}

// verdictOf judges the error of a load. A file is loaded as a whole, and its columns have types: what the table does not take is no
// event's fault.
func verdictOf(err error) destinations.Verdict {
	if err == nil {
		return destinations.Verdict{Kind: destinations.Delivered}
	}
	v := destinations.Verdict{Why: err.Error()}
	var f *failure
	var lacks *tables.Missing
	switch {
	case errors.As(err, &lacks):
		v.Kind = destinations.Halt
	case errors.As(err, &f):
		v.Kind, v.After = blame(f)
	default:
		v.Kind = rest.Blame(err)
	}
	return v
}

func blame(f *failure) (destinations.Kind, time.Duration) {
	switch {
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
