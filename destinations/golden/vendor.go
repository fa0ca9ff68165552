package golden

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"headgate/document"
)

// fakeVendor answers what a case says.
type fakeVendor struct {
	mu     sync.Mutex
	script []scripted
	next   int
	seen   int
}

// scripted is one answer; to is a text that the request must have, "" for any.
type scripted struct {
	to      string
	status  int
	headers http.Header
	body    string
}

func (v *fakeVendor) read(n *document.Node) error {
	if n == nil {
		v.script = []scripted{{status: http.StatusOK}}
		return nil
	}
	nodes := []*document.Node{n}
	if n.Kind == document.List {
		nodes = n.Items
	}
	for _, one := range nodes {
		text, to := one.Text, ""
		if one.Kind == document.Map {
			says, about := one.Get("says"), one.Get("to")
			if says == nil || about == nil {
				return fmt.Errorf("%s: an answer is a text, or {to: a text of the request, says: 400 ...}", one.At)
			}
			text, to = says.Text, about.Text
		}
		s, err := readAnswer(text)
		if err != nil {
			return fmt.Errorf("%s: %w", one.At, err)
		}
		s.to = to
		v.script = append(v.script, s)
	}
	return nil
}

// readAnswer reads `429 {"error": ...}`, with headers on lines of their own between status and body if there are some.
func readAnswer(text string) (scripted, error) {
	first, rest, lines := strings.Cut(strings.TrimSpace(text), "\n")
	number, body, _ := strings.Cut(first, " ")
	status, err := strconv.Atoi(number)
	if err != nil || status < 100 || status > 599 {
		return scripted{}, fmt.Errorf("an answer begins with its status, and %q does not", first)
	}
	s := scripted{status: status, headers: http.Header{}, body: body}
	for lines && body == "" {
		var line string
		line, rest, lines = strings.Cut(rest, "\n")
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, "{ \"[<") {
			s.body = strings.TrimSpace(line + "\n" + rest)
			break
		}
		s.headers.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if body != "" && rest != "" {
		s.body += "\n" + rest
	}
	return s, nil
}

// RoundTrip answers a request: by the first answer that is for it, else by the next one of the others; the last repeats.
func (v *fakeVendor) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen++
	s := v.choose(r.URL.String() + string(sent))
	return &http.Response{StatusCode: s.status, Status: strconv.Itoa(s.status), Header: s.headers.Clone(), Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(s.body)), ContentLength: int64(len(s.body))}, nil
}

func (v *fakeVendor) choose(request string) scripted {
	var others []scripted
	for _, s := range v.script {
		if s.to == "" {
			others = append(others, s)
		} else if strings.Contains(request, s.to) {
			return s
		}
	}
	if len(others) == 0 {
		return scripted{status: http.StatusOK}
	}
	s := others[min(v.next, len(others)-1)]
	v.next++
	return s
}
