package access

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// part is an answer of which only some members are shown: of JSON as a whole, of lines of JSON and of server-sent events one by
// one. An answer of another kind is not shown at all.
type part struct {
	http.ResponseWriter
	shown  shown
	kind   kindOfAnswer
	status int
	held   bytes.Buffer
}

type kindOfAnswer uint8

const (
	undecided kindOfAnswer = iota
	whole                  // one JSON value
	inLines                // lines of JSON, or of server-sent events
	asItIs                 // a refusal
	withheld
)

func newPart(w http.ResponseWriter, paths []string) *part {
	return &part{ResponseWriter: w, shown: shownOf(paths)}
}

// WriteHeader decides by the content type what is shown.
func (p *part) WriteHeader(status int) {
	if p.kind != undecided {
		return
	}
	p.status = status
	kind, _, _ := strings.Cut(p.Header().Get("Content-Type"), ";")
	switch {
	case status >= http.StatusBadRequest:
		p.kind = asItIs
	case status == http.StatusNoContent, status == http.StatusNotModified:
		p.kind = asItIs
	case kind == "application/json":
		p.kind = whole
		return
	case kind == "application/x-ndjson", kind == "text/event-stream":
		p.kind = inLines
	default:
		p.kind = withheld
		Refuse(p.ResponseWriter, &Refusal{Status: http.StatusForbidden, Needs: "persons", Error: "this form of the answer needs the right persons: ask for JSON"})
		return
	}
	p.ResponseWriter.WriteHeader(status)
}

func (p *part) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	switch p.kind {
	case asItIs:
		return p.ResponseWriter.Write(b)
	case whole:
		p.held.Write(b)
	case inLines:
		p.held.Write(b)
		for {
			line, err := p.held.ReadBytes('\n')
			if err != nil { // not yet whole
				p.held.Write(line)
				break
			}
			if _, err := p.ResponseWriter.Write(p.line(line)); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

// line is what is shown of a line.
func (p *part) line(line []byte) []byte {
	const data = "data: "
	text, event := bytes.CutPrefix(line, []byte(data))
	if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		return line // a comment, a name of an event, or what ends one
	}
	out := []byte{}
	if event {
		out = append(out, data...)
	}
	return append(p.shown.appendOf(out, text), '\n')
}

// end writes what was held back.
func (p *part) end() {
	if p.kind != whole {
		return
	}
	p.Header().Del("Content-Length")
	p.ResponseWriter.WriteHeader(p.status)
	_, _ = p.ResponseWriter.Write(append(p.shown.appendOf(nil, p.held.Bytes()), '\n')) // the client is gone
}

// Unwrap lets http.ResponseController flush.
func (p *part) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// shown are the members of a JSON object that are shown, by name; "*" stands for any name. An empty one shows the value whole.
// Lists are looked through.
type shown map[string]shown

// shownOf makes a tree of paths such as destinations.*.state.
func shownOf(paths []string) shown {
	root := shown{}
	for _, path := range paths {
		at := root
		for name := range strings.SplitSeq(path, ".") {
			next, known := at[name]
			if !known {
				next = shown{}
				at[name] = next
			}
			at = next
		}
	}
	return root
}

// appendOf appends what is shown of a JSON value; null when it is none.
func (s shown) appendOf(out, text []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	filtered, err := s.value(out, d)
	if err != nil {
		return append(out, "null"...)
	}
	return filtered
}

var errNoJSON = errors.New("no JSON")

// value copies the next value as far as it is shown.
func (s shown) value(out []byte, d *json.Decoder) ([]byte, error) {
	if len(s) == 0 {
		var raw json.RawMessage
		err := d.Decode(&raw)
		return append(out, raw...), err
	}
	token, err := d.Token()
	if err != nil {
		return out, err
	}
	switch token {
	case json.Delim('{'):
		return s.members(out, d)
	case json.Delim('['):
		out = append(out, '[')
		for first := true; d.More(); first = false {
			if !first {
				out = append(out, ',')
			}
			if out, err = s.value(out, d); err != nil {
				return out, err
			}
		}
		_, err = d.Token()
		return append(out, ']'), err
	}
	return append(out, "null"...), nil // a scalar where members were to be shown
}

func (s shown) members(out []byte, d *json.Decoder) ([]byte, error) {
	out = append(out, '{')
	first := true
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return out, errors.Join(err, errNoJSON)
		}
		below, listed := s[name]
		if !listed {
			below, listed = s["*"]
		}
		if !listed {
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return out, err
			}
			continue
		}
		key, err := json.Marshal(name)
		if err != nil {
			return out, err
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		if out, err = below.value(append(append(out, key...), ':'), d); err != nil {
			return out, err
		}
	}
	_, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = errNoJSON
	}
	return append(out, '}'), err
}
