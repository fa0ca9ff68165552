package console

import (
	"context"
	"net/http"
	"net/url"

	"headgate/console/access"
	"headgate/insight/answers"
)

// route is one row of the API: who may ask, what viewers see, how it is noted, and what answers.
type route struct {
	access.Route
	do http.HandlerFunc
}

// What those see of a trace who may know nothing of single visitors: what became of an event, and why, but not whose it was.
var traceShown = []string{
	"event.id", "event.name", "event.time", "event.received", "event.source", "event.site", "event.traffic.class",
	"source", "refused", "dropped_by", "emitted_by", "rules.name", "rules.for", "rules.matched", "rules.emitted",
	"consent.region", "consent.state.*.state", "consent.state.*.basis", "consent.monitor", "lost",
	"destinations.*.attempts.time", "destinations.*.attempts.verdict", "destinations.*.attempts.status", "destinations.*.attempts.took",
	"destinations.*.action", "destinations.*.reason", "destinations.*.because", "destinations.*.profile", "destinations.*.verdict.verdict", "destinations.*.verdict.status",
}

// routes is the whole API. What is missing here is an administrator's alone, and a test fails.
func (a *api) routes() []route {
	at := func(pattern string, needs access.Right, action string, do http.HandlerFunc) route {
		return route{access.Route{Pattern: pattern, Needs: needs, Action: action}, do}
	}
	// typing is a route that is asked again and again while somebody types.
	typing := func(pattern string, needs access.Right, action string, do http.HandlerFunc) route {
		return route{access.Route{Pattern: pattern, Needs: needs, Action: action, Typing: true}, do}
	}
	// part is a route of which viewers see a part, and that has parameters which ask about single visitors.
	part := func(pattern, action string, do http.HandlerFunc, shows, asks []string) route {
		return route{access.Route{Pattern: pattern, Needs: access.Look, Action: action, Shows: shows, Asks: asks}, do}
	}
	where := []string{"where"}
	return []route{
		part("GET /api/status", "", a.status, statusShown, nil),
		at("GET /api/cluster", access.Look, "", a.cluster),
		at("GET /api/alerts", access.Look, "", a.alerts), // about nobody
		part("GET /api/live", "live.view", a.live, traceShown, where),
		part("GET /api/events/{id}", "event.view", a.trial.Stored, traceShown, nil),
		typing("POST /api/explain", access.Persons, "event.try", a.trial.Explain),
		typing("POST /api/try", access.Persons, "event.try", a.trial.Try),

		part("GET /api/search", "person.search", a.search, nil, nil),
		part("GET /api/history", "", reported(a, []string{"step", "site", "destination"}, a.service.History), nil, nil),
		part("GET /api/conversions", "", reported(a, []string{"site", "event"}, a.service.Conversions), nil, nil),
		part("GET /api/consent", "", reported(a, []string{"site"}, a.service.Choices), nil, nil),
		part("GET /api/destinations/{name}", "", reported(a, nil, a.service.Destination), destinationShown, nil),

		part("GET /api/dead", "", a.dead, []string{"total", "unsure", "next", "dead.cursor", "dead.destination", "dead.event_id", "dead.event_name", "dead.event_time", "dead.died", "dead.attempts", "dead.unsure"}, where),
		at("GET /api/dead/{destination}/{id}", access.Persons, "dead.view", a.deadLetter),
		at("POST /api/dead/retry", access.Operate, "dead.retry", a.changeDead("retried", a.service.RetryDeadLetters)),
		at("POST /api/dead/drop", access.Operate, "dead.drop", a.changeDead("dropped", a.service.DropDeadLetters)),
		at("POST /api/replay", access.Operate, "replay", a.replay),
		at("POST /api/backfill", access.Operate, "backfill", a.backfill),

		at("GET /api/decisions", access.Persons, "decisions.read", a.decisions),
		at("POST /api/subjects/export", access.Persons, "person.export", a.exportSubject),
		at("POST /api/subjects/suppress", access.Operate, "person.suppress", a.suppressSubject),
		at("POST /api/subjects/delete", access.Operate, "person.delete", a.deleteSubject),
		at("GET /api/subjects/requests", access.Operate, "person.requests", a.subjectRequests),
		at("POST /api/subjects/requests/{id}/done", access.Operate, "person.request_done", a.settleRequest),
		at("POST /api/subjects/link", access.Operate, "person.link", a.linkSubject),

		at("POST /api/reload", access.Configure, "config.reload", a.editing.Reload),
		at("GET /api/config", access.Configure, "", a.editing.Configuration),
		at("PUT /api/config", access.Configure, "config.save", a.editing.Configure),
		at("GET /api/versions", access.Configure, "", a.editing.Versions),
		at("GET /api/versions/{id}", access.Configure, "", a.editing.Version),
		at("POST /api/versions/{id}/restore", access.Configure, "config.roll_back", a.editing.Restore),
		at("POST /api/check", access.Configure, "", a.trial.Check),
		at("POST /api/tests", access.Configure, "", a.trial.Tests),
		at("POST /api/diff", access.Configure, "config.diff", a.trial.Diff),
		at("GET /api/schema", access.Look, "", a.editing.Schema),
		at("GET /api/catalog", access.Look, "", a.editing.Catalogue),
		at("GET /api/catalog/{name}", access.Look, "", a.editing.Offered),
		at("POST /api/destinations", access.Configure, "destination.add", a.editing.AddDestination),
		at("POST /api/destinations/{name}/pause", access.Operate, "destination.pause", a.switchDestination(a.service.Pause)),
		at("POST /api/destinations/{name}/resume", access.Operate, "destination.resume", a.switchDestination(a.service.Resume)),
		at("DELETE /api/orphans/{name}", access.Operate, "destination.forget", a.forget),

		at("POST /api/sign-out", access.Look, "sign_out", a.gate.SignOut),
		at("GET /api/audit", access.Administer, "audit.view", a.audit),
	}
}

// insightRoutes are the questions about visitors. Totals are for everybody; a formula that asks about single visitors is not.
func (a *api) insightRoutes() []route {
	in := a.insight
	if in == nil {
		return nil
	}
	// totals shows viewers all of an answer, or what is listed.
	totals := func(pattern string, ask func(context.Context, url.Values) (*answers.Answer, error), shows ...string) route {
		return route{access.Route{Pattern: pattern, Needs: access.Look, Asks: []string{"filter"}, Shows: shows}, about(ask)}
	}
	return []route{
		totals("GET /api/insight/live", in.Live),
		totals("GET /api/insight/overview", in.Overview),
		totals("GET /api/insight/funnel", in.Funnel, funnelShown...),
		totals("GET /api/insight/funnels", in.Funnels),
		totals("GET /api/insight/segments", in.Segments),
		totals("GET /api/insight/paths", in.Paths),
		totals("GET /api/insight/carts", in.Carts, cartsShown...),
		totals("GET /api/insight/campaigns", in.Campaigns),
		totals("GET /api/insight/rising", withoutRareWords(in.Rising)),
		totals("GET /api/insight/searches", withoutRareWords(in.Searches)),
		totals("GET /api/insight/retention", in.Retention),
		{access.Route{Pattern: "GET /api/insight/visitors/{id}", Needs: access.Persons, Action: "person.view"}, a.visitor},
		{access.Route{Pattern: "POST /api/insight/rebuild", Needs: access.Operate, Action: "insight.rebuild"}, a.rebuild},
	}
}

// What viewers see of a funnel and of carts: all but the visitors who left.
var (
	funnelShown = []string{"name", "mode", "per", "within", "since", "until", "visitors_unmeasured", "currency", "groups",
		"steps.event", "steps.optional", "steps.visitors", "steps.value", "steps.other", "steps.of_first", "steps.of_previous", "steps.median_seconds", "steps.instead", "steps.before"}
	cartsShown = []string{"opened", "bought", "pending", "abandoned", "value_lost", "value_bought", "value_pending", "currency", "other", "stages", "items", "campaigns"}
)

// destinationShown is what is known of a destination without its words, which may repeat what was sent to it.
var destinationShown = []string{
	"name", "use", "state", "pending", "retrying", "lag_seconds", "delivered", "redacted", "filtered", "denied", "rejected", "since", "until", "latency", "fill",
	"answers.verdict", "answers.status", "answers.count", "dead.total", "dead.reasons.count", "dead.reasons.oldest", "dead.reasons.newest", "dead.reasons.ids",
}

// statusShown is the status without the words of destinations, which may repeat what was sent to them.
var statusShown = []string{
	"config", "accepted", "queue", "consent", "suppression", "traffic", "scripts", "orphans", "insight",
	"destinations.*.state", "destinations.*.delivered", "destinations.*.redacted", "destinations.*.filtered", "destinations.*.denied", "destinations.*.rejected",
	"destinations.*.pending", "destinations.*.retrying", "destinations.*.lag_seconds", "destinations.*.misfit_values", "destinations.*.added_columns",
}
