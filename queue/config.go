package queue

import (
	"net/url"
	"strings"
	"time"

	"headgate/document"
)

// Config is the queue section.
type Config struct {
	At            document.Place    `yaml:"-"`
	Keep          document.Duration `yaml:"keep" help:"How long events stay in the log after every destination is done with them, for replay and explain." example:"72h"`
	MaxBytes      document.Size     `yaml:"max_bytes" help:"The most the log, the retries and the dead letters take on disk together. What is finished is dropped early when it runs short; what is not never is." example:"20GiB"`
	Sync          string            `yaml:"sync" choices:"always,never" help:"always: an answer means on disk. never: the operating system writes when it likes, and a power failure can lose answered events." example:"always"`
	Recent        document.Size     `yaml:"recent" help:"How much memory the newest events may take, decoded and ready for destinations that keep up." example:"16MiB"`
	URL           string            `yaml:"url" help:"An existing NATS cluster with JetStream, instead of the log inside Headgate." example:"nats://a:4222,b:4222,c:4222"`
	Replicas      int               `yaml:"replicas" help:"With url: on how many nodes of the cluster each event is kept." example:"3"`
	Instance      string            `yaml:"instance" help:"With url: the name of this Headgate, different for each and the same after a restart. The host's name when left out." example:"headgate-1"`
	EncryptionKey document.Secret   `yaml:"encryption_key" help:"Encrypts the log on disk. Without url only; a cluster has its own setting." example:"${QUEUE_KEY}"`
}

// Default is the queue section of a configuration that has none.
func Default() Config {
	return Config{
		Keep:     document.Duration(72 * time.Hour),
		MaxBytes: 20 << 30,
		Sync:     syncAlways,
		Recent:   16 << 20,
		Replicas: 1,
	}
}

// SetDefaults makes a section that is written in part take the rest from Default.
func (c *Config) SetDefaults() { *c = Default() }

const (
	syncAlways = "always"
	syncNever  = "never"

	leastBytes = 16 << 20 // below this the streams' own files leave no room for events
	leastKey   = 16
)

// Check returns what is wrong with c, all of it.
func (c *Config) Check() document.Mistakes {
	var ms document.Mistakes
	if c.MaxBytes < leastBytes {
		ms.Add(c.At, "queue.max_bytes is "+c.MaxBytes.String(), "give it 16MiB or more")
	}
	if c.Keep < 0 {
		ms.Add(c.At, "queue.keep is "+c.Keep.String(), "write a length of time such as 72h")
	}
	if c.Recent < 0 {
		ms.Add(c.At, "queue.recent is "+c.Recent.String(), "write a size such as 16MiB, or 0")
	}
	ms = append(ms, c.checkCluster()...)
	if k := c.EncryptionKey.Reveal(); k != "" && len(k) < leastKey {
		ms.Add(c.EncryptionKey.Where(), "queue.encryption_key is too short to protect anything", "use 16 characters or more")
	}
	return ms
}

func (c *Config) checkCluster() document.Mistakes {
	var ms document.Mistakes
	if c.Replicas != 1 && c.Replicas != 3 && c.Replicas != 5 {
		ms.Add(c.At, "queue.replicas must be 1, 3 or 5", "3 survives the loss of one node")
	}
	if c.URL == "" {
		if c.Replicas > 1 {
			ms.Add(c.At, "queue.replicas without queue.url", "one process keeps one copy; name a NATS cluster with url")
		}
		if c.Instance != "" {
			ms.Add(c.At, "queue.instance without queue.url", "leave it out: the log inside Headgate has one writer")
		}
		return ms
	}
	for _, one := range strings.Split(c.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			ms.Add(c.At, "queue.url has an address that is no NATS address", "write nats://host:4222, several separated by commas")
			break
		}
	}
	if !c.EncryptionKey.IsEmpty() {
		ms.Add(c.EncryptionKey.Where(), "queue.encryption_key does nothing with queue.url", "set encryption in the NATS cluster's own configuration")
	}
	return ms
}
