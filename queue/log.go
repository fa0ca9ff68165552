// Package queue is durability and time: one log of accepted groups, a cursor per destination, retries and dead letters.
// It knows bytes and counts, never events.
//
// It promises that what Append has answered is on disk; that every event is, for every cursor, in exactly one state at any
// moment and after any crash; that a cursor costs the others nothing; that unfinished events are never dropped; and that damage
// is reported, counted and skipped. It never opens a port.
//
// Messages are stored by package disk in files, by package nats in a cluster; package format says how they are laid out. Here the log
// is written, kept within its space and handed over between processes; package ledger knows how far each cursor has come, package
// stored reads what is kept. The log has a subject per writer, and a message of it is a group of events. How far each cursor has come
// is kept in a checkpoint per writer, not in JetStream consumers: a settled group then costs a bit of memory instead of a message, a
// group that is held for an hour costs nothing, and a checkpoint makes cursors, retries, dead letters and all counts change together.
// What could not be delivered is stored as a record of its own that counts from the next checkpoint on. What one writer wrote is its
// ledger. A ledger is delivered by the process that wrote it, which has its groups in memory; when that process is gone, by another
// (takeover.go). What the processes of a cluster share besides is in package cluster.
//
// Read Append, then in package ledger Cursor.Next and Group.Settle.
package queue

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"headgate/queue/cluster"
	"headgate/queue/ledger"
	"headgate/queue/nats"
	"headgate/queue/stored"
)

// MaxAppend is how many bytes one Append accepts. One event of a full-sized request fits.
const MaxAppend = 8 << 20

// Writer is the name that this process writes to the log under, the same after a restart.
func (l *Log) Writer() string {
	name, _ := l.ledgers.Own()
	return name
}

// Options are what Open needs.
type Options struct {
	Dir      string // the data folder; the log lives in its sub-folder queue
	Config   Config
	Logger   *slog.Logger     // nil: discards
	Now      func() time.Time // nil: time.Now
	Instance string           // who writes, the same after a restart; "" takes Config.Instance or the host's name
}

// Log is the log with its cursors. All methods may be called from anywhere.
type Log struct {
	o         Options
	clustered bool
	logger    *slog.Logger
	now       func() time.Time
	working   context.Context    // cancelled last when the log is closed
	halt      context.CancelFunc // cancels it

	lock      *folderLock
	store     store
	shared    *nats.Store // store, in a cluster
	ledgers   *ledger.Ledgers
	followers *stored.Followers
	appender  *appender

	tending    context.Context // cancelled first
	endTending context.CancelFunc
	tended     chan struct{}
	leases     *cluster.Leases      // in a cluster; used by the goroutine that opens and tends the log
	missing    map[string]time.Time // likewise: since when a ledger was seen without a lease
	nearlyFull atomic.Bool
}

func newLog(o Options) *Log {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Log{o: o, clustered: o.Config.URL != "", logger: o.Logger, now: o.Now, tended: make(chan struct{}), missing: map[string]time.Time{}}
	l.working, l.halt = context.WithCancel(context.Background())
	l.ledgers = ledger.New(l.working, l.clustered, int(o.Config.Recent), o.Logger, o.Now)
	l.tending, l.endTending = context.WithCancel(l.working)
	return l
}

func (l *Log) folder() string { return filepath.Join(l.o.Dir, "queue") }

// Cursor returns a destination's cursor, created if necessary: a new one starts here, and what was accepted before counts as
// filtered for it. There is one per name.
func (l *Log) Cursor(name string) (*Cursor, error) { return l.ledgers.Cursor(name) }

// Roster creates the cursors that do not exist and returns their list, for the entries decided by one plan.
func (l *Log) Roster(names []string) (*Roster, error) { return l.ledgers.Roster(names) }

// Forget drops a cursor for good: what is pending for it is no longer delivered, its dead letters go, and it no longer
// keeps groups from being dropped. It is for destinations that were removed from the configuration. When it returns nil, that
// is durable; after an error it may have happened, and can be repeated. In a cluster it concerns what this process delivers.
func (l *Log) Forget(ctx context.Context, name string) error { return l.ledgers.Forget(ctx, name) }

// Healthy is nil while Append is expected to work.
func (l *Log) Healthy() error { return l.ledgers.Healthy() }

// Board returns the cluster's board; nil when the log is in this process, which shares nothing.
func (l *Log) Board() *cluster.Board {
	if !l.clustered {
		return nil
	}
	return cluster.NewBoard(l.store)
}

// Peers returns the Headgates of the cluster; nil when the log is in this process.
func (l *Log) Peers() *cluster.Peers {
	if !l.clustered {
		return nil
	}
	return cluster.NewPeers(l.shared, l.leases)
}
