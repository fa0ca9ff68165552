package sources_test

import (
	"testing"

	"headgate/sources"
)

// A request of a server is known again by its Idempotency-Key; of anybody else the key says nothing.
func TestARequestOfAServerIsKnownAgain(t *testing.T) {
	t.Parallel()
	all := open(t, `events: {server_keys: ["${SERVER_KEY}"]}`, sources.Limits{})
	read := func(lines ...string) sources.Reading {
		text := "POST /e\n"
		for _, l := range lines {
			text += l + "\n"
		}
		h := parseHit(t, text+"\n[{\"name\":\"a\"},{\"name\":\"b\"}]\n")
		r, err := sources.Read(claimant(t, all, h), h)
		if err != nil {
			return sources.Reading{}
		}
		return r
	}
	const key, server = "Idempotency-Key: batch-1", "Authorization: Bearer ${SERVER_KEY}"
	first, again, other := read(server, key), read(server, key), read(server, "Idempotency-Key: batch-2")
	if first.Once == nil || len(first.Once.Events) != 2 || first.Once.Delivery != again.Once.Delivery || first.Once.Delivery == other.Once.Delivery {
		t.Errorf("%+v, %+v, %+v", first.Once, again.Once, other.Once)
	}
	if r := read(server); r.Once != nil || !r.Proven {
		t.Errorf("without a key: %+v", r.Once)
	}
	open := open(t, `events: {}`, sources.Limits{})
	h := parseHit(t, "POST /e\n"+key+"\n\n{\"name\":\"a\"}\n")
	if r, err := sources.Read(claimant(t, open, h), h); err != nil || r.Once != nil {
		t.Errorf("of anybody: %+v, %v", r.Once, err)
	}
	r := first
	r.Events, r.Once.Repeated = nil, 2
	if a := claimant(t, all, h).Answer(h, r); a.Status != 202 || string(a.Body) != `{"accepted":0,"rejected":[],"ids":[],"repeated":2}` {
		t.Errorf("a repeated one is answered %d %s", a.Status, a.Body)
	}
}

func TestMarksAreOfTextsAndTheirBorders(t *testing.T) {
	t.Parallel()
	if sources.MarkOf("a", "bc") == sources.MarkOf("ab", "c") || sources.MarkOf("a") == sources.MarkOf("a", "") {
		t.Error("marks do not tell texts apart")
	}
}
