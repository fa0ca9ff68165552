// Package destinations says what can be sent to whom, and how. A destination is one YAML file: from it Encode makes
// requests out of events and Judge reads one verdict per event out of the answer, both pure; the sender in between is the
// only part that touches the network. Where no HTTP request fits, a Driver written in Go stands in for them.
//
// It promises one verdict for every event, that events are never changed, that no secret is in a request shown to a
// person, an error or a log, and that a connection goes only to hosts which the destination names, never to private
// addresses that were not allowed. It does not decide who may have an event: consent and rules have done so before.
package destinations
