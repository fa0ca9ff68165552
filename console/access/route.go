package access

import (
	"context"
	"net/http"
	"strings"
)

// Route is what is asked for at one address of the admin side: which right it needs, and how it is noted. A request that no
// route declares needs Administer.
type Route struct {
	Pattern string // of http.ServeMux
	Needs   Right
	Action  string   // what the audit list calls it; "" for what is not noted
	Typing  bool     // it is asked again while somebody types: noted once in a while, and only if it is about something
	Asks    []string // parameters that can find out about single visitors: whoever uses them needs Persons
	Shows   []string // what those without Persons get of the answer, by path; nil shows all, for answers that are about nobody
}

// note is the line of the audit list that a request will have.
type note struct {
	line  Line
	needs bool // whether it is written
}

// About notes what a request is about. It must hold no contact data.
func About(ctx context.Context, text string) { noted(ctx, func(l *Line) { l.About = text }) }

// AboutNobody says that a request is about no visitor after all, and is not noted.
func AboutNobody(ctx context.Context) {
	if n, ok := ctx.Value(noteKey).(*note); ok {
		n.needs = false
	}
}

// Why notes the reason that was given for a request.
func Why(ctx context.Context, text string) { noted(ctx, func(l *Line) { l.Why = text }) }

// Detail notes something more about a request.
func Detail(ctx context.Context, name string, value any) {
	noted(ctx, func(l *Line) {
		if l.Detail == nil {
			l.Detail = map[string]any{}
		}
		l.Detail[name] = value
	})
}

func noted(ctx context.Context, change func(*Line)) {
	if n, ok := ctx.Value(noteKey).(*note); ok {
		change(&n.line)
	}
}

// Behind is a handler that only those get to who may, whose answer shows viewers what the route says, and whose requests are
// noted before they are answered.
func (g *Gate) Behind(route Route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := Of(r.Context())
		if p == nil {
			Refuse(w, g.Unknown())
			return
		}
		if route.Action != "" {
			n := &note{Line{Action: route.Action, Who: p.Name, Roles: p.Roles, From: g.from(r), About: aboutPath(r)}, true}
			r = r.WithContext(context.WithValue(r.Context(), noteKey, n))
			writing := &noting{ResponseWriter: w, gate: g, note: n, typing: route.Typing}
			defer writing.end()
			w = writing
		}
		if missing := route.missing(p, r); missing != 0 {
			Refuse(w, p.lacks(missing))
			return
		}
		if route.Shows != nil && !p.Rights.Has(Persons) {
			part := newPart(w, route.Shows)
			next.ServeHTTP(part, r)
			part.end()
			return
		}
		next.ServeHTTP(w, r)
	})
}

// aboutPath is what the path of a request names.
func aboutPath(r *http.Request) string {
	var named []string
	for _, name := range []string{"destination", "name", "id"} {
		if value := r.PathValue(name); value != "" {
			named = append(named, value)
		}
	}
	return strings.Join(named, "/")
}

// missing is a right that a person lacks for a request, 0 for none.
func (route *Route) missing(p *Person, r *http.Request) Right {
	if !p.Rights.Has(route.Needs) {
		return route.Needs &^ p.Rights
	}
	if !p.Rights.Has(Persons) {
		for _, name := range route.Asks {
			if r.URL.Query().Get(name) != "" {
				return Persons
			}
		}
	}
	return 0
}

// noting writes the line of a request before the first byte of its answer. Where it cannot be written, nothing is shown.
type noting struct {
	http.ResponseWriter
	gate   *Gate
	note   *note
	typing bool
	begun  bool
	failed bool
}

// WriteHeader notes the request and begins its answer.
func (w *noting) WriteHeader(status int) {
	if w.begun {
		return
	}
	w.begun = true
	w.note.line.Status = status
	if !w.note.needs || w.typing && !w.gate.looks.isNews(&w.note.line, w.gate.now()) {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if err := w.gate.trail.Add(&w.note.line); err != nil {
		w.failed = true
		w.Header().Del("Content-Length")
		Refuse(w.ResponseWriter, w.gate.unnoted(err))
		return
	}
	if w.typing {
		w.gate.looks.noted(&w.note.line, w.gate.now())
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *noting) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.failed {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController flush.
func (w *noting) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end notes a request whose answer is empty.
func (w *noting) end() { w.WriteHeader(http.StatusOK) }
