// Package relational is what drivers share that keep rows in a database behind database/sql: MySQL, SQLite.
//
// It promises that an event is delivered only when its transaction was committed, and that one which is written twice is there once, by
// its id. It makes the table and widens it where `schema: manage` lets it, and never changes or removes a column or a row that is there,
// but for a person's rows when Erase is asked to. What a database says in its own way is its Dialect.
package relational

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct {
	db        *sql.DB
	dialect   Dialect
	timeout   time.Duration // of one delivery
	preparer  tables.Preparer
	events    *table[destinations.Sending]
	decisions *table[rows.Decision] // nil when they are not wanted
}

// NewDriver writes to a table. Nothing is connected to yet.
func NewDriver(db *sql.DB, dialect Dialect, limits Limits, timeout time.Duration, o destinations.DriverOptions) *Driver {
	name := o.Settings.Text("table")
	d := &Driver{db: db, dialect: dialect, timeout: timeout, preparer: tables.Preparer{Schema: o.Settings.Text("schema"), Widened: o.Widened}}
	d.events = &table[destinations.Sending]{dialect: dialect, limits: limits, name: name, columns: rows.Events(o.Columns), key: []string{rows.Key}}
	d.preparer.Tables = []tables.Definition{d.events.definition(db)}
	if wanted, _ := o.Settings.Value("decisions").Bool(); wanted {
		d.decisions = &table[rows.Decision]{dialect: dialect, limits: limits, name: name + "_decisions", columns: rows.Decisions(), key: []string{"event_id", "destination"}}
		d.preparer.Tables = append(d.preparer.Tables, d.decisions.definition(db))
	}
	return d
}

// Tables are the names of the tables, as a person writes them; decisions is "" where they are not kept.
func (d *Driver) Tables() (events, decisions string) {
	if d.decisions != nil {
		decisions = d.decisions.name
	}
	return d.events.name, decisions
}

// Deliver writes the events in one transaction. One that the database cannot take is a dead letter, and the others are written without it.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	return tables.Deliver(ctx, batch, d.write)
}

// write commits the events, or none of them.
func (d *Driver) write(ctx context.Context, batch []destinations.Sending) tables.Result {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	wrong := -1
	err := d.preparer.Write(ctx, d.dialect.Again, func() (err error) {
		wrong, err = d.insert(ctx, batch)
		return err
	})
	v := tables.Judge(err, d.dialect.Blame)
	if err != nil {
		v.Why = d.dialect.Words(err)
	}
	if v.Kind == destinations.Reject && wrong >= 0 {
		return tables.Result{Wrong: map[int]destinations.Verdict{wrong: v}}
	}
	return tables.Result{Verdict: v, Split: d.dialect.TooMuch(err)}
}

// insert is one transaction. wrong is the event that the database named, -1 when it named none.
func (d *Driver) insert(ctx context.Context, batch []destinations.Sending) (wrong int, err error) {
	events, decided := tables.Rows(batch, d.decisions != nil)
	err = d.transact(ctx, func(tx *sql.Tx) (err error) {
		if wrong, err = d.events.insert(ctx, tx, events); err != nil || len(decided) == 0 {
			return err
		}
		wrong = -1
		if _, err = d.decisions.insert(ctx, tx, decided); err != nil {
			return &tables.Unprepared{Err: err} // what was decided is no event's fault
		}
		return nil
	})
	return wrong, err
}

// transact does something in a transaction.
func (d *Driver) transact(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit there is nothing to roll back
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Erase removes the rows of someone. The user needs the right DELETE, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	args := make([]any, len(p.Values))
	for i, v := range p.Values {
		args[i] = v
	}
	if err := d.preparer.Prepare(ctx); err != nil {
		return out, err
	}
	err = d.transact(ctx, func(tx *sql.Tx) (err error) {
		out, err = d.preparer.Remove(tables.Theirs(p, d.dialect.Quote, "LOWER")+" IN "+tables.Marks(len(args)), func(statement string) (int64, error) {
			removed, err := tx.ExecContext(ctx, statement, args...)
			if err != nil {
				return 0, errors.New(d.dialect.Words(err))
			}
			return removed.RowsAffected()
		})
		return err
	})
	if err != nil {
		out = destinations.Erased{}
	}
	return out, err
}

// DDL is what makes the tables.
func (d *Driver) DDL() []string { return d.preparer.DDL() }

// Close closes the connections.
func (d *Driver) Close(context.Context) error { return d.db.Close() }
