package console

import (
	"headgate/console/access"
	"headgate/console/editing"
	"headgate/console/trial"
)

// Routes lists the API's routes.
func Routes() (all []access.Route) {
	a := &api{service: nothing{}, editing: editing.New(nothing{}, nil), trial: trial.New(nothing{}, nil)}
	for _, r := range a.routes() {
		all = append(all, r.Route)
	}
	return all
}

// nothing is a Service that is never asked.
type nothing struct{ Service }
