package snowflake

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"headgate/destinations/rest"
	"headgate/destinations/rows"
)

// channel is an ordered way into a table. Its offset token is committed together with the rows that were sent with it. Ours is a
// number that grows and, behind it, the names of the last batches: so a batch that comes again after a crash or a lost answer is
// recognized although others may have followed, which the place in the log alone would not tell (an event that was put
// back comes after later ones).
type channel struct {
	in   *ingest
	pipe string
	name string

	mu           sync.Mutex
	open         bool
	continuation string
	number       uint64   // of the last token
	batches      []string // the last ones that are committed
	wrong        int64    // rows that Snowflake has dropped since the channel was made
	pending      *pending // sent, not known to be committed
}

type pending struct{ batch, token string }

const (
	mostBytes  = 4_000_000 // of a request, compressed; 4 MB is the limit
	remembered = 8         // batches in a token. The log knows what was delivered long before so many have followed
	nameLength = 16
	looks      = 30 // for the commit, before the batch is tried again
	firstWait  = 200 * time.Millisecond
	laterWait  = 2 * time.Second
	tooLong    = "it is longer than the 4 MB that Snowflake takes in a request"
)

// status is what is read of a channel's.
type status struct {
	Committed string `json:"last_committed_offset_token"`
	Wrong     int64  `json:"rows_error_count"`
	Message   string `json:"last_error_message"`
}

// dropped are rows of a batch that Snowflake has not taken. It does not say which.
type dropped struct {
	rows    int64
	message string
}

func (d *dropped) Error() string {
	return fmt.Sprintf("Snowflake dropped %d rows of the batch that this event was in, and does not say which; the others are in the table: %s", d.rows, d.message)
}

// store sends rows and waits until they are committed.
func store[T any](ctx context.Context, d *Driver, t *table[T], writer, batch string, list []*T) error {
	body := rest.Zstandard(rows.Lines(t.columns, list, rows.Form{Times: times}))
	if len(body) > mostBytes {
		return &failure{status: http.StatusRequestEntityTooLarge, message: tooLong}
	}
	if batch == "" {
		batch = strings.ToLower(rand.Text())
	}
	return d.ingest.channel(d.name, t.table, writer).store(ctx, batch[:nameLength], body)
}

// store sends a batch unless it is there, and waits for its commit.
func (c *channel) store(ctx context.Context, batch string, body []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending != nil && c.pending.batch != batch {
		c.open = false // whether that one is there is known when the channel was opened again
	}
	for try := 1; ; try++ {
		err := c.reopen(ctx)
		if err != nil || slices.Contains(c.batches, batch) {
			return err
		}
		if c.pending == nil {
			err = c.send(ctx, batch, body)
		}
		if err == nil {
			err = c.committed(ctx)
		}
		if !mustReopen(err) || try == 2 {
			return err
		}
	}
}

// reopen opens the channel if it is not open, and learns what is committed.
func (c *channel) reopen(ctx context.Context) error {
	if c.open {
		return nil
	}
	var said struct {
		Continuation string `json:"next_continuation_token"`
		Status       status `json:"channel_status"`
	}
	err := c.in.do(ctx, rest.Request{Method: http.MethodPut, URL: "/v2/streaming" + c.pipe + "/channels/" + c.name, Body: []byte("{}")}, &said)
	if err != nil {
		return err
	}
	if said.Continuation == "" {
		return errors.New("the channel was opened without a continuation token")
	}
	c.open, c.continuation, c.pending, c.wrong = true, said.Continuation, nil, said.Status.Wrong
	c.number, c.batches = readToken(said.Status.Committed)
	return nil
}

// send appends a batch. When it is not known whether it arrived, the channel has to be opened again.
func (c *channel) send(ctx context.Context, batch string, body []byte) error {
	token := writeToken(c.number+1, append(slices.Clone(c.batches), batch))
	q := url.Values{"continuationToken": {c.continuation}, "startOffsetToken": {token}, "endOffsetToken": {token}}
	var said struct {
		Continuation string `json:"next_continuation_token"`
	}
	err := c.in.do(ctx, rest.Request{Method: http.MethodPost, URL: "/v2/streaming/data" + c.pipe + "/channels/" + c.name + "/rows?" + q.Encode(),
		Type: "application/x-ndjson", Body: body, Encoding: "zstd"}, &said)
	if err == nil && said.Continuation == "" {
		err = errors.New("rows were taken without a continuation token")
	}
	if err != nil {
		c.open = false
		return err
	}
	c.continuation, c.pending = said.Continuation, &pending{batch, token}
	return nil
}

// committed waits until what was sent is committed.
func (c *channel) committed(ctx context.Context) error {
	ask, err := json.Marshal(map[string][]string{"channel_names": {c.name}})
	if err != nil {
		panic("BUG: a name that is no JSON: " + err.Error())
	}
	wait := firstWait
	for range looks {
		var said struct {
			Channels map[string]status `json:"channel_statuses"`
		}
		if err := c.in.do(ctx, rest.Request{Method: http.MethodPost, URL: "/v2/streaming" + c.pipe + ":bulk-channel-status", Body: ask}, &said); err != nil {
			if mustReopen(err) {
				c.open = false
			}
			return err
		}
		if now := said.Channels[c.name]; now.Committed == c.pending.token {
			lost := now.Wrong - c.wrong
			c.number, c.batches = readToken(now.Committed)
			c.pending, c.wrong = nil, now.Wrong
			if lost > 0 {
				return &dropped{rows: lost, message: rest.Words(now.Message)}
			}
			return nil
		}
		if err := c.in.pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, laterWait)
	}
	return errors.New("the rows were taken and are not committed yet")
}

// writeToken is an offset token: a number, as long as all others are, and the names of batches.
func writeToken(number uint64, batches []string) string {
	return fmt.Sprintf("%016d-%s", number, strings.Join(batches[max(0, len(batches)-remembered):], ""))
}

// readToken reads one; another's has neither.
func readToken(token string) (number uint64, batches []string) {
	digits, names, _ := strings.Cut(token, "-")
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || len(names)%nameLength != 0 {
		return 0, nil
	}
	for ; names != ""; names = names[nameLength:] {
		batches = append(batches, names[:nameLength])
	}
	return number, batches
}
