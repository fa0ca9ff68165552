package store

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
)

// BenchmarkAdd measures what an event costs until it is in a file of its day.
func BenchmarkAdd(b *testing.B) {
	c := &clock{noon}
	st := open(b, b.TempDir(), c)
	st.logger = slog.New(slog.DiscardHandler)
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; b.Loop(); i++ {
		st.Add([]Record{{Visitor: 2 + r.Uint64N(100_000), Time: noon.UnixMilli() + int64(i), ID: uint32(i), Event: "page_view", Page: fmt.Sprint("/", i%100), Site: "shop", Country: "DE"}}, uint64(i))
		if i%flushRows == flushRows-1 {
			if err := st.Tend(context.Background(), 0); err != nil {
				b.Fatal(err)
			}
		}
	}
}
