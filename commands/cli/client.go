package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"headgate/config"
)

// Client asks the admin side of the running process.
type Client struct {
	Base   string
	Token  string
	Accept string // the media type that is wanted; "" for JSON
}

// Client makes a client from the configuration's admin section, which need not be free of other mistakes.
func (w *World) Client() (*Client, error) {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return nil, mistakes.Err()
	}
	admin := loaded.Config.Admin
	if admin.Off() {
		return nil, Wrong("admin.listen is off: this command asks the running process through it")
	}
	token, err := ReadToken(&loaded.Config)
	if err != nil {
		return nil, err
	}
	return &Client{Base: "http://" + Local(admin.Listen.Value), Token: token}, nil
}

// Do sends a request and decodes the JSON of a success into answer, which may be nil. A refusal's words are the error.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	resp, err := c.Open(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if answer == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}

// Open sends a request and returns a successful answer, whose body the caller closes.
func (c *Client) Open(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(b)
	}
	address := c.Base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, text)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Accept != "" {
		req.Header.Set("Accept", c.Accept)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, Wrong("no Headgate answers at %s: start it with `headgate serve`, or name its configuration with --config (%v)", c.Base, errors.Unwrap(err))
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // as much as arrived
	var refusal struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(said, &refusal) != nil || refusal.Error == "" {
		refusal.Error = strings.TrimSpace(string(said))
	}
	if resp.StatusCode >= 500 {
		return nil, fmt.Errorf("%s (%d)", refusal.Error, resp.StatusCode)
	}
	return nil, Wrong("%s", refusal.Error)
}

// Local is an address as it is reached from this machine.
func Local(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
