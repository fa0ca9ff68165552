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
		Events: func(columns []rows.Column[destinations.Sending]) files.Encoder[destinations.Sending] {
			return encoder(columns, c)
		},
		Decisions: func(columns []rows.Column[destinations.DecisionRow]) files.Encoder[destinations.DecisionRow] {
			return encoder(columns, c)
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

// encoder makes files whose size is that of the lines before they are compressed.
func encoder[T any](columns []rows.Column[T], c codec) files.Encoder[T] {
	return func(list []*T, size int64) ([]byte, int, error) {
		var file bytes.Buffer
		w := c.write(&file)
		var line []byte
		done, written := 0, int64(0)
		for done < len(list) && (done == 0 || written < size) {
			line = rows.AppendLine(line[:0], columns, list[done], rows.Form{})
			if _, err := w.Write(line); err != nil {
				return nil, 0, fmt.Errorf("write lines: %w", err)
			}
			written += int64(len(line))
			done++
		}
		if err := w.Close(); err != nil {
			return nil, 0, fmt.Errorf("complete the file: %w", err)
		}
		return file.Bytes(), done, nil
	}
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
