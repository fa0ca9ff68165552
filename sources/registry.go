package sources

import (
	"fmt"
	"strings"

	"headgate/document"
)

// registry collects the sources and finds out who has which path.
type registry struct {
	placed   []placed
	owners   map[string]string // by method and path
	mistakes document.Mistakes
}

// placed is a source and the paths that it would like to have.
type placed struct {
	of       *Declaration
	protocol Protocol
	routes   []Route
}

// path checks a configured path and returns it as requests have it.
func (r *registry) path(path string, at document.Place, prefix bool) string {
	switch {
	case prefix && path == "":
	case !strings.HasPrefix(path, "/"):
		r.mistakes.Add(at, fmt.Sprintf("the path %q does not begin with a slash", path), fmt.Sprintf("write /%s", path))
	case strings.ContainsAny(path, "?#{ "):
		r.mistakes.Add(at, fmt.Sprintf("the path %q holds more than a path", path), "leave out what follows the path")
	case strings.Trim(path, "/") == "" && !prefix:
		r.mistakes.Add(at, "the path / would take every request", "write a path such as /e")
	}
	return strings.TrimRight(path, "/")
}

// add notes a source and the paths that are its own.
func (r *registry) add(s placed, at document.Place) {
	if r.owners == nil {
		r.owners = map[string]string{}
	}
	r.placed = append(r.placed, s)
	for i := range s.routes {
		route := &s.routes[i]
		if route.Spare || route.Last {
			continue
		}
		if owner := r.owner(route); owner != "" && owner != s.of.Name {
			r.mistakes.Add(at, fmt.Sprintf("%s and %s are both on %s", owner, s.of.Name, route.Path), "give one of them another path")
			return
		}
		r.own(route, s.of.Name)
	}
}

// owner is who has the path of a route for one of its methods, "" when nobody has.
func (r *registry) owner(route *Route) string {
	for method := range strings.FieldsSeq(route.Methods) {
		if owner := r.owners[method+" "+route.Path]; owner != "" {
			return owner
		}
	}
	return ""
}

func (r *registry) own(route *Route, name string) {
	for method := range strings.FieldsSeq(route.Methods) {
		r.owners[method+" "+route.Path] = name
	}
}

// settle makes the sources, and leaves their spare paths to those that are configured to have them.
func (r *registry) settle() []Source {
	kept := make([][]Route, len(r.placed))
	for _, last := range [...]bool{false, true} {
		for i, s := range r.placed {
			for k := range s.routes {
				route := &s.routes[k]
				if owner := r.owner(route); route.Last == last && (owner == "" || owner == s.of.Name) {
					r.own(route, s.of.Name)
					kept[i] = append(kept[i], *route)
				}
			}
		}
	}
	all := make([]Source, len(r.placed))
	for i, s := range r.placed {
		all[i] = s.of.on(kept[i], s.protocol)
	}
	return all
}
