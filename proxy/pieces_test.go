package proxy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"headgate/event"
)

func TestAnEventThatMakesTheVendorFailHoldsUpNoOther(t *testing.T) {
	s := newSink(t)
	s.answer = func(events []event.Event) int {
		if slices.ContainsFunc(events, func(e event.Event) bool { return e.ID == "bad" }) {
			return 500
		}
		return 200
	}
	r := start(t, t.TempDir(), s, "")
	body := []string{`{"name":"purchase","id":"bad"}`}
	for i := range 40 {
		body = append(body, fmt.Sprintf(`{"name":"purchase","id":"good-%d"}`, i))
	}
	r.send(t, "["+strings.Join(body, ",")+"]")
	for _, e := range s.await(t, 40) {
		if e.ID == "bad" {
			t.Error("the bad one was taken")
		}
	}
}
