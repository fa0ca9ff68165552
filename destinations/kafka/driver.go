// Package kafka is the driver that produces events into topics of Kafka.
//
// It promises that an event is delivered only when all replicas in sync have it, and that the records of one key are produced in
// the order in which they are handed over. It creates and deletes nothing.
package kafka

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"headgate/destinations"
	"headgate/destinations/message"
	"headgate/document"
	"headgate/event"
	"headgate/event/trace"
)

// Driver produces the events of one destination. Its client is made by the first Deliver and kept.
type Driver struct {
	maker   *message.Maker
	options []kgo.Opt
	brokers []string
	fixed   string // the topic of all events, "" where a formula names it
	most    int    // bytes of a record
	timeout time.Duration

	mu     sync.Mutex
	client *kgo.Client
	seen   map[string]bool // topics that have taken a record of this client
	closed bool
}

// topicName is a topic as brokers allow it; . and .. are not.
var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

func isTopic(name string) bool { return topicName.MatchString(name) && name != "." && name != ".." }

// NewDriver checks the settings of kafka.yaml; Deliver is the first to connect.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	maker, ms := message.New(o, "topic")
	d := &Driver{maker: maker, timeout: max(o.Delivery.Timeout, time.Second), seen: map[string]bool{}}
	if most, ok := o.Settings.Value("max_record").Float(); ok {
		d.most = int(most)
	}
	if len(ms) == 0 {
		if d.fixed = maker.Fixed(); d.fixed != "" && !isTopic(d.fixed) {
			ms.Add(o.Settings.Place("topic"), fmt.Sprintf("topic: %q cannot be a topic", d.fixed), "write letters, digits, dots, underscores and hyphens, 249 at most")
		}
	}
	for _, v := range o.Settings.Value("brokers").List() {
		host, port, found := strings.Cut(v.Text(), ":")
		if host == "" || !found || port == "" || strings.ContainsAny(v.Text(), "/ ") {
			ms.Add(o.Settings.Place("brokers"), fmt.Sprintf("brokers: %q is not a host with a port", v.Text()), "write it as kafka-1.shop.example:9092")
		}
		d.brokers = append(d.brokers, v.Text())
	}
	options, wrong := clientOptions(o, d.brokers, d.most, d.timeout)
	if ms = append(ms, wrong...); len(ms) > 0 {
		return nil, ms
	}
	d.options = options
	return d, nil
}

// Deliver produces the events and waits for all of them. The first are on their way while the last are still made.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	verdicts := make([]destinations.Verdict, len(batch))
	client, err := d.connected(ctx)
	if err != nil {
		v := judgeConnection(err)
		for i := range batch {
			if _, why := d.record(batch[i].Event); why != "" {
				verdicts[i] = destinations.Verdict{Kind: destinations.Reject, Why: why}
				continue
			}
			verdicts[i] = v
		}
		return verdicts
	}
	// Not by RecordDeliveryTimeout, which counts from a record's timestamp: that is when the event happened.
	patient, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	results := make([]kgo.ProduceResult, len(batch))
	var open sync.WaitGroup
	for i := range batch {
		r, why := d.record(batch[i].Event)
		if why != "" {
			verdicts[i] = destinations.Verdict{Kind: destinations.Reject, Why: why}
			continue
		}
		open.Add(1)
		client.Produce(patient, r, func(r *kgo.Record, err error) {
			results[i] = kgo.ProduceResult{Record: r, Err: err}
			open.Done()
		})
	}
	open.Wait()
	d.note(client, results)
	for i := range results {
		if results[i].Record != nil {
			verdicts[i] = judge(results[i], d.knows(results[i].Record.Topic), d.fixed != "")
		}
	}
	d.explain(ctx, client, verdicts)
	return verdicts
}

// note keeps what the results say of topics, and lets a client go whose id is spent.
func (d *Driver) note(client *kgo.Client, results []kgo.ProduceResult) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range results {
		r := &results[i]
		if r.Record != nil && r.Err == nil && !d.seen[r.Record.Topic] && len(d.seen) < mostTopics {
			d.seen[strings.Clone(r.Record.Topic)] = true
		}
		if isSpent(r.Err) && d.client == client {
			d.client = nil
			go client.Close() // what it still has fails and is retried
		}
	}
}

// knows reports whether a topic has taken a record of this client.
func (d *Driver) knows(topic string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[topic]
}

// mostTopics bounds the topics that are remembered, since formulas may name any number.
const mostTopics = 10_000

// record is the record of an event; why says that it can never be one.
func (d *Driver) record(e *event.Event) (r *kgo.Record, why string) {
	m := d.maker.Make(e)
	switch {
	case !isTopic(m.To):
		return nil, fmt.Sprintf("its topic would be %q, which cannot be a topic", m.To)
	case len(m.Body)+len(m.Key) > d.most:
		return nil, fmt.Sprintf("it takes %d bytes, and a record may have %d", len(m.Body)+len(m.Key), d.most)
	}
	r = &kgo.Record{Topic: m.To, Value: m.Body, Timestamp: e.Time, Headers: []kgo.RecordHeader{{Key: "id", Value: []byte(e.ID)}, {Key: "name", Value: []byte(e.Name)}}}
	if m.Key != "" {
		r.Key = []byte(m.Key)
	}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Name, Value: []byte(h.Value)})
	}
	return r, ""
}

// connected returns a client that has reached a broker.
func (d *Driver) connected(ctx context.Context) (*kgo.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client != nil {
		return d.client, nil
	}
	if d.closed {
		return nil, kgo.ErrClientClosed
	}
	client, err := kgo.NewClient(d.options...)
	if err != nil {
		return nil, fmt.Errorf("the settings do not go together: %w", err)
	}
	if err := d.ping(ctx, client); err != nil {
		client.Close()
		return nil, err
	}
	d.client = client
	return client, nil
}

func (d *Driver) ping(ctx context.Context, client *kgo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	return client.Ping(ctx)
}

// explain finds out why records timed out: the client tries again by itself and keeps the reason to itself. When nobody lets it in
// any more, a person has to act.
func (d *Driver) explain(ctx context.Context, client *kgo.Client, verdicts []destinations.Verdict) {
	var why *destinations.Verdict
	for i := range verdicts {
		if verdicts[i].Kind != destinations.Retry || ctx.Err() != nil {
			continue
		}
		if why == nil {
			v := destinations.Verdict{Kind: destinations.Retry}
			if err := d.ping(ctx, client); err != nil {
				v = judgeConnection(err)
			}
			why = &v
		}
		if why.Why != "" {
			verdicts[i].Kind, verdicts[i].Why = why.Kind, why.Why
		}
	}
}

// Show shows the records and produces none.
func (d *Driver) Show(batch []destinations.Sending) ([]trace.Request, []destinations.Verdict) {
	return d.maker.Shown(batch, "kafka", strings.Join(d.brokers, ","), func(e *event.Event) []event.Header {
		return []event.Header{{Name: "id", Value: e.ID}, {Name: "name", Value: e.Name}}
	}, func(e *event.Event) string {
		_, why := d.record(e)
		return why
	})
}

// Erase says what a person has to do: records cannot be removed one by one.
func (d *Driver) Erase(context.Context, destinations.Person) (destinations.Erased, error) {
	return destinations.Erased{Advice: "records stay in their topics until retention ends, and in what reads them; erase the person there, and shorten retention.ms where that is too late"}, nil
}

// Close closes the client.
func (d *Driver) Close(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.client != nil {
		d.client.Close()
		d.client = nil
	}
	return nil
}
