package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"headgate/config"
)

// client asks the admin side of the running process.
type client struct {
	base   string
	token  string
	accept string // the media type that is wanted; "" for JSON
}

// client makes a client from the configuration's admin section, which need not be free of other mistakes.
func (w *world) client() (*client, error) {
	loaded, mistakes := config.Load(w.path, w.env())
	if loaded == nil {
		return nil, mistakes.Err()
	}
	admin := loaded.Config.Admin
	if admin.Off() {
		return nil, wrong("admin.listen is off: this command asks the running process through it")
	}
	token, err := readToken(&loaded.Config)
	if err != nil {
		return nil, err
	}
	return &client{base: "http://" + local(admin.Listen.Value), token: token}, nil
}

// do sends a request and decodes the JSON of a success into answer, which may be nil. A refusal's words are the error.
func (c *client) do(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	resp, err := c.open(ctx, method, path, query, body)
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

// open sends a request and returns a successful answer, whose body the caller closes.
func (c *client) open(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(b)
	}
	address := c.base + path
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
	if c.accept != "" {
		req.Header.Set("Accept", c.accept)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, wrong("no Headgate answers at %s: start it with `headgate serve`, or name its configuration with --config (%v)", c.base, errors.Unwrap(err))
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
	return nil, wrong("%s", refusal.Error)
}

type health struct{}

// Run asks for /healthz: the public listener, or the admin side where the public one wants a certificate's name.
func (health) Run(w *world) error {
	loaded, mistakes := config.Load(w.path, w.env())
	if loaded == nil {
		return mistakes.Err()
	}
	c := loaded.Config
	at := c.Listen.Value
	if c.TLS != nil {
		if c.Admin.Off() {
			return wrong("with tls: and without an admin side there is nobody to ask")
		}
		at = c.Admin.Listen.Value
	}
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	return (&client{base: "http://" + local(at)}).do(ctx, "GET", "/healthz", nil, nil, nil)
}
