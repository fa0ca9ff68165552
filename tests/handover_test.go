package tests_test

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"headgate/tests/trial"
)

const handoverConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: %DATA%
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
destinations:
  vendor:
    use: webhook
    settings: {url: "%VENDOR%"}
    delivery: {wait: 10ms}
    consent: {needs: none, reason: the test's own}
`

// withoutARefusal runs clients that keep their connections and ones that make a new one each time while something is done, and
// expects every request to be answered with success and every event to arrive once.
func (p *process) withoutARefusal(v *vendor, what func()) {
	p.t.Helper()
	kept, fresh := startLoad(p.t, p.Public, 4), startFreshLoad(p.t, p.Public, 4)
	p.until(func() bool { return kept.count() > 50 && fresh.count() > 50 })
	what()
	n, m := kept.count(), fresh.count()
	p.until(func() bool { return kept.count() > n+50 && fresh.count() > m+50 })
	ids := append(kept.stop(), fresh.stop()...)
	for name, l := range map[string]*load{"connections that are kept": kept, "new connections": fresh} {
		if l.broken > 0 || len(l.statuses) != 1 {
			p.t.Errorf("%s: %d requests without an answer, and answers %v", name, l.broken, l.statuses)
		}
	}
	p.Drained()
	if missing, duplicates := v.missing(ids); len(missing) > 0 || duplicates > 0 {
		p.t.Errorf("of %d events %d are missing, and %d came twice", len(ids), len(missing), duplicates)
	}
}

func (p *process) until(holds func() bool) {
	p.t.Helper()
	p.Until("takes more events", holds)
}

func TestAnotherProcessTakesOverWithoutARefusedConnection(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(handoverConfig, "%VENDOR%", v.URL))
	p.Start()
	for range 2 {
		p.withoutARefusal(v, p.TakeOver)
	}
	p.Stop()
}

func TestAMistakeInTheConfigurationLeavesTheRunningProcessAlone(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(handoverConfig, "%VENDOR%", v.URL))
	p.Start()
	good, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	p.Write(strings.ReplaceAll(string(good), "use: webhook", "use: webhok"))
	p.runs(1, `did you mean "webhook"?`, "serve", "--take-over")
	p.post(`{"name":"purchase"}`)
	p.Write(string(good))
	p.Drained()
	if n := v.received(); n != 1 {
		t.Errorf("%d events came", n)
	}
}

func TestTakingOverFromNobodyIsAPlainStart(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(handoverConfig, "%VENDOR%", v.URL))
	p.Start()
	p.Kill() // its socket file is left behind
	p.StartTakingOver()
	p.Stop()
	if !strings.Contains(p.Output.String(), "there is nobody to take over from") {
		t.Errorf("it says\n%s", p.Output)
	}
}

func TestASocketThatSystemdHoldsOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	address := trial.FreeAddress(t)
	p := newProcess(t, strings.NewReplacer("%VENDOR%", v.URL, "%PUBLIC%", "127.0.0.1:1").Replace(handoverConfig)) // the unit says where, not the configuration
	p.Public = "http://" + address
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	socket := l.(*net.TCPListener)
	p.StartActivated(socket)
	p.withoutARefusal(v, func() {
		p.Stop()
		p.StartActivated(socket)
	})
	p.Stop()
}

func TestTheAdminSideIsHandedOverToo(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(handoverConfig, "%VENDOR%", v.URL))
	p.Start()
	p.TakeOver()
	p.Until("is ready", func() bool {
		resp, err := http.Get(p.Admin + "/readyz")
		if err != nil {
			t.Fatal(err) // refused
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	p.Stop()
}
