package queue_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/queue"
)

// cluster is three NATS servers on loopback.
type cluster struct {
	t       testing.TB
	servers []*server.Server
	configs []string
	ports   []int
	tenants int
}

const clusterTenants = 40 // accounts, one for each test

func startCluster(t testing.TB) *cluster {
	c := &cluster{t: t}
	routes := freePorts(t, 3)
	c.ports = freePorts(t, 3)
	for i := range 3 {
		var b strings.Builder
		fmt.Fprintf(&b, "server_name: n%d\nlisten: \"127.0.0.1:%d\"\n", i, c.ports[i])
		fmt.Fprintf(&b, "jetstream: {store_dir: %q, sync_interval: always, max_file_store: 64GB}\n", t.TempDir())
		fmt.Fprintf(&b, "cluster: {name: test, listen: \"127.0.0.1:%d\", pool_size: -1, routes: [", routes[i])
		for _, p := range routes {
			fmt.Fprintf(&b, "\"nats://127.0.0.1:%d\",", p)
		}
		b.WriteString("]}\naccounts: {\n  SYS: {users: [{user: sys, password: sys}]}\n")
		for n := range clusterTenants {
			fmt.Fprintf(&b, "  t%d: {jetstream: enabled, users: [{user: t%d, password: pw}]}\n", n, n)
		}
		b.WriteString("}\nsystem_account: SYS\n")
		path := filepath.Join(t.TempDir(), "nats.conf")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		c.configs = append(c.configs, path)
		c.servers = append(c.servers, nil)
	}
	for i := range 3 {
		c.start(i)
	}
	t.Cleanup(func() {
		for i := range 3 {
			c.kill(i)
		}
	})
	return c
}

func freePorts(t testing.TB, n int) (ports []int) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func (c *cluster) start(i int) {
	o, err := server.ProcessConfigFile(c.configs[i])
	if err != nil {
		c.t.Fatal(err)
	}
	o.NoSigs, o.NoLog = true, true
	s, err := server.NewServer(o)
	if err != nil {
		c.t.Fatal(err)
	}
	s.Start()
	c.servers[i] = s
}

func (c *cluster) kill(i int) {
	if s := c.servers[i]; s != nil {
		s.Shutdown()
		s.WaitForShutdown()
		c.servers[i] = nil
	}
}

// tenant returns the URL of an account that nobody has used.
func (c *cluster) tenant() string {
	var urls []string
	for _, p := range c.ports {
		urls = append(urls, fmt.Sprintf("nats://t%d:pw@127.0.0.1:%d", c.tenants, p))
	}
	c.tenants++
	if c.tenants > clusterTenants {
		c.t.Fatal("more tests than accounts")
	}
	return strings.Join(urls, ",")
}

// dial returns the streams of a tenant.
func dial(t testing.TB, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// clean removes a tenant's streams, so that the next test has the cluster to itself.
func clean(t testing.TB, url string) {
	js := dial(t, url)
	for _, s := range []string{"LOG", "RETRY", "DEAD", "STATE", "LEASE", "BOARD"} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_ = js.DeleteStream(ctx, "HEADGATE_"+s) // a leftover costs time, no more
		cancel()
	}
}

func clustered(t testing.TB, dir, url, instance string) queue.Options {
	o := embedded(t, dir)
	o.Config.URL, o.Config.Replicas, o.Instance = url, 3, instance
	return o
}

func TestTheClusterConforms(t *testing.T) {
	c := startCluster(t)
	var mu sync.Mutex
	conformance(t, func(t *testing.T) func() queue.Options {
		mu.Lock()
		url := c.tenant()
		mu.Unlock()
		dir := t.TempDir()
		t.Cleanup(func() { clean(t, url) })
		return func() queue.Options { return clustered(t, dir, url, "one") }
	})
}

// TestTwoProcessesOnAClusterLoseNothing has two logs share a cluster, takes away a node and then one of the logs, and
// expects the other to deliver everything.
func TestTwoProcessesOnAClusterLoseNothing(t *testing.T) {
	c := startCluster(t)
	url := c.tenant()
	var mu sync.Mutex
	answered, got := map[string]bool{}, map[string]int{}
	unsettled := map[string][]func() error{}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wg sync.WaitGroup
	run := func(instance string) (l *queue.Log, d *desk, leave context.CancelFunc) {
		l = open(t, clustered(t, t.TempDir(), url, instance))
		d = newDesk(t, l, "a")
		ctx, leave := context.WithCancel(ctx)
		wg.Add(2)
		go func() {
			defer wg.Done()
			for i := 0; ctx.Err() == nil; i++ {
				s := fmt.Sprint(instance, "-", i)
				if l.Append(ctx, []queue.Entry{d.entry(s, queue.Due)}) == nil {
					mu.Lock()
					answered[s] = true
					mu.Unlock()
				}
			}
		}()
		go func() {
			defer wg.Done()
			for n := 0; ; n++ {
				g, err := d.cursors["a"].Next(ctx)
				if err != nil {
					return
				}
				var left []queue.Left
				if n%10 == 0 && g.Items[0].Attempt == 0 {
					left = append(left, queue.Left{Item: 0, Outcome: queue.Retry, After: 100 * time.Millisecond})
				}
				mu.Lock()
				for i, it := range g.Items {
					if len(left) == 0 || i > 0 {
						got[text(it)]++
					}
				}
				mu.Unlock()
				if g.Settle(ctx, left...) != nil {
					// A node was away, or it was cut short by leaving: whoever takes a dead log's book over hands the group out
					// again, and a living log's groups are still their holder's.
					mu.Lock()
					unsettled[instance] = append(unsettled[instance], func() error { return g.Settle(context.Background(), left...) })
					mu.Unlock()
				}
			}
		}()
		return l, d, leave
	}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(answered)
	}
	await := func(what string, ok func() bool) {
		t.Helper()
		until(t, ok, func() string { return fmt.Sprintf("%s: %d answered", what, count()) })
	}
	grow := func(what string) {
		t.Helper()
		before := count()
		await(what, func() bool { return count() > before+200 })
	}
	one, _, leaveOne := run("one")
	two, d, leaveTwo := run("two")
	grow("two logs")
	c.kill(0)
	grow("one node less")
	leaveOne() // as if killed: what it holds is not settled, its lease is not given back
	queue.Abandon(one)
	grow("one log less")
	c.start(0)
	grow("the node is back")
	leaveTwo()
	wg.Wait()

	t.Logf("%d groups are to be settled again", len(unsettled["two"]))
	for _, settle := range unsettled["two"] {
		await("a group cannot be settled", func() bool { return settle() == nil }) // the node may be on its way back
	}
	deadline := time.Now().Add(90 * time.Second)
	for {
		s := d.status("a")
		if strings.Contains(s, " 0 pending") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("still pending: %s", s)
		}
		if g := d.next("a", time.Second); g != nil {
			for _, it := range g.Items {
				got[text(it)]++
			}
			d.settle(g)
		}
	}
	lost, twice := 0, 0
	for s := range answered {
		switch n := got[s]; {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
	}
	t.Logf("%d answered, %d delivered twice: %s", len(answered), twice, d.status("a"))
	if lost > 0 {
		t.Errorf("%d answered events were never delivered", lost)
	}
	if s, err := two.Status(context.Background()); err != nil || s.Accepted < uint64(len(answered)) {
		t.Errorf("status %+v, %v", s, err)
	}
}
