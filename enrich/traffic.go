package enrich

import (
	"cmp"
	"strings"

	"headgate/enrich/agent"
	"headgate/enrich/signature"
	"headgate/enrich/traffic"
	"headgate/event"
)

// classify says what sent an event that came straight from its visitor; stated is whether the event calls itself a bot's.
func (v *Visit) classify(e *event.Event, a *agent.Agent, stated bool) {
	if stated && a.Bot == "" {
		e.Traffic = event.Traffic{Class: event.Crawler, How: event.ByStatement}
		return
	}
	if v.signed && v.classifySigned(e, a) {
		return
	}
	switch {
	case a.Bot != "" && !(a.Library && v.hit.Sender != event.Browser):
		e.Traffic = v.en.traffic.Named(a, v.hit.Address)
	case v.prefetch:
		e.Traffic = event.Traffic{Class: event.Prefetch, How: event.ByHeader}
	case v.browser == "" && e.Device.UserAgent == "" && v.hit.Sender == event.Browser:
		e.Traffic = event.Traffic{Class: event.Crawler, How: event.ByHint}
	case v.hit.Anonymous:
		e.Traffic = event.Traffic{Class: event.Human}
	default:
		doubts := v.doubts()
		hosted := v.en.traffic.Hosts(v.hit.Address)
		if hosted {
			doubts |= traffic.InDataCentre
		}
		v.doubted = doubts
		switch {
		case doubts.Suspicious():
			e.Traffic = event.Traffic{Class: event.AIAgent, How: event.ByHint}
		case hosted:
			e.Traffic = event.Traffic{Class: event.DataCentre, How: event.ByAddress}
		default:
			e.Traffic = event.Traffic{Class: event.Human}
		}
	}
}

// classifySigned takes a Web Bot Auth signature into account; it returns false when there is nothing to take into account.
func (v *Visit) classifySigned(e *event.Event, a *agent.Agent) bool {
	if !v.en.traffic.Verify() {
		return false
	}
	if !v.checked {
		v.checked = true
		v.result = v.en.traffic.Check(v.hit)
	}
	r := &v.result
	if r.Agent == "" && r.Outcome != signature.Verified {
		return false
	}
	out := event.Traffic{Class: event.AIAgent, How: event.ByToken}
	if a.Bot != "" && !a.Library {
		out.Class, out.Operator = a.Class, a.Operator
	}
	if name := v.en.traffic.Signer(r.Agent); name != "" {
		out.Operator = name
	}
	if r.Outcome == signature.Verified && !r.Replay {
		out.How = event.BySignature
	}
	e.Traffic = out
	return true
}

// doubts are what speaks against a person's browser in the headers of a hit: of Chromium only, whose headers are known.
func (v *Visit) doubts() (d traffic.Doubt) {
	if v.agent == nil || !v.agent.Chromium {
		return 0
	}
	if v.language == "" && !v.fetched {
		d |= traffic.BareHeaders
	}
	if v.hit.Scheme == "https" && v.hints.Brands.Text == "" {
		d |= traffic.Hintless
	}
	return d
}

// loadsAhead reports whether a header says that a page is loaded ahead, which the visitor may never see. The token stands before
// parameters, such as prerender or anonymous-client-ip. https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Purpose
func loadsAhead(purpose string) bool {
	token, _, _ := strings.Cut(purpose, ";")
	switch strings.ToLower(strings.Trim(token, ` \t"`)) {
	case "prefetch", "prerender", "preview", "1":
		return true
	}
	return false
}

// describeRelayedTraffic says what sent an event that a server passed on: what the server says, else what the user agent names.
func (v *Visit) describeRelayedTraffic(e *event.Event, a *agent.Agent) {
	if v.hit.Sender == event.Server {
		for _, class := range event.TrafficClasses {
			if e.Traffic.Class == class {
				if class != event.Human {
					e.Traffic.How = event.ByStatement
				} else {
					e.Traffic = event.Traffic{Class: class}
				}
				return
			}
		}
	}
	e.Traffic = event.Traffic{}
	switch {
	case a == nil: // nothing is known of what the visitor used
	case a.Bot == "" || a.Library:
		e.Traffic.Class = event.Human
	default:
		e.Traffic = event.Traffic{Class: a.Class, How: event.ByToken, Operator: a.Operator}
	}
}

// WhyTraffic says in a sentence what sent an event that was described, for those who look.
func (v *Visit) WhyTraffic(e *event.Event) string {
	t := &e.Traffic
	why := map[string]string{
		event.BySignature: "its signature was verified with a key of " + v.result.Agent,
		event.ByAddress:   "its address is in a listed network",
		event.ByToken:     "its user agent or Signature-Agent says so, which anybody can write",
		event.ByHeader:    "the request says that it loads ahead",
		event.ByHint:      "it is suspected: " + cmp.Or(v.doubted.String(), "there is no user agent"),
		event.ByStatement: "the sender says so",
	}[t.How]
	text := t.Class
	if t.Operator != "" {
		text += " of " + t.Operator
	}
	if why != "" {
		text += ": " + why
	}
	if v.checked && v.result.Outcome != signature.Verified {
		text += "; its signature is " + v.result.Outcome.String() + " (" + v.result.Reason + ")"
	}
	if v.result.Replay {
		text += "; its signature was used before"
	}
	return text
}
