package stores_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"headgate/destinations/conformance/link"
)

// fakeKafka is a Kafka in this process whose topic survives a restart.
type fakeKafka struct {
	address string
	options []kfake.Opt
	cluster *kfake.Cluster
}

// newKafka starts one behind a link: it tells clients its own address, so that no other one can stand before it.
func newKafka(t *testing.T, address string, way *link.Link) *fakeKafka {
	t.Helper()
	_, port, _ := strings.Cut(address, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	k := &fakeKafka{address: address, options: []kfake.Opt{kfake.NumBrokers(1), kfake.Ports(number), kfake.SeedTopics(3, "events"), kfake.DataDir(t.TempDir()), kfake.SyncWrites(),
		kfake.ListenFn(func(network, address string) (net.Listener, error) {
			listener, err := net.Listen(network, address)
			if err != nil {
				return nil, err
			}
			return way.Listener(listener), nil
		})}}
	k.start(t)
	t.Cleanup(k.stop)
	return k
}

func (k *fakeKafka) start(t *testing.T) {
	t.Helper()
	cluster, err := kfake.NewCluster(k.options...)
	if err != nil {
		t.Fatal(err)
	}
	k.cluster = cluster
}

func (k *fakeKafka) stop() {
	if k.cluster != nil {
		k.cluster.Close()
		k.cluster = nil
	}
}

// ids counts the events in the topic.
func (k *fakeKafka) ids(t *testing.T) map[string]int {
	t.Helper()
	most := int64(0)
	for _, partition := range k.cluster.PartitionInfos("events") {
		most += partition.HighWatermark
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(k.address), kgo.ConsumeTopics("events"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ids := map[string]int{}
	for n := int64(0); n < most; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for _, r := range fetches.Records() {
			n++
			for _, h := range r.Headers {
				if h.Key == "id" {
					ids[string(h.Value)]++
				}
			}
		}
	}
	return ids
}

// realNATS is a NATS server in this process whose stream survives a restart.
type realNATS struct {
	options server.Options
	server  *server.Server
}

func newNATS(t *testing.T, address string) *realNATS {
	t.Helper()
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	n := &realNATS{options: server.Options{Host: "127.0.0.1", Port: at.Port, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, NoSigs: true, NoLog: true}}
	n.start(t)
	t.Cleanup(n.stop)
	n.streams(t, func(js jetstream.JetStream) error {
		_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "EVENTS", Subjects: []string{"events"}, Duplicates: time.Hour})
		return err
	})
	return n
}

func (n *realNATS) start(t *testing.T) {
	t.Helper()
	options := n.options
	s, err := server.NewServer(&options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("NATS does not get ready")
	}
	n.server = s
}

func (n *realNATS) stop() {
	if n.server != nil {
		n.server.Shutdown()
		n.server.WaitForShutdown()
		n.server = nil
	}
}

func (n *realNATS) streams(t *testing.T, do func(js jetstream.JetStream) error) {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(n.server))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := do(js); err != nil {
		t.Fatal(err)
	}
}

// ids counts the events in the stream.
func (n *realNATS) ids(t *testing.T) map[string]int {
	t.Helper()
	ids := map[string]int{}
	n.streams(t, func(js jetstream.JetStream) error {
		s, err := js.Stream(t.Context(), "EVENTS")
		if err != nil {
			return err
		}
		for seq := uint64(1); seq <= s.CachedInfo().State.LastSeq; seq++ {
			m, err := s.GetMsg(t.Context(), seq)
			if err != nil {
				return err
			}
			ids[m.Header.Get(jetstream.MsgIDHeader)]++
		}
		return nil
	})
	return ids
}
