package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"headgate/destinations"
	"headgate/event"
)

// months are the partitions of a table of events: one for each month of the events' time in UTC, made as they are needed, and one
// for all that is too far from now, so that a visitor's wrong clock makes no tables.
type months struct {
	mu    sync.Mutex
	known map[string]bool // names of partitions that are there
}

// monthColumn is the column that the table is partitioned by: the event's own time, which is the same when it is sent again.
const monthColumn = "time"

// How far from now a month may be to get a partition of its own.
const (
	longAgo  = 400 * 24 * time.Hour
	farAhead = 32 * 24 * time.Hour
)

// timeOf is what stands in monthColumn: it must not be null.
func timeOf(e *event.Event) *time.Time {
	if e.Time.IsZero() {
		return &e.Received
	}
	return &e.Time
}

// ensure makes the partitions that events need and that are not known to be there, each in a transaction of its own.
func (m *months) ensure(ctx context.Context, conn *pgx.Conn, table pgx.Identifier, events []*destinations.Sending, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range events {
		name, from, to := monthOf(*timeOf(s.Event), now)
		if m.known[name] {
			continue
		}
		if err := makePartition(ctx, conn, table, name, from, to); err != nil {
			return fmt.Errorf("make the partition %s: %w", name, err)
		}
		m.known[name] = true
	}
	return nil
}

func (m *months) forget() {
	m.mu.Lock()
	clear(m.known)
	m.mu.Unlock()
}

// monthOf is the end of a partition's name, and its bounds, which are empty for the one that takes the rest.
func monthOf(t, now time.Time) (name, from, to string) {
	if t = t.UTC(); t.Before(now.Add(-longAgo)) || t.After(now.Add(farAhead)) {
		return "other", "", ""
	}
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	return first.Format("2006_01"), first.Format(time.RFC3339), first.AddDate(0, 1, 0).Format(time.RFC3339)
}

// Errors of PostgreSQL that say that rows of a month are in the partition for the rest already, where they stay, or that another
// Headgate was faster.
const (
	inTheRest     = "23514" // check_violation
	alreadyExists = "42P07" // duplicate_table
	sameBounds    = "42P17" // invalid_object_definition: it would overlap another partition
)

func makePartition(ctx context.Context, conn *pgx.Conn, table pgx.Identifier, name, from, to string) error {
	partition := append(pgx.Identifier(nil), table...)
	partition[len(partition)-1] += "_" + name
	bounds := "DEFAULT"
	if from != "" {
		bounds = fmt.Sprintf("FOR VALUES FROM ('%s') TO ('%s')", from, to)
	}
	_, err := conn.Exec(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF %s %s", partition.Sanitize(), table.Sanitize(), bounds))
	var answer *pgconn.PgError
	if errors.As(err, &answer) && (answer.Code == inTheRest || answer.Code == alreadyExists || answer.Code == sameBounds) {
		return nil
	}
	return err
}
