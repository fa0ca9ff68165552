// Package signature verifies which automated agent sent a request: Web Bot Auth, which is HTTP Message Signatures (RFC 9421) with
// Ed25519 and the tag web-bot-auth, as in draft-ietf-webbotauth-httpsig-protocol of 2026-08-20.
//
// It promises that a key counts only under the address it was fetched from, that nothing is fetched but the key directories of
// agents that are listed, never while a request waits, and that what strangers send costs a bounded amount. A verified signature
// says who runs the agent; it says nothing of good intent, and an unsigned request says nothing at all.
package signature

import (
	"crypto/ed25519"
	"strconv"
	"time"

	"headgate/event"
)

// mostField bounds the bytes of one header.
const mostField = 4 << 10

const (
	tag = "web-bot-auth"

	clockSkew   = 30 * time.Second
	maxLifetime = 24 * time.Hour // what the draft recommends at most
)

// Outcome is what became of a signature.
type Outcome uint8

// The outcomes.
const (
	Unverified Outcome = iota // there is none, or its key is not known: neither proof nor fraud
	Verified
	Invalid // the signature, what it covers, its times or its algorithm are wrong
)

func (o Outcome) String() string { return [...]string{"unverified", "verified", "invalid"}[o] }

// Result is what was found out about a request.
type Result struct {
	Outcome Outcome
	Reason  string // "" of Verified; else one word: no signature, syntax, components, algorithm, created, expires, expired, lifetime, key, agent, address, signature
	Agent   string // the address in Signature-Agent that the signature covers; "" without one
	KeyID   string
	Replay  bool // of Verified: its nonce was seen before
}

// Keys find public keys of agents.
type Keys interface {
	// Key returns a key that an agent's directory holds under its id at a time. It does not wait.
	Key(agent, id string, at time.Time) (ed25519.PublicKey, bool)
	// AnyKey is Key for a request that does not name its agent.
	AnyKey(id string, at time.Time) (ed25519.PublicKey, bool)
}

// Seen remembers nonces.
type Seen interface {
	// Again reports whether a nonce of a key was given to it before, as far back as there is room to remember.
	Again(key, nonce string) bool
}

// Present reports whether a header is one that makes Check worth calling; name is in lower case.
func Present(name string) bool { return name == "signature-input" || name == agentField }

// Check looks for a signature of the tag web-bot-auth and verifies it. Of several the best outcome counts. The host must be the
// public one that the agent has called.
func Check(h *event.Hit, keys Keys, seen Seen) Result {
	input, _ := field(h, "signature-input")
	signatures, _ := field(h, "signature")
	agents, named := field(h, agentField)
	if input == "" {
		return Result{Reason: "no signature", Agent: claimed(agents)}
	}
	wrong := Result{Outcome: Invalid, Reason: "syntax"}
	if len(input) > mostField || len(signatures) > mostField || len(agents) > mostField {
		return wrong
	}
	inputs, err := dictionary(input, mostSignatures)
	if err != nil {
		return wrong
	}
	r := request{hit: h}
	if named && !r.readAgents(agents) {
		return wrong
	}
	best := Result{Reason: "no signature"}
	tagged := false
	for i := range inputs {
		if t, ok := inputs[i].param("tag", '"'); !ok || t.text != tag || inputs[i].kind != '(' {
			continue
		}
		values, err := dictionary(signatures, mostSignatures)
		if err != nil {
			return wrong
		}
		result := r.check(&inputs[i], values, keys, seen)
		if result.Outcome == Verified {
			return result
		}
		if !tagged {
			best, tagged = result, true
		}
	}
	return best
}

// claimed is the agent that a Signature-Agent of the old form names by itself, "" when it has none.
func claimed(agents string) string {
	if it, err := single(agents); err == nil && it.kind == '"' {
		return it.text
	}
	return ""
}

// readAgents reads Signature-Agent: a dictionary of strings, or its old form, one string.
func (r *request) readAgents(field string) bool {
	if it, err := single(field); err == nil && it.kind == '"' {
		r.agents, r.bare = []member{{item: it}}, true
		return true
	}
	var err error
	r.agents, err = dictionary(field, mostSignatures)
	return err == nil
}

// check verifies one signature.
func (r *request) check(input *member, signatures []member, keys Keys, seen Seen) Result {
	value := find(signatures, input.key)
	id, hasID := input.param("keyid", '"')
	if value == nil || value.kind != ':' || !hasID {
		return Result{Outcome: Invalid, Reason: "syntax"}
	}
	result := Result{KeyID: id.text}
	fail := func(o Outcome, reason string) Result {
		result.Outcome, result.Reason = o, reason
		return result
	}
	base, ok := r.base(&input.item)
	agent, covered := r.covers(&input.item)
	if !ok || !covered {
		return fail(Invalid, "components")
	}
	if alg, there := input.param("alg", '"'); alg != nil && (!there || alg.text != "ed25519") {
		if there && alg.text == "rsa-pss-sha512" {
			return fail(Unverified, "algorithm") // allowed, and not supported here
		}
		return fail(Invalid, "algorithm")
	}
	if reason := life(&input.item, r.hit.Received); reason != "" {
		return fail(Invalid, reason)
	}
	key, reason := r.key(agent, id.text, keys, &result)
	if reason == "key" {
		// A key that is known of another agent proves nothing for this one, but it tells a request that was changed.
		if other, ok := keys.AnyKey(id.text, r.hit.Received); ok && !ed25519.Verify(other, []byte(base), value.bytes) {
			return fail(Invalid, "signature")
		}
	}
	if reason != "" {
		return fail(Unverified, reason)
	}
	if !ed25519.Verify(key, []byte(base), value.bytes) {
		return fail(Invalid, "signature")
	}
	result.Outcome = Verified
	if nonce, there := input.param("nonce", '"'); there {
		result.Replay = seen.Again(id.text, nonce.text)
	}
	return result
}

func find(members []member, key string) *member {
	for i := range members {
		if members[i].key == key {
			return &members[i]
		}
	}
	return nil
}

// covers reports whether a signature covers what it has to: the host, and the agent where the request names one, which it returns.
func (r *request) covers(input *item) (agent *member, ok bool) {
	host := false
	for i := range input.list {
		c := &input.list[i]
		switch c.text {
		case "@authority", "@target-uri":
			host = true
		case agentField:
			if key, named := c.param("key", '"'); named {
				agent = r.agent(key.text)
			} else if r.bare {
				agent = &r.agents[0]
			}
		}
	}
	return agent, host && (agent != nil || len(r.agents) == 0)
}

// life checks when a signature was made and how long it holds; it returns what is wrong, "" when it holds now.
func life(input *item, now time.Time) (reason string) {
	created, ok := instant(input, "created")
	if !ok || created.After(now.Add(clockSkew)) {
		return "created"
	}
	expires, ok := instant(input, "expires")
	switch {
	case !ok:
		return "expires"
	case !now.Before(expires):
		return "expired"
	case expires.Sub(created) > maxLifetime:
		return "lifetime"
	}
	return ""
}

// instant is a parameter that is a time in seconds since 1970.
func instant(input *item, name string) (time.Time, bool) {
	p, ok := input.param(name, '1')
	if !ok {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(p.text, 10, 64)
	return time.Unix(seconds, 0), err == nil && seconds > 0
}

// key finds the key of a signature and notes its agent. reason says why there is none.
func (r *request) key(agent *member, id string, keys Keys, result *Result) (key ed25519.PublicKey, reason string) {
	if agent == nil {
		if key, ok := keys.AnyKey(id, r.hit.Received); ok {
			return key, ""
		}
		return nil, "key"
	}
	kind := ""
	if t, ok := agent.param("type", 't'); ok {
		kind = t.text
	} else if t, ok := agent.param("type", '"'); ok {
		kind = t.text
	} else if t != nil {
		return nil, "agent"
	}
	if agent.kind != '"' {
		return nil, "agent"
	}
	if reason := addressOf(agent.text, kind); reason != "" {
		return nil, reason
	}
	result.Agent = agent.text
	if key, ok := keys.Key(agent.text, id, r.hit.Received); ok {
		return key, ""
	}
	return nil, "key"
}
