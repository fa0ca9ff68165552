package queue

import (
	"headgate/queue/cluster"
	"headgate/queue/format"
	"headgate/queue/ledger"
	"headgate/queue/stored"
	"headgate/queue/stream"
)

// Everything that callers of this package handle has its name here, wherever below it is made.

// What callers test for.
var (
	ErrFull     = stream.ErrFull     // nothing was written; 503 and Retry-After
	ErrTooLarge = stream.ErrTooLarge // nothing was written; it never will be
	ErrClosed   = stream.ErrClosed   // nothing was written; also ends Next

	ErrBoardLost    = cluster.ErrBoardLost
	ErrNoGroup      = stored.ErrNoGroup
	ErrNoDeadLetter = ledger.ErrNoDeadLetter
)

// State is what was decided about one event for one cursor when it was accepted.
type State = format.State

// The states.
const (
	Due         = format.Due
	DueRedacted = format.DueRedacted
	Filtered    = format.Filtered
	Denied      = format.Denied
)

// Roster is an immutable list of cursors: the destinations of one plan, in its order.
type Roster = format.Roster

// What is delivered.
type (
	Cursor  = ledger.Cursor // one destination's place in the log
	Group   = ledger.Group  // some events that are due for one cursor
	Item    = ledger.Item   // one of them
	Left    = ledger.Left   // an item that was not delivered
	Outcome = ledger.Outcome
)

// The outcomes.
const (
	Retry     = ledger.Retry
	Reject    = ledger.Reject
	Filter    = ledger.Filter
	Deny      = ledger.Deny
	Duplicate = ledger.Duplicate
)

// SettleTogether finishes groups of which every event was delivered, at one moment.
func SettleTogether(groups []*Group) { ledger.SettleTogether(groups) }

// DeadLetter is an event that was rejected: the destination will never accept it, or its retries ran out.
type DeadLetter = ledger.DeadLetter

// What is stored.
type (
	Stored      = stored.Event    // one event in the log
	StoredGroup = stored.Group    // a group as the log keeps it
	Follower    = stored.Follower // reads the groups of all writers as they come
	Standing    = ledger.Standing // how far a stored event has come at one destination
)

// The standings.
const (
	Delivered          = ledger.Delivered
	DeliveredOrDropped = ledger.DeliveredOrDropped
	Waiting            = ledger.Waiting
	Rejected           = ledger.Rejected
	LeftOut            = ledger.LeftOut
	LateFiltered       = ledger.LateFiltered
	LateDenied         = ledger.LateDenied
	LateDuplicate      = ledger.LateDuplicate
	Elsewhere          = ledger.Elsewhere
)

// How things stand.
type (
	CursorStatus = ledger.CursorAccount  // the account of one cursor
	WriterStatus = ledger.WriterAccounts // what one writer has accepted, and what is still to be done of that
	Damage       = ledger.Damage         // something missing in the log
	Verified     = ledger.Verified       // what Verify found
)

// What the processes of a cluster share.
type (
	Board = cluster.Board // what all Headgates of a cluster must know
	Peers = cluster.Peers // the Headgates of a cluster
)
