package nats_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"headgate/queue/nats"
	"headgate/queue/stream"
	"headgate/queue/stream/conform"
)

// TestAServerConforms holds one server to what every store promises. What a cluster of several nodes adds is tested by queue,
// together with what it makes of it.
func TestAServerConforms(t *testing.T) {
	conform.Store(t, func(t *testing.T) conform.Subject {
		s, err := nats.Open(t.Context(), server(t, 1<<30))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// server starts a NATS server on loopback with so many bytes of storage, and returns what opens it.
func server(t *testing.T, bytes int64) nats.Options {
	s, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, JetStream: true, JetStreamMaxStore: bytes,
		StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("the server does not start")
	}
	return nats.Options{URL: s.ClientURL(), Replicas: 1, MaxBytes: 64 << 20, LeaseTerm: 10 * time.Second, Logger: slog.New(slog.DiscardHandler)}
}

// logged receives the messages of a logger.
type logged chan string

func (l logged) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

func TestAServerShortOfStorageIsReported(t *testing.T) {
	o := server(t, 32<<20)
	said := make(logged, 10)
	o.Logger = slog.New(slog.NewTextHandler(said, nil))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := nats.Open(ctx, o)
		ended <- err
	}()
	for _, want := range []string{"stream=" + stream.Log, "48 MiB", "queue.max_bytes", "max_file_store"} {
		message := <-said
		if !strings.Contains(message, want) {
			t.Errorf("%q lacks %q", message, want)
		}
		said <- message
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("it was opened")
	}
	if len(said) > 1 {
		t.Errorf("it is logged again: %s, %s", <-said, <-said)
	}
}
