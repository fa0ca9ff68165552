package console

import "headgate/console/access"

// Routes lists the API's routes.
func Routes() (all []access.Route) {
	a := &api{service: nothing{}}
	for _, r := range a.routes() {
		all = append(all, r.Route)
	}
	return all
}

// nothing is a Service that is never asked.
type nothing struct{ Service }
