package event

import "slices"

// The classes of traffic: what sent a hit, as far as one can tell.
const (
	Human      = "human"       // a person's browser or app; also where nothing says otherwise
	Crawler    = "crawler"     // a search engine, monitor, scanner or script
	AICrawler  = "ai_crawler"  // collects pages to train models or to answer from
	AIAgent    = "agent"       // acts for a person: it may browse, fill in forms and buy
	Prefetch   = "prefetch"    // a page loaded ahead, which the visitor may never see
	DataCentre = "data_centre" // from a network that the configuration lists, and nothing else is known
)

// How a class was found out.
const (
	BySignature = "signature" // a Web Bot Auth signature was verified
	ByAddress   = "address"   // a listed network, for a crawler or agent together with its name
	ByToken     = "token"     // the name stands in the user agent, which anybody can write
	ByHeader    = "header"    // the request says so
	ByHint      = "hint"      // suspected: two things that a person's browser does not do
	ByStatement = "stated"    // one of the site's servers, or the event itself, says so
)

// TrafficClasses lists the classes in the order in which status and metrics show them.
var TrafficClasses = []string{Human, Crawler, AICrawler, AIAgent, Prefetch, DataCentre}

// Traffic is what sent an event. A Class of "" counts as human: the event did not come in a hit that could be looked at.
type Traffic struct {
	Class    string // one of TrafficClasses
	How      string // one of the constants above; "" for Human
	Operator string // who runs the crawler or agent: OpenAI; for a signature the origin whose keys verified it, where no name is known
}

// TrafficClass returns the place of the event's class in TrafficClasses; that of Human for one that it does not list.
func (e *Event) TrafficClass() int { return max(0, slices.Index(TrafficClasses, e.Traffic.Class)) }

// Order reports whether the event is about a sale that counts whoever made it: a purchase, or money given back.
func (e *Event) Order() bool { return e.Name == "purchase" || e.Name == "refund" }
