package doctor

import (
	"context"
	"strings"
)

// Examine looks at everything, and returns what it found. It fails only when ctx ends.
func Examine(ctx context.Context, o Options) (*Report, error) {
	e := &examination{Options: o, report: &Report{Page: o.Page.String(), Collector: o.Collector.String()}}
	e.client = e.newClient()
	defer e.client.CloseIdleConnections()
	e.relation()
	e.names(ctx)
	e.aliases()
	e.addresses()
	e.visitPage(ctx)
	e.connect(ctx)
	e.crossOrigin(ctx)
	e.cookies(ctx)
	e.conclude()
	return e.report, ctx.Err()
}

// relation says how the collector's host stands to the page's.
func (e *examination) relation() {
	page, host := e.Page.Hostname(), e.Collector.Hostname()
	switch {
	case e.Page.Scheme == e.Collector.Scheme && strings.EqualFold(e.Page.Host, e.Collector.Host):
		e.sameOrigin, e.sameSite = true, true
		e.report.add("site", Fine, "hits go to a path of the page's own origin: no preflight, and cookies are sent by themselves", "")
	case siteOf(page) == siteOf(host):
		e.sameSite = true
		e.report.add("site", Fine, host+" belongs to the same site as "+page+" ("+siteOf(host)+")", "")
	default:
		e.report.add("site", Broken, host+" belongs to "+siteOf(host)+", and the page to "+siteOf(page)+": Safari and Firefox block or partition the cookies of another site",
			"give Headgate a name below "+siteOf(page)+", or a path of "+page)
	}
}

// conclude says what Safari will do, from what it compares.
func (e *examination) conclude() {
	r := e.report
	switch {
	case !e.sameSite:
		r.Safari, r.Summary = Blocked, "Safari blocks the cookies of "+e.Collector.Hostname()+", since it belongs to another site than the page: every visit looks like a new visitor."
	case e.sameOrigin:
		r.Safari, r.Summary = Whole, "Safari keeps the cookies that Headgate sets as long as they say, up to 400 days: they come from the page's own origin."
	case e.foreignAlias || e.farAddress:
		r.Safari, r.Summary = SevenDay, "Safari cuts the cookies that Headgate sets to 7 days: a visitor who stays away for a week looks like a new one."
	case e.unresolved:
		r.Safari, r.Summary = NotKnown, "What Safari will do could not be found out: not all names could be resolved."
	default:
		r.Safari, r.Summary = Whole, "Safari keeps the cookies that Headgate sets as long as they say, up to 400 days: name and address are the page's own."
	}
}
