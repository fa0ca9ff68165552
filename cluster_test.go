package main_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// startNodes starts three NATS servers on loopback as one cluster, synced before they acknowledge, and returns them and
// the URL that clients use.
func startNodes(t *testing.T) ([]*server.Server, string) {
	t.Helper()
	var nodes []*server.Server
	var urls, routes []string
	for range 3 {
		routes = append(routes, "nats://"+freeAddress(t))
	}
	for i := range 3 {
		address := freeAddress(t)
		conf := fmt.Sprintf("server_name: n%d\nlisten: %q\njetstream: {store_dir: %q, sync_interval: always}\ncluster: {name: test, listen: %q, pool_size: -1, routes: [%s]}\n",
			i, address, t.TempDir(), strings.TrimPrefix(routes[i], "nats://"), strings.Join(routes, ", "))
		o := &server.Options{}
		if err := o.ProcessConfigString(conf); err != nil {
			t.Fatal(err)
		}
		o.NoSigs, o.NoLog = true, true
		node, err := server.NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		node.Start()
		t.Cleanup(func() { node.Shutdown(); node.WaitForShutdown() })
		nodes = append(nodes, node)
		urls = append(urls, "nats://"+address)
	}
	return nodes, strings.Join(urls, ",")
}

func TestTwoHeadgatesOnAClusterSurviveANodeAndOneOfThemselves(t *testing.T) {
	v := newVendor(t)
	nodes, url := startNodes(t)
	config := strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL) + fmt.Sprintf("\nqueue: {url: %q, replicas: 3, instance: %%NAME%%}\n", url)
	var both [2]*process
	var loads [2]*load
	for i, name := range []string{"one", "two"} {
		both[i] = newProcess(t, strings.ReplaceAll(config, "%NAME%", name))
		both[i].start()
		loads[i] = startLoad(t, both[i].public, 4)
	}
	both[1].until("both take events", func() bool { return loads[0].count() > 200 && loads[1].count() > 200 })
	nodes[0].Shutdown()
	before := [2]int{loads[0].count(), loads[1].count()}
	both[1].until("both take events without the node", func() bool { return loads[0].count() > before[0]+100 && loads[1].count() > before[1]+100 })
	both[0].kill()
	answered := append(loads[0].stop(), loads[1].stop()...)
	var missing []string
	both[1].until("has delivered what the other had accepted", func() bool {
		missing, _ = v.missing(answered)
		return len(missing) == 0
	})
	s := both[1].drained("vendor")
	_, duplicates := v.missing(answered)
	t.Logf("%d answered by two, %d accepted, 0 lost, %d duplicates", len(answered), s.Accepted, duplicates)
}
