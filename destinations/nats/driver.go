// Package nats is the driver that publishes events into streams of NATS JetStream. It is not the log's own NATS, which only
// queue/nats knows.
//
// It promises that an event is delivered only when a stream has stored it, that messages are published in the order in which they are
// handed over, and that each carries the event's id, by which a stream drops what comes twice. It creates and deletes nothing.
package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/destinations"
	"headgate/destinations/message"
	"headgate/document"
	"headgate/event"
	"headgate/event/trace"
)

// Driver publishes the events of one destination. Its connection is made by the first Deliver and kept; it comes back by itself.
type Driver struct {
	maker   *message.Maker
	options []nats.Option
	servers []string
	timeout time.Duration
	now     func() time.Time

	capture capture

	mu     sync.Mutex
	link   *link
	closed bool
}

// link is one connection.
type link struct {
	conn *nats.Conn
	js   jetstream.JetStream

	denied chan error // what the server said that may not be published; room for one
}

const pendingMost = 256 // messages in flight

// NewDriver checks the settings of nats.yaml; Deliver is the first to connect.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	maker, ms := message.New(o, "subject")
	d := &Driver{maker: maker, timeout: max(o.Delivery.Timeout, time.Second), now: o.Now}
	if len(ms) == 0 {
		fixed := maker.Fixed()
		if d.capture.single = fixed != ""; d.capture.single && !isSubject(fixed) {
			ms.Add(o.Settings.Place("subject"), fmt.Sprintf("subject: %q cannot be a subject", fixed), "write words with dots between them, without blanks, * and >")
		}
	}
	var wrong document.Mistakes
	d.options, wrong = connectOptions(o, d.timeout)
	ms = append(ms, wrong...)
	d.servers, wrong = serversOf(o)
	if ms = append(ms, wrong...); len(ms) > 0 {
		return nil, ms
	}
	return d, nil
}

// isSubject reports whether a message can be published there: https://docs.nats.io/nats-concepts/subjects
func isSubject(s string) bool {
	for word := range strings.SplitSeq(s, ".") {
		if word == "" || strings.ContainsAny(word, " \t\r\n\f*>\x00") {
			return false
		}
	}
	return !strings.HasPrefix(s, "$")
}

// Deliver publishes the events and waits until a stream has stored each.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	verdicts := make([]destinations.Verdict, len(batch))
	l, err := d.connected(ctx)
	if err == nil {
		err = l.reconnected(ctx)
	}
	if err != nil {
		v := d.judge(err)
		for i := range verdicts {
			verdicts[i] = v
		}
		return verdicts
	}
	select {
	case <-l.denied: //nolint:errcheck // of an earlier batch
	default:
	}
	acks := make([]jetstream.PubAckFuture, len(batch))
	var broken *destinations.Verdict // nothing is published after a failure: it would overtake
	for i := range batch {
		if broken != nil {
			verdicts[i] = *broken
			continue
		}
		m, why := d.message(batch[i].Event)
		if why != "" {
			verdicts[i] = destinations.Verdict{Kind: destinations.Reject, Why: why}
			continue
		}
		if acks[i], err = l.js.PublishMsgAsync(m, jetstream.WithStallWait(d.timeout), jetstream.WithRetryAttempts(0)); err != nil {
			if verdicts[i] = d.judge(err); verdicts[i].Kind != destinations.Reject {
				broken = &verdicts[i]
			}
		}
	}
	d.await(ctx, l, acks, verdicts)
	return verdicts
}

// await waits for the answers of streams.
func (d *Driver) await(ctx context.Context, l *link, acks []jetstream.PubAckFuture, verdicts []destinations.Verdict) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	for i, ack := range acks {
		if ack == nil {
			continue
		}
		select {
		case <-ack.Ok():
			verdicts[i] = destinations.Verdict{Kind: destinations.Delivered}
			d.capture.seen()
		case err := <-ack.Err():
			verdicts[i] = d.judge(err)
		case err := <-l.denied:
			stop(err) // no answer comes to what was denied
			verdicts[i] = d.judge(err)
		case <-ctx.Done():
			verdicts[i] = d.judge(context.Cause(ctx))
		}
	}
}

// judge says what an error of a message means.
func (d *Driver) judge(err error) destinations.Verdict {
	v, captured := judge(err)
	if !captured {
		return d.capture.missing(d.now())
	}
	return v
}

// message is the message of an event; why says that it can never be one.
func (d *Driver) message(e *event.Event) (m *nats.Msg, why string) {
	made := d.maker.Make(e)
	if !isSubject(made.To) {
		return nil, fmt.Sprintf("its subject would be %q, which cannot be a subject", made.To)
	}
	m = nats.NewMsg(made.To)
	m.Data = made.Body
	for _, h := range made.Headers {
		if strings.ContainsAny(h.Name, ":\r\n ") || h.Name == "" || strings.ContainsAny(h.Value, "\r\n") {
			return nil, fmt.Sprintf("its header %q would hold a line break, or has a name that cannot be one", h.Name)
		}
		m.Header.Set(h.Name, h.Value)
	}
	if strings.ContainsAny(e.ID, "\r\n") {
		return nil, "its id holds a line break"
	}
	m.Header.Set(jetstream.MsgIDHeader, e.ID)
	return m, ""
}

// connected returns the connection, or makes one.
func (d *Driver) connected(ctx context.Context) (*link, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return nil, nats.ErrConnectionClosed
	case d.link != nil && !d.link.conn.IsClosed():
		return d.link, ctx.Err()
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	l := &link{denied: make(chan error, 1)}
	conn, err := nats.Connect(strings.Join(d.servers, ","), append([]nats.Option{nats.ErrorHandler(l.note)}, d.options...)...)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	if l.js, err = jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(pendingMost), jetstream.WithPublishAsyncTimeout(d.timeout)); err != nil {
		conn.Close()
		return nil, err
	}
	d.link = l
	return l, nil
}

// reconnected waits for a connection that was lost to come back.
func (l *link) reconnected(ctx context.Context) error {
	changed := l.conn.StatusChanged(nats.CONNECTED, nats.CLOSED)
	defer l.conn.RemoveStatusListener(changed)
	for !l.conn.IsConnected() {
		if l.conn.IsClosed() {
			return cmp.Or(l.conn.LastError(), nats.ErrConnectionClosed)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errAway
		}
	}
	return nil
}

// errAway is the error while no server is reached.
var errAway = errors.New("no server is reached")

// note keeps what a server says of a message that may not be published: its sender is not answered otherwise.
func (l *link) note(_ *nats.Conn, _ *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrPermissionViolation) {
		select {
		case l.denied <- err:
		default: // one is enough
		}
	}
}

// Show shows the messages and publishes none.
func (d *Driver) Show(batch []destinations.Sending) ([]trace.Request, []destinations.Verdict) {
	return d.maker.Shown(batch, "nats", strings.Join(hosts(d.servers), ","), func(e *event.Event) []event.Header {
		return []event.Header{{Name: jetstream.MsgIDHeader, Value: e.ID}}
	}, func(e *event.Event) string {
		_, why := d.message(e)
		return why
	})
}

// Erase says what a person has to do: messages cannot be found by whom they are about.
func (d *Driver) Erase(context.Context, destinations.Person) (destinations.Erased, error) {
	return destinations.Erased{Advice: "messages stay in their stream until its limits remove them, and in what reads it; erase the person there, or purge the stream's subject"}, nil
}

// Close closes the connection.
func (d *Driver) Close(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.link != nil {
		d.link.conn.Close()
	}
	return nil
}
