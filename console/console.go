// Package console is the admin side of a running Headgate: the HTTP API that commands, dashboards and the built-in page
// use. It promises that nothing personal or secret is shown without the token, that a foreign
// web page cannot reach it through the visitor's browser, and that every answer but the page, the metrics, the live view
// and the configuration's own text is JSON. It never decides anything about events: all it knows it asks of a Service.
package console

import (
	"embed"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/document"
)

// Options are who may ask, and what else is measured.
type Options struct {
	Listen     string   // address and port the handler is served at
	Token      string   // required from everyone; while it is empty, nothing but health and the empty page is answered
	Hosts      []string // names it is called by, besides its address and localhost
	Collectors []prometheus.Collector
	Secrets    *document.Secrets // hidden in every answer of the API but the text of the configuration; nil: none
	Now        func() time.Time  // nil: time.Now
}

// api answers what is asked of a Service.
type api struct {
	service Service
	rights  Rights
	now     func() time.Time
}

//go:embed page
var pageFiles embed.FS

// Handler is the admin side of a Service.
func Handler(service Service, rights Rights, o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &api{service: service, rights: rights, now: o.Now}
	mux := http.NewServeMux()

	mux.HandleFunc("GET /healthz", a.healthy)
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", metrics(service, o.Collectors))

	mux.HandleFunc("GET /api/status", a.status)
	mux.HandleFunc("GET /api/live", a.live)
	mux.HandleFunc("POST /api/explain", a.explain)
	mux.HandleFunc("GET /api/events/{id}", a.stored)

	mux.HandleFunc("GET /api/search", a.search)
	mux.HandleFunc("GET /api/history", reported(a, []string{"step", "site", "destination"}, service.History))
	mux.HandleFunc("GET /api/conversions", reported(a, []string{"site", "event"}, service.Conversions))
	mux.HandleFunc("GET /api/consent", reported(a, []string{"site"}, service.Choices))
	mux.HandleFunc("GET /api/destinations/{name}", reported(a, nil, service.Destination))

	mux.HandleFunc("GET /api/dead", a.dead)
	mux.HandleFunc("GET /api/dead/{destination}/{id}", a.deadLetter)
	mux.HandleFunc("POST /api/dead/retry", a.changeDead("retried", service.RetryDeadLetters))
	mux.HandleFunc("POST /api/dead/drop", a.changeDead("dropped", service.DropDeadLetters))
	mux.HandleFunc("POST /api/replay", a.replay)

	mux.HandleFunc("GET /api/decisions", a.decisions)
	mux.HandleFunc("POST /api/subjects/export", a.exportSubject)
	mux.HandleFunc("POST /api/subjects/suppress", a.suppressSubject)
	mux.HandleFunc("POST /api/subjects/delete", a.deleteSubject)
	mux.HandleFunc("POST /api/subjects/link", a.linkSubject)

	mux.HandleFunc("POST /api/reload", a.reload)
	mux.HandleFunc("GET /api/config", a.configuration)
	mux.HandleFunc("PUT /api/config", a.configure)
	mux.HandleFunc("POST /api/destinations/{name}/pause", a.switchDestination(service.Pause))
	mux.HandleFunc("POST /api/destinations/{name}/resume", a.switchDestination(service.Resume))
	mux.HandleFunc("DELETE /api/orphans/{name}", a.forget)

	for path, file := range map[string]string{"/{$}": "index.html", "/page.css": "page.css", "/page.js": "page.js"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, pageFiles, "page/"+file) })
	}
	mux.HandleFunc("/", nowhere(mux))
	return newGuard(o).before(withBodyTimeout(hide(o.Secrets, mux), bodyTimeout))
}

// methods are all that the API knows.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut}

// nowhere answers what no route does: 405 where another method would have been right, else 404.
func nowhere(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range methods {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "/" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			refuse(w, http.StatusNotFound, "nothing is here: "+r.URL.Path)
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		refuse(w, http.StatusMethodNotAllowed, r.Method+" is not for "+r.URL.Path+", but "+strings.Join(allowed, " or "))
	}
}
