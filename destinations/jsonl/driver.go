// Package jsonl is the driver that keeps events as files of JSON lines, for warehouses whose loaders take JSON into columns of their
// own types. Where the files are and what they are called is package files'.
package jsonl

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"headgate/destinations"
	"headgate/destinations/files"
	"headgate/destinations/rows"
	"headgate/document"
	"headgate/event"
)

// NewDriver judges the settings of jsonl.yaml.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	c := codecs[o.Settings.Text("compression")]
	return files.NewDriver(o, files.Format{
		Extension: ".jsonl" + c.extension, ContentType: "application/x-ndjson",
		Events: func(columns []rows.Column[destinations.Sending]) files.NewWriter[destinations.Sending] {
			return newWriter(columns, c)
		},
		Decisions: func(columns []rows.Column[rows.Decision]) files.NewWriter[rows.Decision] {
			return newWriter(columns, c)
		},
		Mentions: c.mentions, Read: c.rows,
	})
}

// codec is a choice of the setting compression.
type codec struct {
	extension string
	write     func(io.Writer) io.WriteCloser
	read      func(io.Reader) (io.ReadCloser, error)
}

var codecs = map[string]codec{
	"gzip": {".gz", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	"zstd": {".zst", zstdWriter, func(r io.Reader) (io.ReadCloser, error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}},
	"none": {"", func(w io.Writer) io.WriteCloser { return plain{w} }, func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(r), nil }},
}

func zstdWriter(w io.Writer) io.WriteCloser {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic("BUG: options that Zstandard does not take: " + err.Error())
	}
	return z
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// writer makes files whose size is that of the lines before they are compressed.
type writer[T any] struct {
	columns []rows.Column[T]
	to      io.WriteCloser
	line    []byte
	size    int64
}

func newWriter[T any](columns []rows.Column[T], c codec) files.NewWriter[T] {
	return func(w io.Writer) files.Writer[T] { return &writer[T]{columns: columns, to: c.write(w)} }
}

func (w *writer[T]) Write(list []*T) error {
	for _, row := range list {
		w.line = rows.AppendLine(w.line[:0], w.columns, row, rows.Form{})
		if _, err := w.to.Write(w.line); err != nil {
			return fmt.Errorf("write lines: %w", err)
		}
		w.size += int64(len(w.line))
	}
	return nil
}

func (w *writer[T]) Size() int64 { return w.size }

func (w *writer[T]) Close() error {
	if err := w.to.Close(); err != nil {
		return fmt.Errorf("complete the file: %w", err)
	}
	return nil
}

// rows reads the lines of a file.
func (c codec) rows(file []byte, fn func(row event.Map) bool) error {
	r, err := c.read(bytes.NewReader(file))
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	for lines := bufio.NewReaderSize(r, 64<<10); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			row, err := event.ParseJSON(line)
			if err != nil {
				return err
			}
			if !fn(row.Object()) {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// mentions reports whether a line of a file names a person.
func (c codec) mentions(path, column string, p destinations.Person) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // it was only read
	r, err := c.read(f)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", path, err)
	}
	defer func() { _ = r.Close() }()
	for lines := bufio.NewReaderSize(r, 64<<10); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var row map[string]json.RawMessage
			var text string
			if json.Unmarshal(line, &row) == nil && json.Unmarshal(row[column], &text) == nil {
				if p.AnyCase {
					text = strings.ToLower(text)
				}
				if slices.Contains(p.Values, text) {
					return true, nil
				}
			}
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read %s: %w", path, err)
		}
	}
}
