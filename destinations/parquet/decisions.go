package parquet

import (
	"path/filepath"
	"time"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations"
)

// newDecisions returns the archive of decisions that is in a folder next to the events' own. A file holds a row for each
// event and destination.
func newDecisions(s Settings) *Archive[*destinations.DecisionRow] {
	s.To = filepath.Join(s.To, "decisions")
	s.Batch = 0 // how many decisions an event has is not known
	var root record
	for _, c := range destinations.DecisionColumns {
		root.add(c.Name, leaf(c.Ref(&destinations.DecisionRow{}), c.Name != "event_id"))
	}
	return newArchive(s, table[*destinations.DecisionRow]{
		schema:   parquet.NewSchema("decision", root),
		add:      (*rows).addDecision,
		received: func(d *destinations.DecisionRow) time.Time { return d.Received },
	})
}

func (r *rows) addDecision(d *destinations.DecisionRow) {
	n := r.next()
	row := r.list[n]
	for at, c := range destinations.DecisionColumns {
		v := r.value(c.Ref(d))
		row = append(row, v.Level(0, defined(v, c.Ref(d)), at))
	}
	r.list[n] = row
}
