package kafka_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/kafka"
	"headgate/document"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cluster is a Kafka in this process whose topics survive a restart.
type cluster struct {
	t       testing.TB
	options []kfake.Opt
	fake    *kfake.Cluster
	port    int
}

// newCluster starts one broker with the topic events, of three partitions.
func newCluster(t testing.TB, options ...kfake.Opt) *cluster {
	t.Helper()
	c := &cluster{t: t, port: freePort(t), options: append(options, kfake.NumBrokers(1), kfake.SeedTopics(3, "events"), kfake.DataDir(t.TempDir()), kfake.SyncWrites())}
	c.start(t)
	t.Cleanup(func() { c.stop(t) })
	return c
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (c *cluster) address() string { return "127.0.0.1:" + strconv.Itoa(c.port) }

func (c *cluster) start(t testing.TB) {
	t.Helper()
	fake, err := kfake.NewCluster(append([]kfake.Opt{kfake.Ports(c.port)}, c.options...)...)
	if err != nil {
		t.Fatal(err)
	}
	c.fake = fake
}

func (c *cluster) stop(testing.TB) {
	if c.fake != nil {
		c.fake.Close()
		c.fake = nil
	}
}

// records are all records of a topic, those of a partition in their order.
func (c *cluster) records(t testing.TB, topic string) (out []*kgo.Record) {
	t.Helper()
	most := int64(0)
	for _, p := range c.fake.PartitionInfos(topic) {
		most += p.HighWatermark
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(c.address()), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for int64(len(out)) < most {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d of %d records are there: %v", len(out), most, err)
		}
		out = append(out, fetches.Records()...)
	}
	return out
}

// open opens kafka.yaml as a configuration with these settings would.
func open(t testing.TB, entry string, allow ...netip.Prefix) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	return conformance.OpenWith(t, "kafka", kafka.NewDriver, entry, func(deps *destinations.Deps) { deps.Allow = allow })
}

var loopback = netip.MustParsePrefix("127.0.0.0/8")

// destination is kafka at a cluster, with further settings; it gives up on a broker after half a minute.
func destination(t testing.TB, c *cluster, settings ...string) *destinations.Destination {
	t.Helper()
	all := strings.Join(settings, ", ")
	if !strings.Contains(all, "topic:") {
		settings = append(settings, "topic: events")
	}
	entry := fmt.Sprintf("delivery: {timeout: 30s}\nsettings: {brokers: [%q], %s}\n", c.address(), strings.Join(settings, ", "))
	d, ms := open(t, entry, loopback)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

// hasty is destination that gives up after two seconds, for brokers that are away.
func hasty(t testing.TB, c *cluster) *destinations.Destination {
	t.Helper()
	d, ms := open(t, fmt.Sprintf("delivery: {timeout: 2s}\nsettings: {brokers: [%q], topic: events}\n", c.address()), loopback)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

// closing is destination, closed at the end of the test.
func closing(t testing.TB, c *cluster, settings ...string) *destinations.Destination {
	t.Helper()
	d := destination(t, c, settings...)
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d
}
