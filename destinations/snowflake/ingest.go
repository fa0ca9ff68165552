package snowflake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"headgate/destinations/rest"
)

// ingest is Snowpipe Streaming's REST interface, at a host and with a token of its own, which the account gives.
// https://docs.snowflake.com/en/user-guide/snowpipe-streaming/snowpipe-streaming-high-performance-rest-api
type ingest struct {
	account *rest.Client
	address string // of the account
	place   place
	client  *rest.Client
	pause   func(context.Context, time.Duration) error

	mu       sync.Mutex
	host     string
	channels map[string]*channel
}

// scopedLife is how long a token is used. How long it lasts is unconfirmed; one that is not accepted is fetched again.
const scopedLife = 50 * time.Minute

func newIngest(account *rest.Client, address string, p place, client *http.Client, now func() time.Time) *ingest {
	in := &ingest{account: account, address: address, place: p, pause: rest.Pause, channels: map[string]*channel{}}
	token := &rest.Token{Now: now, Fetch: in.scoped}
	in.client = &rest.Client{HTTP: client, Authorize: token.Bearer, Forget: token.Forget}
	return in
}

// scoped gets a token for the ingest host.
func (in *ingest) scoped(ctx context.Context) (token string, life time.Duration, err error) {
	in.mu.Lock()
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "scope": {in.host}}
	in.mu.Unlock()
	token, err = in.ask(ctx, rest.Request{Method: http.MethodPost, URL: in.address + "/oauth/token", Type: "application/x-www-form-urlencoded", Body: []byte(form.Encode())})
	return token, scopedLife, err
}

// ask asks the account for a text: the answer is it, or JSON that has it.
func (in *ingest) ask(ctx context.Context, r rest.Request) (string, error) {
	answer, err := in.account.Do(ctx, r)
	if err != nil {
		return "", err
	}
	if answer.Status != http.StatusOK {
		return "", failureOf(answer)
	}
	var said struct {
		Token string `json:"access_token"`
		Host  string `json:"hostname"`
	}
	text := strings.Trim(strings.TrimSpace(string(answer.Body)), `"`)
	if err := json.Unmarshal(answer.Body, &said); err == nil {
		text = said.Token + said.Host
	}
	if text == "" || strings.ContainsAny(text, " \r\n<") {
		return "", errors.New("the answer is not one of Snowflake's")
	}
	return text, nil
}

// base is the address of the ingest host. Underscores of an account's name are hyphens in a host's.
func (in *ingest) base(ctx context.Context) (string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.host == "" {
		host, err := in.ask(ctx, rest.Request{Method: http.MethodGet, URL: in.address + "/v2/streaming/hostname"})
		if err != nil {
			return "", err
		}
		in.host = strings.ReplaceAll(host, "_", "-")
	}
	scheme, _, _ := strings.Cut(in.address, "://")
	return scheme + "://" + in.host, nil
}

// do makes a request to the ingest host and reads the answer into out.
func (in *ingest) do(ctx context.Context, r rest.Request, out any) error {
	base, err := in.base(ctx)
	if err != nil {
		return err
	}
	r.URL = base + r.URL
	answer, err := in.client.Do(ctx, r)
	if err != nil {
		return err
	}
	if answer.Status/100 != 2 {
		return failureOf(answer)
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return errors.New("the answer is not one of Snowflake's")
	}
	return nil
}

// pipe is the path of the pipe that every table has for streams.
func (in *ingest) pipe(table string) string {
	return fmt.Sprintf("/databases/%s/schemas/%s/pipes/%s", url.PathEscape(in.place.database), url.PathEscape(in.place.schema), url.PathEscape(table+"-STREAMING"))
}

// channel returns the channel by which a table gets the events of a writer of the log.
func (in *ingest) channel(destination, table, writer string) *channel {
	in.mu.Lock()
	defer in.mu.Unlock()
	name := channelName(destination, writer)
	key := table + "/" + name
	c := in.channels[key]
	if c == nil {
		c = &channel{in: in, pipe: in.pipe(table), name: name}
		in.channels[key] = c
	}
	return c
}

// channelName has letters, digits and _. Whoever opens a channel that another has open takes it over: so two processes that deliver
// the same part of the log cannot both write it.
func channelName(destination, writer string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, "HG_"+destination+"_"+writer)
	return name[:min(len(name), 200)]
}
