package kafka_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	rows "headgate/destinations/conformance"
)

// BenchmarkRowsIntoKafka produces into a broker in this process, which keeps records in memory.
func BenchmarkRowsIntoKafka(b *testing.B) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(6, "events"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(fake.Close)
	d, ms := open(b, fmt.Sprintf("settings: {brokers: [%q], topic: events}\n", fake.ListenAddrs()[0]), loopback)
	if len(ms) > 0 {
		b.Fatal(ms)
	}
	b.Cleanup(func() { _ = d.Close(b.Context()) })
	rows.Rows(b, d, d.Delivery().Events, d.Delivery().AtOnce)
}
