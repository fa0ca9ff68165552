// Package upload sends a file of events to a running Headgate: JSON lines or CSV, in batches, each line once however often the
// sending is broken off. It knows files and HTTP; what an event may be is for the receiver to say.
package upload

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"headgate/event"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	Lines Format = "ndjson" // one JSON object on each line
	CSV   Format = "csv"    // a line of column names, then one event on each
)

// FormatOf is the format that a file's name tells.
func FormatOf(name string) Format {
	name = strings.ToLower(name)
	if strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".tsv") {
		return CSV
	}
	return Lines
}

// Line is one event of a file.
type Line struct {
	Number int       // of its first line in the file, from 1
	Event  event.Map // in Headgate's own JSON, with an id
	JSON   []byte    // the same, written
	Bad    string    // why it is none, "" when it is one
	End    int64     // bytes of the file up to its end, but for the line break
	Sum    [32]byte  // SHA-256 of these bytes
}

// Reader reads the events of a file in their order.
type Reader interface {
	// Next returns the next line that is not empty; io.EOF after the last one. Another error ends the reading.
	Next() (Line, error)
}

// longest is how many bytes a line of JSON may have.
const longest = 1 << 20

// NewReader reads a file in a format. For CSV it reads the line of column names; an error says what is wrong with it.
func NewReader(r io.Reader, f Format) (Reader, error) {
	in := &counted{from: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
	if f == CSV {
		return newTable(in)
	}
	return &jsonLines{in: in}, nil
}

// counted reads lines and knows how many bytes they were, and their hash, up to the last line's break: a file whose last line has
// none may grow.
type counted struct {
	from *bufio.Reader
	read int64
	sum  hash.Hash
	rest []byte // the break of the last line
}

// line returns the next line with its break; what is beyond the longest is read and left out.
func (c *counted) line() (text []byte, whole bool, err error) {
	whole = true
	for {
		part, err := c.from.ReadSlice('\n')
		c.count(part)
		if whole = whole && len(text)+len(part) <= longest; whole {
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && (len(text) > 0 || !whole):
			return text, whole, nil
		default:
			return nil, false, err
		}
	}
}

func (c *counted) count(part []byte) {
	if len(part) == 0 {
		return
	}
	inside := bytes.TrimRight(part, "\r\n")
	for _, b := range [...][]byte{c.rest, inside} {
		c.read += int64(len(b))
		c.sum.Write(b)
	}
	c.rest = append(c.rest[:0], part[len(inside):]...)
}

func (c *counted) mark(l *Line) {
	l.End = c.read
	c.sum.Sum(l.Sum[:0])
}

// jsonLines reads JSON lines.
type jsonLines struct {
	in     *counted
	number int
}

func (r *jsonLines) Next() (l Line, err error) {
	for {
		text, whole, err := r.in.line()
		if err != nil {
			return l, err
		}
		r.number++
		if r.number == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if text = bytes.TrimSpace(text); len(text) == 0 && whole {
			continue
		}
		l = Line{Number: r.number}
		r.in.mark(&l)
		v, err := event.ParseJSON(text)
		switch {
		case !whole:
			l.Bad = fmt.Sprintf("the line is longer than %d bytes", longest)
		case err != nil:
			l.Bad = "the line is no JSON"
		case v.Kind() != event.Object:
			l.Bad = "the line is no JSON object"
		default:
			l.Event = v.Object()
			identify(&l, text)
		}
		return l, nil
	}
}

// identify gives a line that names no id one that is always the same for this line of the file, and writes it.
func identify(l *Line, text []byte) {
	defer func() { l.JSON = l.Event.AppendJSON(nil) }()
	for _, name := range [...]string{"id", "event_id", "message_id"} {
		if l.Event.Text(name) != "" {
			return
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s", l.Number, text))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8 (RFC 9562)
	l.Event.Set("id", event.String(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])))
}

// table reads CSV.
type table struct {
	in      *counted
	rows    *csv.Reader
	columns []column
	feed    *feed
}

func newTable(in *counted) (*table, error) {
	t := &table{in: in, feed: &feed{in: in}}
	head, _, err := in.line()
	if err != nil {
		return nil, errors.New("the file is empty: its first line names the columns")
	}
	t.feed.rest = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	t.rows = csv.NewReader(t.feed)
	t.rows.Comma = separator(head)
	t.rows.FieldsPerRecord = -1
	names, err := t.rows.Read()
	if err != nil {
		return nil, fmt.Errorf("the line of column names: %w", err)
	}
	t.columns, err = readColumns(names)
	return t, err
}

// separator is what a line of column names is cut by: the comma, unless there is none.
func separator(head []byte) rune {
	for _, c := range ",;\t" {
		if bytes.ContainsRune(head, c) {
			return c
		}
	}
	return ','
}

// feed gives the CSV reader one line at a time, so that it has never read further than the row it returns.
type feed struct {
	in   *counted
	rest []byte
}

func (f *feed) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		text, whole, err := f.in.line()
		if err != nil {
			return 0, err
		}
		if f.rest = text; !whole {
			return 0, fmt.Errorf("%w: a line is longer than %d bytes", ErrRefused, longest)
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (t *table) Next() (l Line, err error) {
	cells, err := t.rows.Read()
	var fault *csv.ParseError
	switch {
	case errors.As(err, &fault):
		l = Line{Number: fault.StartLine, Bad: "the row is no CSV: " + fault.Err.Error()}
		t.in.mark(&l)
		return l, nil
	case err != nil:
		return l, err
	}
	number, _ := t.rows.FieldPos(0)
	l = Line{Number: number}
	t.in.mark(&l)
	if len(cells) != len(t.columns) {
		l.Bad = fmt.Sprintf("the row has %d cells, and there are %d columns", len(cells), len(t.columns))
		return l, nil
	}
	if l.Event, l.Bad = eventOf(t.columns, cells); l.Bad == "" {
		identify(&l, []byte(strings.Join(cells, "\x00")))
	}
	return l, nil
}
