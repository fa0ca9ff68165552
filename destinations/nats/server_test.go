package nats_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/nats"
	"headgate/document"
)

// The server's own goroutines outlive its shutdown for a moment; the client's must not.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine.func1"))
}

// broker is a real NATS server in this process, whose streams survive a restart.
type broker struct {
	options server.Options
	server  *server.Server
}

// newBroker starts a server with a stream that captures shop.>.
func newBroker(t testing.TB, change func(o *server.Options)) *broker {
	t.Helper()
	b := &broker{options: server.Options{Host: "127.0.0.1", Port: freePort(t), JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, NoSigs: true, NoLog: true}}
	if change != nil {
		change(&b.options)
	}
	b.start(t)
	t.Cleanup(func() { b.stop(t) })
	b.stream(t, func(js jetstream.JetStream) error {
		_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "SHOP", Subjects: []string{"shop.>"}, MaxMsgSize: 600_000})
		return err
	})
	return b
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

func (b *broker) address() string { return fmt.Sprintf("nats://127.0.0.1:%d", b.options.Port) }

func (b *broker) start(t testing.TB) {
	t.Helper()
	options := b.options
	s, err := server.NewServer(&options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not get ready")
	}
	b.server = s
}

func (b *broker) stop(testing.TB) {
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
		b.server = nil
	}
}

// stream does something with the server's streams, from within.
func (b *broker) stream(t testing.TB, do func(js jetstream.JetStream) error) {
	t.Helper()
	options := []client.Option{client.InProcessServer(b.server)}
	if len(b.options.Users) > 0 {
		options = append(options, client.UserInfo(b.options.Users[0].Username, b.options.Users[0].Password))
	}
	conn, err := client.Connect("", options...)
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

// messages are all messages of the stream in their order.
func (b *broker) messages(t testing.TB) (out []*jetstream.RawStreamMsg) {
	t.Helper()
	b.stream(t, func(js jetstream.JetStream) error {
		s, err := js.Stream(context.Background(), "SHOP")
		if err != nil {
			return err
		}
		last := s.CachedInfo().State.LastSeq
		for seq := uint64(1); seq <= last; seq++ {
			m, err := s.GetMsg(context.Background(), seq)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out
}

// open opens nats.yaml as a configuration with these settings would.
func open(t testing.TB, entry string, change func(*destinations.Deps)) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	return conformance.OpenWith(t, "nats", nats.NewDriver, entry, change)
}

// destination is nats at a broker, with further settings; it gives up on a server after half a minute.
func destination(t testing.TB, b *broker, settings ...string) *destinations.Destination {
	t.Helper()
	if !strings.Contains(strings.Join(settings, ","), "subject:") {
		settings = append(settings, "subject: shop.events")
	}
	d, ms := open(t, fmt.Sprintf("delivery: {timeout: 30s}\nsettings: {servers: [%q], %s}\n", b.address(), strings.Join(settings, ", ")), nil)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

// hasty is destination that gives up after two seconds, for servers that are away.
func hasty(t testing.TB, b *broker) *destinations.Destination {
	t.Helper()
	return hastyAt(t, b.address())
}

func hastyAt(t testing.TB, address string) *destinations.Destination {
	t.Helper()
	d, ms := open(t, fmt.Sprintf("delivery: {timeout: 2s}\nsettings: {servers: [%q], subject: shop.events}\n", address), nil)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

// closing is destination, closed at the end of the test.
func closing(t testing.TB, b *broker, settings ...string) *destinations.Destination {
	t.Helper()
	d := destination(t, b, settings...)
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d
}
