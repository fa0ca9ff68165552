package proxy

import (
	"testing"

	"headgate/event"
	"headgate/proxy/resend"
)

// held makes the sink's answers wait until release; arrived gets a value when a request has come.
func (s *sink) held(status int) (arrived <-chan struct{}, release func()) {
	came, gate := make(chan struct{}, 100), make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = func([]event.Event) int {
		came <- struct{}{}
		<-gate
		return status
	}
	return came, func() { close(gate) }
}

func (r *running) send(t *testing.T, body string) {
	t.Helper()
	if status, _ := r.post(t, "/e", body); status != 202 {
		t.Fatal(status)
	}
}

const samePurchase = `{"name":"purchase","id":"same"}`

func TestAnEventSentAgainWhileTheFirstIsInFlightGoesOutOnce(t *testing.T) {
	s := newSink(t)
	arrived, release := s.held(200)
	r := start(t, t.TempDir(), s, "")
	r.send(t, "["+samePurchase+","+samePurchase+"]")
	<-arrived
	r.send(t, samePurchase)
	r.send(t, "["+samePurchase+`,{"name":"refund","id":"same"}]`)
	release()
	if d := r.account(t, "sink"); d.Delivered != 2 || d.Filtered != 3 {
		t.Errorf("%+v", d)
	}
	if got := s.ids(); len(got) != 2 {
		t.Errorf("arrived: %v", got)
	}
	traces, err := r.Stored(t.Context(), "same")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	for _, trace := range traces {
		v := trace.Destinations[0].Verdict
		said[v.Verdict+" "+v.Why]++
	}
	if said["delivered "] != 2 || said["filter duplicate: the same event was sent before or was on its way"] != 3 {
		t.Errorf("explain says %v", said)
	}
}

func TestADuplicateOfARejectedEventIsNotSentEither(t *testing.T) {
	s := newSink(t)
	arrived, release := s.held(400)
	r := start(t, t.TempDir(), s, "")
	r.send(t, samePurchase)
	<-arrived
	r.send(t, samePurchase)
	release()
	if d := r.account(t, "sink"); d.Rejected != 1 || d.Filtered != 1 {
		t.Errorf("%+v", d)
	}
}

func TestAnEventThatWentBackToTheLogIsNotItsOwnDuplicate(t *testing.T) {
	s := newSink(t)
	arrived, release := s.held(503)
	folder := t.TempDir()
	r := start(t, folder, s, "")
	r.send(t, samePurchase)
	r.send(t, samePurchase)
	<-arrived
	release()
	if err := r.Pause(t.Context(), "sink"); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.answer = nil
	s.mu.Unlock()
	if err := r.Resume(t.Context(), "sink"); err != nil {
		t.Fatal(err)
	}
	if d := r.account(t, "sink"); d.Delivered != 1 || d.Filtered != 1 {
		t.Errorf("%+v", d)
	}
	if got := s.ids(); len(got) != 1 {
		t.Errorf("arrived: %v", got)
	}
	r.stop()

	r = start(t, folder, s, "") // what was sent before a restart is known after it
	r.send(t, samePurchase)
	if d := r.account(t, "sink"); d.Delivered != 1 || d.Filtered != 2 {
		t.Errorf("after a restart: %+v", d)
	}
}

func TestAReplayLeavesDuplicatesOut(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	r.send(t, "["+samePurchase+","+samePurchase+"]")
	r.account(t, "sink")
	tally, err := r.Replay(t.Context(), resend.Replay{To: "sink"}, func(resend.Tally) {})
	if err != nil || tally.Matched != 1 {
		t.Errorf("%+v %v", tally, err)
	}
	if d := r.account(t, "sink"); d.Delivered != 1 || d.Filtered != 1 {
		t.Errorf("%+v", d)
	}
	if got := s.ids(); len(got) != 2 {
		t.Errorf("arrived: %v", got)
	}
}
