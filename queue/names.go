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
	// Cursor is one destination's place in the log.
	Cursor = ledger.Cursor
	// Group is some events that are due for one cursor.
	Group = ledger.Group
	// Item is one of them.
	Item = ledger.Item
	// Left is an item that was not delivered.
	Left = ledger.Left
	// Outcome is what became of it instead.
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
	// Stored is one event in the log.
	Stored = stored.Event
	// StoredGroup is a group as the log keeps it.
	StoredGroup = stored.Group
	// Follower reads the groups of all writers as they come.
	Follower = stored.Follower
	// Standing is how far a stored event has come at one destination.
	Standing = ledger.Standing
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
	// CursorStatus is the account of one cursor.
	CursorStatus = ledger.CursorAccount
	// WriterStatus is what one writer has accepted, and what is still to be done of that.
	WriterStatus = ledger.WriterAccounts
	// Damage is something missing in the log.
	Damage = ledger.Damage
	// Verified is what Verify found.
	Verified = ledger.Verified
)

// What the processes of a cluster share.
type (
	// Board is what all Headgates of a cluster must know.
	Board = cluster.Board
	// Peers are the Headgates of a cluster.
	Peers = cluster.Peers
)
