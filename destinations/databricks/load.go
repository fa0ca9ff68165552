package databricks

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"headgate/destinations"
	"headgate/destinations/files"
	"headgate/destinations/rows"
)

// perFile is how many events of a batch share a file, which is made in memory.
const perFile = 20_000

// load has a batch loaded.
func (d *Driver) load(ctx context.Context, events destinations.Events) error {
	name, err := d.batchName(events)
	if err != nil {
		return err
	}
	err = load(ctx, &d.events, d.folder+"/events", name, events, func(s *destinations.Sending) []*destinations.Sending { return []*destinations.Sending{s} })
	if err == nil && d.decisions != nil {
		err = load(ctx, d.decisions, d.folder+"/decisions", name, events, rows.DecisionsOf)
	}
	return err
}

// batchName is how the names of a batch's files begin: the time of receipt of its first event, so that names sort by time, and the batch's
// own name.
func (d *Driver) batchName(events destinations.Events) (string, error) {
	var namer destinations.BatchNamer
	first := d.now()
	empty := true
	err := events(func(_ int, s *destinations.Sending) bool {
		if empty && !s.Event.Received.IsZero() {
			first = s.Event.Received
		}
		empty = false
		namer.Add(&s.Place)
		return true
	})
	name := namer.Name()
	if name == "" {
		name = strings.ToLower(rand.Text())
	}
	return first.UTC().Format("20060102T150405Z") + "-" + name, err
}

// load puts rows into files, has all of them loaded at once and removes them. Where a file that was loaded is not removed, all of it is done
// again, which loads nothing more.
func load[T any](ctx context.Context, t *table[T], folder, name string, events destinations.Events, rowsOf func(*destinations.Sending) []*T) error {
	u := &upload[T]{ctx: ctx, table: t, folder: folder, name: name}
	var failed error
	err := events(func(i int, s *destinations.Sending) bool {
		for _, row := range rowsOf(s) {
			if failed = u.add(i/perFile, row); failed != nil {
				return false
			}
		}
		return true
	})
	if err = errors.Join(err, failed); err == nil {
		err = u.complete()
	}
	if err != nil || len(u.stored) == 0 {
		return err
	}
	if _, err := t.workspace.run(ctx, "COPY INTO "+t.name+" FROM '"+folder+"' FILEFORMAT = PARQUET FILES = ('"+strings.Join(u.stored, "', '")+"')"); err != nil {
		return err
	}
	for _, file := range u.stored {
		if err := t.workspace.remove(ctx, folder+"/"+file); err != nil {
			return err
		}
	}
	return nil
}

// upload puts the rows of a batch into files, one after the other.
type upload[T any] struct {
	ctx          context.Context
	table        *table[T]
	folder, name string

	body   bytes.Buffer // of the file that is being made
	writer files.Writer[T]
	number int  // of that file
	list   []*T // rows of it that are not in body yet
	stored []string
}

// chunk is how many rows are written at once.
const chunk = 256

func (u *upload[T]) add(number int, row *T) error {
	if number != u.number {
		if err := u.complete(); err != nil {
			return err
		}
		u.number = number
	}
	if u.list = append(u.list, row); len(u.list) < chunk {
		return nil
	}
	return u.flush()
}

func (u *upload[T]) flush() error {
	if u.writer == nil {
		u.writer = u.table.begin(&u.body)
	}
	err := u.writer.Write(u.list)
	clear(u.list)
	u.list = u.list[:0]
	return made(err)
}

// complete stores the file, if it has rows.
func (u *upload[T]) complete() error {
	if len(u.list) > 0 {
		if err := u.flush(); err != nil {
			return err
		}
	}
	if u.writer == nil {
		return nil
	}
	if err := u.writer.Close(); err != nil {
		return made(err)
	}
	file := u.name
	if u.number > 0 {
		file += fmt.Sprintf("-%d", u.number)
	}
	file += ".parquet"
	if err := u.table.workspace.put(u.ctx, u.folder+"/"+file, u.body.Bytes()); err != nil {
		return err
	}
	u.stored = append(u.stored, file)
	u.body.Reset()
	u.writer = nil
	return nil
}

func made(err error) error {
	if err != nil {
		return fmt.Errorf("make a Parquet file: %w", err)
	}
	return nil
}
