package tests_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"headgate/consent/people"
	"headgate/tests/trial"
)

// node is a NATS server that can be started again.
type node struct {
	*server.Server
	t       *testing.T
	options *server.Options
}

func (n *node) start() {
	n.t.Helper()
	var err error
	if n.Server, err = server.NewServer(n.options.Clone()); err != nil {
		n.t.Fatal(err)
	}
	n.Start()
}

func (n *node) stop() {
	n.Shutdown()
	n.WaitForShutdown()
}

// startNodes starts three NATS servers on loopback as one cluster, synced before they acknowledge, and returns them and
// the URL that clients use.
func startNodes(t *testing.T) ([]*node, string) {
	t.Helper()
	var nodes []*node
	var urls, routes []string
	for range 3 {
		routes = append(routes, "nats://"+trial.FreeAddress(t))
	}
	for i := range 3 {
		address := trial.FreeAddress(t)
		conf := fmt.Sprintf("server_name: n%d\nlisten: %q\njetstream: {store_dir: %q, max_file_store: 64GB, sync_interval: always}\ncluster: {name: test, listen: %q, pool_size: -1, routes: [%s]}\n",
			i, address, t.TempDir(), strings.TrimPrefix(routes[i], "nats://"), strings.Join(routes, ", "))
		n := &node{t: t, options: &server.Options{}}
		if err := n.options.ProcessConfigString(conf); err != nil {
			t.Fatal(err)
		}
		n.options.NoSigs, n.options.NoLog = true, true
		n.start()
		t.Cleanup(n.stop)
		nodes = append(nodes, n)
		urls = append(urls, "nats://"+address)
	}
	return nodes, strings.Join(urls, ",")
}

func TestTwoHeadgatesOnAClusterSurviveANodeAndOneOfThemselves(t *testing.T) {
	v := newVendor(t)
	nodes, url := startNodes(t)
	both := twoHeadgates(t, v, url)
	var loads [2]*load
	for i := range both {
		loads[i] = startLoad(t, both[i].Public, 4)
	}
	both[1].Until("both take events", func() bool { return loads[0].count() > 200 && loads[1].count() > 200 })
	nodes[0].Shutdown()
	before := [2]int{loads[0].count(), loads[1].count()}
	both[1].Until("both take events without the node", func() bool { return loads[0].count() > before[0]+100 && loads[1].count() > before[1]+100 })
	both[0].Kill()
	answered := append(loads[0].stop(), loads[1].stop()...)
	var missing []string
	both[1].Until("has delivered what the other had accepted", func() bool {
		missing, _ = v.missing(answered)
		return len(missing) == 0
	})
	s := both[1].Drained("vendor")
	_, duplicates := v.missing(answered)
	t.Logf("%d answered by two, %d accepted, 0 lost, %d duplicates", len(answered), s.Accepted, duplicates)
}

// twoHeadgates starts two on a cluster that deliver to the vendor, and returns them.
func twoHeadgates(t *testing.T, v *vendor, url string) (both [2]*process) {
	t.Helper()
	config := strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL) + fmt.Sprintf("\nqueue: {url: %q, replicas: 3, instance: %%NAME%%}\n", url)
	for i, name := range []string{"one", "two"} {
		both[i] = newProcess(t, strings.ReplaceAll(config, "%NAME%", name))
		both[i].Start()
	}
	return both
}

// of sends an event of a visitor who agrees to it.
func (p *process) of(visitor, id string) {
	p.t.Helper()
	p.send("/e", fmt.Sprintf(`{"name":"purchase","id":%q,"client_id":%q,"consent":{"analytics":true,"ads":true}}`, id, visitor))
}

// listed reports whether the process has a visitor in its own list of those who must not be tracked, on its own disk.
func (p *process) listed(visitor string) bool {
	text, err := os.ReadFile(filepath.Join(p.Folder, "data", "suppressed.jsonl"))
	return err == nil && strings.Contains(string(text), people.ClientSubject(visitor).String())
}

// hears waits until the process has heard of a visitor's choice that another was told, and says how long that took.
func (p *process) hears(visitor string) {
	p.t.Helper()
	began := time.Now()
	p.Until("has heard of "+visitor, func() bool { return p.listed(visitor) })
	p.t.Logf("%s was heard of after %v", visitor, time.Since(began))
}

func TestAWithdrawalToldToOneHeadgateHoldsAtAllOfTheCluster(t *testing.T) {
	v := newVendor(t)
	v.answer(http.StatusServiceUnavailable)
	_, url := startNodes(t)
	both := twoHeadgates(t, v, url)
	one, two := both[0], both[1]
	withdraws := func(p *process, visitor string) {
		t.Helper()
		p.sendAs(visitor, "/consent", `{"consent":{"analytics":false,"ads":false}}`)
		if !p.listed(visitor) {
			t.Error("it was answered before it was on disk")
		}
	}
	for i, p := range both {
		p.of("leaver", fmt.Sprint("leaver-", i))
		p.of("stayer", fmt.Sprint("stayer-", i))
		p.of("later", fmt.Sprint("later-", i))
	}
	one.Until("has asked in vain", func() bool { return v.tries() >= 2 })
	withdraws(two, "leaver")
	one.hears("leaver")

	// One that is down while someone withdraws knows it when it accepts again.
	one.Kill()
	withdraws(two, "later")
	two.command(0, "subject", "suppress", "never", "--as", "client_id", "--config", two.Path())
	one.Start()
	if !one.listed("later") || !one.listed("never") {
		t.Error("it accepts before it knows what the other was told meanwhile")
	}
	two.command(0, "subject", "suppress", "nobody", "--as", "client_id", "--config", two.Path())
	one.hears("nobody")
	for _, p := range both {
		p.of("never", "never")
		p.of("nobody", "nobody")
		p.of("leaver", "came back") // what comes after a withdrawal speaks for itself
	}
	v.answer(0)
	for _, p := range both {
		p.Drained("vendor")
	}
	if missing, _ := v.missing([]string{"stayer-0", "stayer-1", "came back"}); len(missing) > 0 {
		t.Errorf("never delivered: %v", missing)
	}
	forbidden := []string{"leaver-0", "leaver-1", "later-0", "later-1", "never", "nobody"}
	if missing, _ := v.missing(forbidden); len(missing) != len(forbidden) {
		t.Errorf("of %v only %v stayed away", forbidden, missing)
	}
}

func TestAWithdrawalWithoutTheClusterIsRefusedAndToldWhenItIsBack(t *testing.T) {
	v := newVendor(t)
	nodes, url := startNodes(t)
	both := twoHeadgates(t, v, url)
	nodes[1].stop()
	nodes[2].stop()
	status, said := both[0].postAs("leaver", "/consent", `{"consent":{"analytics":false}}`)
	if status != http.StatusServiceUnavailable || !both[0].listed("leaver") {
		t.Errorf("%d %s; in its own file: %v", status, said, both[0].listed("leaver"))
	}
	if both[1].listed("leaver") {
		t.Error("the other knows without a cluster")
	}
	nodes[1].start()
	nodes[2].start()
	both[1].hears("leaver")
}
