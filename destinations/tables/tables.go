// Package tables is what drivers share whose store has tables: making, widening or checking them, delivering a batch of which some events
// are wrong, judging the errors that stores have in common, and removing a person's rows.
//
// It promises that a table which is there is only ever given columns, and that one wrong event costs the others nothing. How a store
// says all this is the driver's.
package tables

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Definition is a table as a store makes, widens and describes it.
type Definition struct {
	Name    string // as a person writes it
	Quoted  string // as a statement has it
	Columns []Column
	AnyCase bool // the store's names of columns are the same in any case

	Create string                                                  // the statement that makes it
	Widen  func(columns []string) []string                         // the statements that add columns, each of them the SQL of one
	Look   func(ctx context.Context) (columns []string, err error) // none when there is no such table
	Run    func(ctx context.Context, statement string) error
}

// Preparer prepares tables before the first insert, and again when they were found changed.
type Preparer struct {
	Schema  string // manage, check or off
	Tables  []Definition
	Widened func(table string, columns []string)
	Changed func() // called after a table was made or widened; nil: nobody wants to know

	mu       sync.Mutex
	prepared bool
}

// DDL is what makes the tables, a statement each.
func (p *Preparer) DDL() []string {
	all := make([]string, len(p.Tables))
	for i := range p.Tables {
		all[i] = p.Tables[i].Create
	}
	return all
}

// Write prepares the tables and writes. When again says of the error that the tables are not as they were, they are looked at again and
// all of it is tried once more.
func (p *Preparer) Write(ctx context.Context, again func(error) bool, write func() error) error {
	err := p.write(ctx, write)
	if err != nil && again(err) {
		p.Forget()
		err = p.write(ctx, write)
	}
	return err
}

func (p *Preparer) write(ctx context.Context, write func() error) error {
	if err := p.Prepare(ctx); err != nil {
		return err
	}
	return write()
}

// Prepare makes the tables that are not there and adds the columns that they lack, or, with the schema check, fails with a *Missing. It
// changes nothing, and so needs no right to, when all is there. Its errors are *Unprepared.
func (p *Preparer) Prepare(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.prepared || p.Schema == "off" {
		return nil
	}
	for i := range p.Tables {
		if err := p.prepare(ctx, &p.Tables[i]); err != nil {
			return &Unprepared{err}
		}
	}
	p.prepared = true
	return nil
}

func (p *Preparer) prepare(ctx context.Context, d *Definition) error {
	there, err := d.Look(ctx)
	if err != nil {
		return err
	}
	if len(there) == 0 {
		if p.Schema == "check" {
			return &Missing{Table: d.Name}
		}
		return p.run(ctx, d, d.Create)
	}
	var names, columns []string // that it lacks
	for _, c := range d.Columns {
		if !slices.ContainsFunc(there, func(t string) bool { return t == c.Name || d.AnyCase && strings.EqualFold(t, c.Name) }) {
			names, columns = append(names, c.Name), append(columns, c.SQL)
		}
	}
	switch {
	case len(names) == 0:
		return nil
	case p.Schema == "check":
		return &Missing{Table: d.Name, Columns: names}
	}
	if err := p.run(ctx, d, d.Widen(columns)...); err != nil {
		return err
	}
	p.Widened(d.Name, names)
	return nil
}

// run runs statements that change a table.
func (p *Preparer) run(ctx context.Context, d *Definition, statements ...string) error {
	for _, s := range statements {
		if err := d.Run(ctx, s); err != nil {
			return err
		}
	}
	if p.Changed != nil {
		p.Changed()
	}
	return nil
}

// Forget makes the next Prepare look at the tables again.
func (p *Preparer) Forget() {
	p.mu.Lock()
	p.prepared = false
	p.mu.Unlock()
}
