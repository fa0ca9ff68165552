// Package status is what a running Headgate says of itself: the answer of /api/status.
package status

import (
	"encoding/json"
	"time"

	"headgate/proxy/counts"
	"headgate/proxy/delivery"
	"headgate/scripts"
)

// Status is the answer of /api/status. For each destination accepted = delivered + filtered + denied + rejected + pending.
type Status struct {
	Config       Config                    `json:"config"`
	Accepted     int64                     `json:"accepted"` // events that were answered with success
	Queue        Queue                     `json:"queue"`
	Consent      Consent                   `json:"consent,omitzero"`
	Suppression  Suppression               `json:"suppression"`
	Traffic      map[string]int64          `json:"traffic,omitempty"` // events since the start, by the class of what sent them
	Scripts      map[string]scripts.Status `json:"scripts,omitempty"`
	Destinations map[string]Destination    `json:"destinations"`
	Orphans      map[string]Orphan         `json:"orphans,omitempty"` // of destinations that are no longer in force
	Insight      json.RawMessage           `json:"insight,omitempty"` // an insight.Status; left out when it is off
}

// Config is the configuration in force and what was wrong with a newer one.
type Config struct {
	Hash     string    `json:"hash"`
	LoadedAt time.Time `json:"loaded_at"`
	Error    string    `json:"error"`    // of the last reload, "" when it went well
	Warnings []string  `json:"warnings"` // what check warns of in the configuration in force
}

// Queue is the log as a whole.
type Queue struct {
	Bytes   int64      `json:"bytes"`
	Oldest  *time.Time `json:"oldest"`           // of the events kept, null when there is none
	Pending int64      `json:"pending"`          // summed over the destinations
	Damage  string     `json:"damage,omitempty"` // what is missing, in words
}

// Consent is what an operator should know of the consent signals that arrive.
type Consent struct {
	UnreadCookies []counts.UnreadCookie `json:"unread_cookies,omitempty"`
}

// Suppression is the list of those who must not be tracked.
type Suppression struct {
	Subjects int    `json:"subjects"`
	Damage   string `json:"damage,omitempty"` // what was wrong with its files at the start, in words
}

// Destination accounts for every accepted event at one destination.
type Destination struct {
	State      delivery.State `json:"state"`
	Delivered  int64          `json:"delivered"`
	Redacted   int64          `json:"redacted"` // a part of delivered
	Filtered   int64          `json:"filtered"`
	Denied     int64          `json:"denied"`
	Rejected   int64          `json:"rejected"`
	Pending    int64          `json:"pending"`
	Retrying   int64          `json:"retrying"`    // a part of pending
	LagSeconds float64        `json:"lag_seconds"` // age of the oldest pending event
	LastError  string         `json:"last_error"`
	// Of a warehouse, since the configuration was loaded.
	MisfitValues int64 `json:"misfit_values,omitempty"` // of columns of a person's own, which are in _rejected
	AddedColumns int64 `json:"added_columns,omitempty"` // to tables that were there
}

// Orphan is what the log still holds for a destination that is no longer in force: it was removed from the
// configuration or switched off. Nothing delivers it, and as long as something is pending the log keeps its events.
type Orphan struct {
	Pending     int64   `json:"pending"`
	Retrying    int64   `json:"retrying"` // a part of pending
	DeadLetters int64   `json:"dead_letters"`
	LagSeconds  float64 `json:"lag_seconds"` // age of the oldest pending event
}

// Empty reports whether nothing would be lost with the orphan.
func (o Orphan) Empty() bool { return o.Pending == 0 && o.DeadLetters == 0 }
