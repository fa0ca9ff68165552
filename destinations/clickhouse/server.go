package clickhouse

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"headgate/destinations/rest"
)

// server is a ClickHouse server's HTTP interface: https://clickhouse.com/docs/interfaces/http
type server struct {
	address                  url.URL
	user, password, database string
	client                   *http.Client
	reader                   *http.Client // for answers that may be read for as long as it takes
}

// failure is an error that the server has answered with.
type failure struct {
	code    int // of ClickHouse; 0 when something before it has answered
	status  int // of HTTP
	message string
}

func (f *failure) Error() string {
	if f.code == 0 {
		return fmt.Sprintf("HTTP %d: %s", f.status, f.message)
	}
	return f.message
}

// insert sends rows, compressed. query is an INSERT without them.
func (s *server) insert(ctx context.Context, query string, settings map[string]string, lines []byte) error {
	_, err := s.do(ctx, query, settings, rest.Zstandard(lines), "zstd")
	return err
}

// ask runs a query and returns the answer's lines, split at tabs. params are {name:Type} in the query.
func (s *server) ask(ctx context.Context, query string, params map[string]string) (lines [][]string, err error) {
	settings := map[string]string{"default_format": "TabSeparated"}
	for name, value := range params {
		settings["param_"+name] = value
	}
	answer, err := s.do(ctx, "", settings, []byte(query), "")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(answer)) {
		lines = append(lines, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return lines, nil
}

// longestAnswer is what is read of an answer that is held as a whole.
const longestAnswer = 4 << 20

// do makes one request and returns its answer.
func (s *server) do(ctx context.Context, query string, settings map[string]string, body []byte, encoding string) ([]byte, error) {
	answer, err := s.open(ctx, s.client, query, settings, body, encoding)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Close() }() // what follows is not needed
	said, err := io.ReadAll(io.LimitReader(answer, longestAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return said, nil
}

// open makes one request and returns its answer to be read. The user and the password are headers: addresses are logged by servers.
func (s *server) open(ctx context.Context, client *http.Client, query string, settings map[string]string, body []byte, encoding string) (io.ReadCloser, error) {
	to := s.address
	q := to.Query()
	for name, value := range settings {
		q.Set(name, value)
	}
	q.Set("database", s.database)
	if query != "" {
		q.Set("query", query)
	}
	to.RawQuery = q.Encode()
	if to.Path == "" {
		to.Path = "/"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-ClickHouse-User", s.user)
	r.Header.Set("X-ClickHouse-Key", s.password)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, rest.WithoutAddress(err)
	}
	if answer.StatusCode == http.StatusOK && answer.Header.Get("X-ClickHouse-Exception-Code") == "" {
		return answer.Body, nil
	}
	defer func() { _ = answer.Body.Close() }() // what follows is not needed
	said, err := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return nil, failureOf(answer, said)
}

var codeInText = regexp.MustCompile(`^Code: (\d+)\. ?(?:DB::Exception: )?`)

const longestMessage = 600

func failureOf(answer *http.Response, said []byte) *failure {
	f := &failure{status: answer.StatusCode, message: strings.TrimSpace(string(said))}
	f.code, _ = strconv.Atoi(answer.Header.Get("X-ClickHouse-Exception-Code"))
	if m := codeInText.FindStringSubmatch(f.message); m != nil {
		if f.code == 0 {
			f.code, _ = strconv.Atoi(m[1])
		}
		f.message = fmt.Sprintf("%s (code %d)", strings.TrimSpace(f.message[len(m[0]):]), f.code)
	}
	if len(f.message) > longestMessage {
		f.message = strings.ToValidUTF8(f.message[:longestMessage], "") + " …"
	}
	return f
}
