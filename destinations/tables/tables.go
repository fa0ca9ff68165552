// Package tables is what drivers share whose store has tables: making, widening or checking them once, and delivering a batch of which
// some events are wrong.
//
// It promises that a table which is there is only ever given columns, and that one wrong event costs the others nothing. How a store
// says all this is the driver's.
package tables

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"headgate/destinations/rows"
)

// Definition is a table as a store makes, widens and describes it.
type Definition struct {
	Name    string   // as a person writes it
	Columns []string // ours, in their order
	AnyCase bool     // the store's names of columns are the same in any case

	Look   func(ctx context.Context) (columns []string, err error) // none when there is no such table
	Create func(ctx context.Context) error
	Widen  func(ctx context.Context, columns []int) error // adds those of Columns, by index
}

// Names are the names of columns.
func Names[T any](columns []rows.Column[T]) []string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return names
}

// Preparer prepares tables before the first insert, and again when they were found changed.
type Preparer struct {
	Schema  string // manage, check or off
	Widened func(table string, columns []string)

	mu       sync.Mutex
	prepared bool
}

// Prepare makes the tables that are not there and adds the columns that they lack, or, with the schema check, fails with a *Missing. It
// changes nothing, and so needs no right to, when all is there. changed reports that it changed something.
func (p *Preparer) Prepare(ctx context.Context, list ...Definition) (changed bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.prepared || p.Schema == "off" {
		return false, nil
	}
	for i := range list {
		one, err := p.prepare(ctx, &list[i])
		changed = changed || one
		if err != nil {
			return changed, err
		}
	}
	p.prepared = true
	return changed, nil
}

func (p *Preparer) prepare(ctx context.Context, d *Definition) (changed bool, err error) {
	there, err := d.Look(ctx)
	if err != nil {
		return false, err
	}
	if len(there) == 0 {
		if p.Schema == "check" {
			return false, &Missing{Table: d.Name}
		}
		return true, d.Create(ctx)
	}
	var lacking []int
	var names []string
	for i, name := range d.Columns {
		if !slices.ContainsFunc(there, func(t string) bool { return t == name || d.AnyCase && strings.EqualFold(t, name) }) {
			lacking, names = append(lacking, i), append(names, name)
		}
	}
	switch {
	case len(lacking) == 0:
		return false, nil
	case p.Schema == "check":
		return false, &Missing{Table: d.Name, Columns: names}
	}
	if err := d.Widen(ctx, lacking); err != nil {
		return false, err
	}
	p.Widened(d.Name, names)
	return true, nil
}

// Forget makes the next Prepare look at the tables again.
func (p *Preparer) Forget() {
	p.mu.Lock()
	p.prepared = false
	p.mu.Unlock()
}

// Missing is a table that is not there or lacks columns, and may not be changed.
type Missing struct {
	Table   string
	Columns []string // none: it is not there
}

func (m *Missing) Error() string {
	what := "there is no table " + m.Table + "; make it"
	if len(m.Columns) > 0 {
		what = fmt.Sprintf("the table %s lacks %d columns, the first is %s; add them", m.Table, len(m.Columns), m.Columns[0])
	}
	return what + " with what `headgate warehouse ddl` prints, or write schema: manage"
}
