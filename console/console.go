// Package console is the admin side of a running Headgate: the HTTP API that commands, dashboards and the built-in pages
// use. It promises that nothing is shown to those who may not see it (package access decides who may), that a foreign
// web page cannot reach it through the visitor's browser, and that every answer but the pages, the metrics, the live view
// and the configuration's own text is JSON. It never decides anything about events: all it knows it asks of a Service.
package console

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/console/access"
	"headgate/console/editing"
	"headgate/console/exchange"
	"headgate/console/guard"
	"headgate/console/trial"
	"headgate/console/versions"
	"headgate/console/web"
	"headgate/document"
)

// Options are who may ask, and what else is measured.
type Options struct {
	Listen     string   // address and port the handler is served at
	Token      string   // the administrator's; while it is empty, only users are let in
	Hosts      []string // names it is called by, besides its address and localhost
	Collectors []prometheus.Collector
	Secrets    *document.Secrets // hidden in every answer of the API but the text of the configuration; nil: none
	Trail      *access.Trail     // where changes and looks at people are noted
	Versions   *versions.Store   // where texts of the configuration are kept
	Logger     *slog.Logger      // nil: nothing is logged
	Insight    Insight           // what visitors do; nil: there is none
	Now        func() time.Time  // nil: time.Now
}

// api answers what is asked of a Service.
type api struct {
	service Service
	rights  Rights
	gate    *access.Gate
	trail   *access.Trail
	insight Insight
	now     func() time.Time
	editing *editing.Editor
	trial   *trial.Trials
}

// Handler is the admin side of a Service.
func Handler(service Service, rights Rights, o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &api{service: service, rights: rights, trail: o.Trail, insight: o.Insight, now: o.Now}
	a.gate = access.NewGate(access.Options{Token: o.Token, Settings: service, Trail: o.Trail, Now: o.Now, Logger: o.Logger})
	a.editing, a.trial = editing.New(service, o.Versions), trial.New(service, o.Now)
	mux := http.NewServeMux()

	mux.HandleFunc("GET /healthz", a.healthy)
	mux.HandleFunc("GET /readyz", a.ready)
	metricsRoute := access.Route{Pattern: "GET /metrics", Needs: access.Look}
	mux.Handle(metricsRoute.Pattern, a.gate.Behind(metricsRoute, metrics(service, o.Collectors)))

	mux.HandleFunc("POST /api/sign-in", a.gate.SignIn)
	mux.HandleFunc("GET /api/session", a.gate.Session)
	mux.HandleFunc("GET "+access.BeginPath, a.gate.BeginOIDC)
	mux.HandleFunc("GET "+access.DonePath, a.gate.EndOIDC)
	for _, r := range append(a.routes(), a.insightRoutes()...) {
		mux.Handle(r.Pattern, a.gate.Behind(r.Route, r.do))
	}

	pages := web.Handler()
	for _, address := range append(web.Addresses(), web.Assets) {
		mux.Handle("GET "+address, pages)
	}
	mux.HandleFunc("/", nowhere(mux))
	return guard.New(o.Listen, o.Hosts, a.gate).Before(guard.WithBodyTimeout(hide(o.Secrets, mux), guard.BodyTimeout))
}

// methods are all that the API knows.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}

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
			exchange.Refuse(w, http.StatusNotFound, "nothing is here: "+r.URL.Path)
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		exchange.Refuse(w, http.StatusMethodNotAllowed, r.Method+" is not for "+r.URL.Path+", but "+strings.Join(allowed, " or "))
	}
}
