package postgres_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"headgate/destinations"
)

func TestAServerThatIsAwayIsTriedAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	listener.Close()
	d := destination(t, with(t, func(u *url.URL) { u.Host = nobody }), "events")
	deliver(t, d, destinations.Retry, some(0, 3)...)
}

func TestAServerThatHangsUpIsTriedAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	d := destination(t, with(t, func(u *url.URL) { u.Host = listener.Addr().String() }), "events")
	deliver(t, d, destinations.Retry, some(0, 3)...)
}

func TestAConnectionThatDiedWhileIdleCostsNothing(t *testing.T) {
	conn, schema := schema(t)
	d := destination(t, address, schema+".events")
	deliver(t, d, destinations.Delivered, some(0, 3)...)
	run(t, conn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'headgate'")
	deliver(t, d, destinations.Delivered, some(3, 6)...)
	if n := count(t, conn, "SELECT count(*) FROM events"); n != 6 {
		t.Errorf("%d rows, want 6", n)
	}
}

// cut is a proxy before the server that breaks the connection after so many bytes from the client.
func cut(t *testing.T, after int64) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(all.Wait)
	t.Cleanup(func() { listener.Close() })
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", server.Host)
			if err != nil {
				client.Close()
				return
			}
			all.Go(func() { _, _ = io.Copy(client, upstream); client.Close() })
			all.Go(func() {
				_, _ = io.CopyN(upstream, client, after)
				client.Close()
				upstream.Close()
			})
		}
	})
	return listener.Addr().String()
}

func TestAConnectionThatBreaksAnywhereLosesAndDoublesNothing(t *testing.T) {
	conn, schema := schema(t)
	deliver(t, destination(t, address, schema+".events"), destinations.Delivered, some(0, 1)...)
	broken := 0
	for after := int64(0); after < 40_000; after += 1500 {
		d := destination(t, with(t, func(u *url.URL) { u.Host = cut(t, after) }), schema+".events")
		before := count(t, conn, "SELECT count(*) FROM events")
		batch := some(int(after)+1, int(after)+101)
		verdicts := d.Deliver(t.Context(), sendings(batch...))
		landed := count(t, conn, "SELECT count(*) FROM events") - before
		switch kind := verdicts[0].Kind; {
		case kind == destinations.Delivered && landed != 100:
			t.Fatalf("cut after %d bytes: delivered, but %d of 100 rows are there", after, landed)
		case kind == destinations.Retry && landed != 0 && landed != 100:
			t.Fatalf("cut after %d bytes: %d of 100 rows are there", after, landed)
		case kind != destinations.Delivered && kind != destinations.Retry:
			t.Fatalf("cut after %d bytes: %s: %s", after, kind, verdicts[0].Why)
		case kind == destinations.Retry:
			broken++
		}
		deliver(t, destination(t, address, schema+".events"), destinations.Delivered, batch...)
		if landed = count(t, conn, "SELECT count(*) FROM events") - before; landed != 100 {
			t.Fatalf("cut after %d bytes and tried again: %d of 100 rows are there", after, landed)
		}
	}
	if broken < 5 || broken > 25 {
		t.Errorf("%d of 27 connections broke: the test has lost its point", broken)
	}
}

func TestACancelledDeliveryIsTriedAgain(t *testing.T) {
	_, schema := schema(t)
	d := destination(t, address, schema+".events")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, v := range d.Deliver(ctx, sendings(some(0, 3)...)) {
		if v.Kind != destinations.Retry {
			t.Errorf("%s: %s", v.Kind, v.Why)
		}
	}
}
