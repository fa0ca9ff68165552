package proxy

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"headgate/config"
)

// BenchmarkIsolation measures what a healthy destination is delivered each second while nothing is wrong, and beside three
// that refuse connections, hang, and answer 500. The second is to be at least nine tenths of the first.
func BenchmarkIsolation(b *testing.B) {
	var arrived atomic.Int64
	healthy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a short body counts for what it holds
		arrived.Add(int64(strings.Count(string(body), `"bench"`)))
	}))
	b.Cleanup(healthy.Close)
	hang := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	b.Cleanup(func() { close(hang); hanging.Close() })
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	b.Cleanup(failing.Close)
	refusing := refusingAddress(b)

	const one = "  %s: {use: webhook, consent: {needs: [analytics]}, settings: {url: %q}, delivery: {wait: 20ms}}\n"
	alone := fmt.Sprintf(one, "healthy", healthy.URL)
	beside := alone + fmt.Sprintf(one, "hanging", hanging.URL) + fmt.Sprintf(one, "failing", failing.URL) + fmt.Sprintf(one, "refusing", "http://"+refusing)
	for name, list := range map[string]string{"alone": alone, "beside three dead ones": beside} {
		b.Run(name, func(b *testing.B) { deliverTo(b, list, &arrived) })
	}
}

func refusingAddress(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// deliverTo accepts b.N events as fast as they are delivered to the healthy destination, and reports its rate.
func deliverTo(b *testing.B, list string, arrived *atomic.Int64) {
	folder := b.TempDir()
	path := filepath.Join(folder, "headgate.yaml")
	text := fmt.Sprintf("listen: \"127.0.0.1:0\"\ndata: %s\nadmin: {listen: \"off\"}\nlimits: {per_address: 0, volume_per_address: 0}\negress: {allow: [127.0.0.0/8]}\nconsent: {regions: {unknown: none}}\ndestinations:\n%s",
		filepath.Join(folder, "data"), list)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	s, _, err := wired(b.Context(), Options{Path: path, Deps: config.Deps{Logger: logger}, Logger: logger}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx) // the hanging destination is cut off
	})
	arrived.Store(0)
	b.ResetTimer()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if answer := s.answer(postHit(`{"name":"bench"}`)); answer.Status != 202 {
				b.Fatalf("%d %s", answer.Status, answer.Body)
			}
		}
	})
	for arrived.Load() < int64(b.N) {
		if b.Elapsed() > time.Minute {
			b.Fatalf("%d of %d arrived", arrived.Load(), b.N)
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // a benchmark waits for the real network
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "delivered/s")
}
