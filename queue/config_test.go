package queue_test

import (
	"strings"
	"testing"

	"headgate/document"
	"headgate/queue"
)

func TestConfigMistakesComeWithACure(t *testing.T) {
	for _, c := range []struct{ name, yaml, says string }{
		{"nothing", "", ""},
		{"everything", "keep: 7d\nmax_bytes: 1GiB\nsync: never\nrecent: 0\nencryption_key: ${KEY}", ""},
		{"a cluster", "url: 'nats://user:pw@a:4222, tls://b:4222'\nreplicas: 3\ninstance: one", ""},
		{"a word that is none", "sync: sometimes", "always"},
		{"no room at all", "max_bytes: 1MiB", "16MiB or more"},
		{"two replicas", "url: nats://a:4222\nreplicas: 2", "1, 3 or 5"},
		{"replicas of nothing", "replicas: 3", "queue.replicas without queue.url"},
		{"an instance of nothing", "instance: one", "queue.instance without queue.url"},
		{"a web address", "url: http://a:4222", "nats://host:4222"},
		{"an address without a scheme", "url: a:4222", "nats://host:4222"},
		{"a key for somebody else's disk", "url: nats://a:4222\nencryption_key: ${KEY}", "does nothing with queue.url"},
		{"a short key", "encryption_key: ${SHORT}", "16 characters"},
		{"a key that does not exist", "max_byte: 1GiB", "max_bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, ms := document.Parse("queue.yaml", []byte(strings.NewReplacer("${KEY}", "'0123456789abcdef'", "${SHORT}", "'0123'").Replace(c.yaml)))
			cfg := queue.Default()
			ms = append(ms, document.Decode(n, &cfg)...)
			var other document.Mistakes
			for _, m := range append(ms, cfg.Check()...) {
				if !strings.Contains(m.Fact, "secret") { // that secrets are to be referred to is document's business
					other = append(other, m)
				}
			}
			got := other.Error()
			if c.says == "" && got != "" || !strings.Contains(got, c.says) {
				t.Errorf("says %q, want %q", got, c.says)
			}
		})
	}
}
