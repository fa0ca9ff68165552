package snowflaketest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"headgate/destinations/rest/resttest"
	"headgate/event"
)

// Table is a table of the fake, with its default pipe.
type Table struct {
	fake *Fake
	resttest.Columns
	rows     []map[string]any
	channels map[string]*channel
	version  int // grows with its columns
}

// CommitLate makes what was sent be committed so many looks later.
func (t *Table) CommitLate(looks int) {
	for _, c := range t.channels {
		c.looks = looks
	}
}

// channel is an ordered way into a table.
type channel struct {
	opened       int // how often: an older continuation is not taken
	appended     int
	committed    string
	last         string // the last token that was sent
	wrong        int
	message      string
	waiting      []waiting
	looks        int // until what waits is committed
	knowsVersion int
}

type waiting struct {
	token string
	rows  []map[string]any
}

func (c *channel) continuation() string { return fmt.Sprintf("c%d-%d", c.opened, c.appended) }

func (c *channel) status(name string) map[string]any {
	return map[string]any{"channel_name": name, "last_committed_offset_token": c.committed, "rows_error_count": c.wrong, "last_error_message": c.message}
}

// commit makes what waits visible.
func (t *Table) commit(c *channel) {
	for _, w := range c.waiting {
		c.committed = w.token
		for _, row := range w.rows {
			if wrong := t.check(row); wrong != "" {
				c.wrong++
				c.message = wrong
				continue
			}
			t.rows = append(t.rows, row)
		}
	}
	c.waiting = nil
}

const pipes = "/databases/SHOP/schemas/PUBLIC/pipes/"

func (f *Fake) routeIngest(r *http.Request, body []byte) (int, any) {
	if !f.Scoped[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
		return 401, fails("INVALID_TOKEN", "the token is not valid")
	}
	path, streams := strings.CutPrefix(r.URL.Path, "/v2/streaming")
	below, data := strings.CutPrefix(path, "/data/")
	if data {
		path = "/" + below
	}
	path, ours := strings.CutPrefix(path, pipes)
	pipe, rest, deeper := strings.Cut(path, "/channels/")
	if !deeper {
		pipe, rest, _ = strings.Cut(path, ":")
	}
	t := f.Tables[strings.TrimSuffix(pipe, "-STREAMING")]
	switch {
	case !streams, !ours, !strings.HasSuffix(pipe, "-STREAMING"):
		return 404, fails("NOT_FOUND", "no such method "+r.URL.Path)
	case t == nil:
		return 404, fails("PIPE_NOT_FOUND", "Pipe does not exist or not authorized")
	case r.Method == "PUT" && deeper && !data && string(body) == "{}":
		return t.openChannel(rest)
	case r.Method == "POST" && rest == "bulk-channel-status":
		return t.look(body)
	case r.Method == "POST" && data && strings.HasSuffix(rest, "/rows"):
		return t.append(strings.TrimSuffix(rest, "/rows"), r, body)
	}
	return 404, fails("NOT_FOUND", "no such method "+r.URL.Path)
}

func (t *Table) openChannel(name string) (int, any) {
	c := t.channels[name]
	if c == nil {
		c = &channel{}
		t.channels[name] = c
	}
	if c.opened++; len(c.waiting) > 0 {
		t.commit(c)
		return 409, fails("UNCOMMITTED_DATA", "the channel has data that is not committed yet")
	}
	c.last, c.knowsVersion = c.committed, t.version
	return 200, map[string]any{"next_continuation_token": c.continuation(), "channel_status": c.status(name)}
}

func (t *Table) look(body []byte) (int, any) {
	var ask struct {
		Names []string `json:"channel_names"`
	}
	if err := resttest.Strictly(body, &ask); err != nil || len(ask.Names) != 1 || t.channels[ask.Names[0]] == nil {
		return 404, fails("CHANNEL_NOT_FOUND", fmt.Sprintf("%v %s", err, body))
	}
	name := ask.Names[0]
	c := t.channels[name]
	if c.looks--; c.looks < 0 {
		t.commit(c)
	}
	return 200, map[string]any{"channel_statuses": map[string]any{name: c.status(name)}}
}

func (t *Table) append(name string, r *http.Request, body []byte) (int, any) {
	c, q := t.channels[name], r.URL.Query()
	first, last := q.Get("startOffsetToken"), q.Get("endOffsetToken")
	switch {
	case c == nil:
		return 404, fails("CHANNEL_NOT_FOUND", name)
	case q.Get("continuationToken") != c.continuation():
		return 400, fails("STALE_CONTINUATION_TOKEN_SEQUENCER", "the channel must be reopened")
	case c.knowsVersion != t.version:
		return 400, fails("STALE_PIPE_CACHE", "the pipe has changed")
	case len(body) > 4_000_000:
		return 413, fails("REQUEST_TOO_LARGE", "more than 4 MB")
	case first == "" || first <= c.last || last < first:
		return 400, fails("INVALID_OFFSET_TOKEN", fmt.Sprintf("%s to %s after %s", first, last, c.last))
	case r.Header.Get("Content-Type") != "application/x-ndjson" || r.Header.Get("Content-Encoding") != "zstd":
		return 415, fails("UNSUPPORTED", "another format")
	}
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.fake.T.Error(err)
	}
	defer decoder.Close()
	lines, err := decoder.DecodeAll(body, nil)
	if err != nil {
		return 400, fails("INVALID_BODY", err.Error())
	}
	w := waiting{token: last}
	for line := range strings.Lines(string(lines)) {
		var row map[string]any
		if err := resttest.Strictly([]byte(line), &row); err != nil {
			return 400, fails("INVALID_BODY", err.Error())
		}
		w.rows = append(w.rows, row)
	}
	c.waiting, c.last, c.looks = append(c.waiting, w), last, 2
	c.appended++
	return 200, map[string]any{"next_continuation_token": c.continuation()}
}

func (t *Table) add(definitions []string) map[string]string {
	for _, d := range definitions {
		m := ofColumn.FindStringSubmatch(d)
		if m == nil {
			return map[string]string{"code": "001003", "sqlState": "42000", "message": "SQL compilation error at " + d}
		}
		if _, known := t.Kind(m[1]); !known {
			t.Columns = append(t.Columns, resttest.Column{Name: m[1], Kind: m[2]})
			t.version++
		}
	}
	return nil
}

// check says what is wrong with a row.
func (t *Table) check(row map[string]any) string {
	for name, v := range row {
		kind, _ := t.Kind(name)
		fits := false
		s, text := v.(string)
		n, number := v.(json.Number)
		switch kind {
		case "VARCHAR":
			fits = text
		case "BOOLEAN":
			_, fits = v.(bool)
		case "BIGINT":
			fits = number && !strings.ContainsAny(n.String(), ".eE")
		case "DOUBLE":
			fits = number
		case "TIMESTAMP_NTZ(3)":
			_, err := time.Parse("2006-01-02 15:04:05.000", s)
			fits = err == nil
		case "VARIANT":
			fits = true
		}
		if !fits {
			return fmt.Sprintf("the value of %s does not fit %q", name, kind)
		}
	}
	return ""
}

func (t *Table) delete(which func(map[string]any) bool) (n int) {
	t.rows, n = resttest.Without(t.rows, which)
	return n
}

// Read returns the rows of a table as a reader sees them.
func (f *Fake) Read(name string) (list []event.Map) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	t := f.Tables[name]
	if t == nil {
		return nil
	}
	for _, c := range t.channels {
		t.commit(c) // what was taken is committed at some time
	}
	for _, row := range t.rows {
		var out event.Map
		for _, c := range t.Columns {
			v := row[c.Name]
			if v == nil || v == false {
				continue
			}
			written, err := json.Marshal(v)
			if err != nil {
				f.T.Error(err)
			}
			if c.Kind == "TIMESTAMP_NTZ(3)" {
				written = []byte(strings.Replace(strings.TrimSuffix(string(written), `"`), " ", "T", 1) + `Z"`)
			}
			value, err := event.ParseJSON(written)
			if err != nil {
				f.T.Errorf("%s: %v", written, err)
			}
			out.Add(strings.ToLower(c.Name), value)
		}
		list = append(list, out)
	}
	return list
}
