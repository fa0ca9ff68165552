package tests_test

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"headgate/commands"
	"headgate/proxy/status"
)

// verb runs a verb as a script does, without a terminal, and returns its exit status and all that it prints.
func (p *process) verb(args ...string) (status int, said string) {
	p.t.Helper()
	in, err := os.Open(p.Path())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	var out bytes.Buffer
	status = commands.Main(append(args, "--config", p.Path()), in, &out, &out)
	return status, out.String()
}

// runs fails the test unless the verb ends with that status and says that.
func (p *process) runs(want int, says string, args ...string) {
	p.t.Helper()
	if got, said := p.verb(args...); got != want || !strings.Contains(said, says) {
		p.t.Errorf("headgate %s: status %d, want %d with %q\n%s", strings.Join(args, " "), got, want, says, said)
	}
}

func TestARemovedDestinationIsSeenAndForgotten(t *testing.T) {
	t.Parallel()
	v, old := newVendor(t), newVendor(t)
	old.answer(http.StatusServiceUnavailable)
	with := strings.NewReplacer("%VENDOR%", v.URL, "%SECOND%", old.URL).Replace(twoVendors)
	p := newProcess(t, with)
	p.Start()
	p.sendMany("kept", 300)
	p.Drained("vendor")
	text, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	without, _, _ := strings.Cut(string(text), "  second:")
	p.runs(1, `destination "second" is in force`, "queue", "forget", "second", "--yes")
	p.Write(without)
	p.runs(0, "300 events pending for destination second", "check")
	p.Until("has removed it", func() bool { _, there := p.Status().Destinations["second"]; return !there })
	if got := p.Status().Orphans["second"]; got.Pending != 300 {
		t.Errorf("%+v", got)
	}
	p.runs(0, "removed destination second: 300 events pending", "queue", "status")
	p.runs(1, `did you mean "second"?`, "queue", "forget", "secnd")
	p.runs(1, "second: 300 events pending (0 of them retrying), 0 dead letters are lost for good.", "queue", "forget", "second")
	if got := p.Status().Orphans["second"]; got.Pending != 300 {
		t.Errorf("it was forgotten without a yes: %+v", got)
	}
	p.runs(0, "second is forgotten: 300 events pending", "queue", "forget", "second", "--yes")
	p.Kill()
	p.Start()
	if s := p.Status(); len(s.Orphans) > 0 {
		t.Errorf("after a kill: %+v", s.Orphans)
	}
	if !strings.Contains(p.Output.String(), "a removed destination has events pending") {
		t.Error("the reload did not warn of it")
	}
	p.Write(string(text)) // it comes back as a new one
	var s status.Status
	p.Until("has it again", func() bool { s = p.Status(); _, there := s.Destinations["second"]; return there })
	if d := s.Destinations["second"]; d.Filtered != 300 || d.Pending != 0 {
		t.Errorf("it came back with %+v", d)
	}
}

func TestWhatMayCountTwiceIsNotSentAgainUnasked(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL))
	p.Start()
	p.sendMany("sent", 200)
	p.Drained()
	p.runs(1, `no destination "vndor"; did you mean "vendor"?`, "replay", "--to", "vndor", "--since", "1h")
	p.runs(1, `no destination "vndor"; did you mean "vendor"?`, "dead", "retry", "--to", "vndor")
	p.runs(0, "200 of them it may have had already", "replay", "--to", "vendor", "--since", "1h", "--dry-run")
	p.runs(1, "vendor may have had 200 of 200 events already, and counts an event that comes twice as two.", "replay", "--to", "vendor", "--since", "1h")
	p.runs(0, "0 of", "replay", "--to", "vendor", "--since", "1h", "--where", `name == "refund"`)
	p.runs(0, "0 dead letters sent again", "dead", "retry")
	p.Drained()
	if n := v.received(); n != 200 {
		t.Fatalf("%d events came without a yes", n)
	}
	p.runs(0, "200 of 200 events sent again to vendor", "replay", "--to", "vendor", "--since", "1h", "--yes")
	p.Drained()
	if n := v.received(); n != 400 {
		t.Errorf("%d events came, want 400", n)
	}
}

func TestADeadLetterThatMayHaveArrivedIsNotRetriedUnasked(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.answer(http.StatusServiceUnavailable)
	p := newProcess(t, strings.ReplaceAll(strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL), "delivery: {wait: 20ms}", "delivery: {wait: 20ms, retry_for: 1ms}"))
	p.Start()
	p.sendMany("unsure", 100)
	p.Drained()
	v.answer(0)
	p.runs(1, "100 of 100 dead letters were given up without a clear answer", "dead", "retry")
	p.runs(1, "vendor may have had 100 of 100 events already", "replay", "--to", "vendor", "--dead")
	p.runs(0, "100 dead letters sent again", "dead", "retry", "--yes")
	p.Drained()
	if n := v.received(); n != 100 {
		t.Errorf("%d came", n)
	}
}
