package proxy

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestBatchesAreCutByTheMemoryTheyTake(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "limits: {volume_per_address: 0}\n")
	if err := r.Pause(t.Context(), "sink"); err != nil {
		t.Fatal(err)
	}
	const events, size = 80, 256 << 10
	for i := range events {
		r.send(t, fmt.Sprintf(`{"name":"purchase","id":"%d","params":{"note":"%s"}}`, i, strings.Repeat("ab ", size/3)))
	}
	d, err := r.deliveries.find("sink")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	settings := d.target.Load().destination.Delivery()
	batches := make(chan []item)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.collect(ctx, settings, batches)
	}()
	for got := 0; got < events; {
		batch := <-batches
		got += len(batch)
		held := 0
		for _, it := range batch {
			held += it.held
		}
		if most := d.target.Load().room/settings.AtOnce + 2*size; held > most || held < len(batch)*size {
			t.Errorf("a batch of %d events takes %d bytes, at most %d", len(batch), held, most)
		}
	}
	cancel()
	<-ended
}
