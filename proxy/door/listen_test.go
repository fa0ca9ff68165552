package door

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"headgate/config"
)

// Whoever stops a server may be quicker than the goroutine that serves.
func TestAServeThatBeginsWithOrAfterTheShutdownEnds(t *testing.T) {
	limits := config.Defaults().Limits
	for range 200 {
		d := New(Options{Limits: &limits, Logger: slog.New(slog.DiscardHandler)})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error)
		go func() { served <- d.Serve(l, func(netip.Addr) bool { return false }, nil) }()
		if err := d.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
}
