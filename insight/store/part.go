package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"headgate/insight/count"
)

// part is one file: rows of one day, sorted by visitor and time, those of equal times in the order they arrived.
type part struct {
	File   string `json:"file"`
	Day    int64  `json:"day"` // since 1970-01-01
	Rows   int    `json:"rows"`
	First  int64  `json:"first"` // times of the first and last row, Unix milliseconds
	Last   int64  `json:"last"`
	Made   int64  `json:"made"` // when it was written
	Bytes  int64  `json:"bytes"`
	Sealed bool   `json:"sealed,omitempty"` // its rows have no ids any more
	// Fetched: a store has its rows, and they are here for as long as somebody asks.
	Fetched bool `json:"fetched,omitempty"`
}

// These bound what a reader holds of a file, and how precisely a visitor is found in it.
const (
	groupRows = 1 << 15
	pageBytes = 1 << 15
)

// writer writes one part.
type writer struct {
	part part
	path string
	file *os.File
	rows *parquet.GenericWriter[Record]
	some []Record
}

func newWriter(folder, name string, day, now int64) (*writer, error) {
	path := filepath.Join(folder, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a file of insight: %w", err)
	}
	w := parquet.NewGenericWriter[Record](f, parquet.Compression(&zstd.Codec{Level: zstd.SpeedDefault, Concurrency: 1}), parquet.MaxRowsPerRowGroup(groupRows),
		parquet.PageBufferSize(pageBytes), parquet.CreatedBy("headgate", "", ""))
	return &writer{part: part{File: name, Day: day, Made: now}, path: path, file: f, rows: w}, nil
}

// add writes the next row.
func (w *writer) add(r Record) error {
	if w.part.Rows == 0 || r.Time < w.part.First {
		w.part.First = r.Time
	}
	if w.part.Rows == 0 || r.Time > w.part.Last {
		w.part.Last = r.Time
	}
	w.part.Rows++
	if w.some = append(w.some, r); len(w.some) < 1024 {
		return nil
	}
	return w.write()
}

func (w *writer) write() error {
	_, err := w.rows.Write(w.some)
	w.some = w.some[:0]
	return err
}

// close makes the file durable.
func (w *writer) close() (part, error) {
	err := w.write()
	err = errors.Join(err, w.rows.Close())
	if info, e := w.file.Stat(); e == nil {
		w.part.Bytes = info.Size()
	}
	if err = errors.Join(err, w.file.Sync(), w.file.Close()); err != nil {
		return w.part, errors.Join(fmt.Errorf("write a file of insight: %w", err), os.Remove(w.path))
	}
	return w.part, nil
}

// abandon removes an unfinished file.
func (w *writer) abandon() error { return errors.Join(w.file.Close(), os.Remove(w.path)) }

// opened is a part that is being read.
type opened struct {
	file *os.File
	*parquet.File
}

func (p *part) open(folder string) (*opened, error) {
	f, err := os.Open(filepath.Join(folder, p.File))
	if err != nil {
		return nil, fmt.Errorf("read insight: %w", err)
	}
	pf, err := parquet.OpenFile(f, p.Bytes, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10))
	if err == nil && len(pf.Schema().Columns()) != firstText+int(count.Columns) {
		err = errors.New("it has other columns")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read insight: %s: %w", p.File, err), f.Close())
	}
	return &opened{f, pf}, nil
}

func (o *opened) Close() error { return o.file.Close() }

// block is a stretch of rows of a file, column by column. Columns that were not asked for are empty.
type block struct {
	visitor []uint64
	time    []int64
	id      []uint32
	value   []int64
	texts   [count.Columns][]uint32
}

// wanted says which columns are read; visitor and time always are.
type wanted struct {
	id, value bool
	columns   []count.Column
}

// add adds columns of texts.
func (w *wanted) add(columns ...count.Column) {
	for _, c := range columns {
		if !slices.Contains(w.columns, c) {
			w.columns = append(w.columns, c)
		}
	}
}

// everything is all columns.
func everything() *wanted {
	w := &wanted{id: true, value: true}
	for c := range count.Columns {
		w.add(c)
	}
	return w
}

// read reads the rows from up to to of a row group.
func (b *block) read(g parquet.RowGroup, from, to int64, want *wanted, s *count.Symbols) (err error) {
	chunks := g.ColumnChunks()
	if b.visitor, err = numbers(b.visitor[:0], chunks[0], from, to, uint64s); err != nil {
		return err
	}
	if b.time, err = numbers(b.time[:0], chunks[1], from, to, int64s); err != nil {
		return err
	}
	if want.id {
		if b.id, err = numbers(b.id[:0], chunks[2], from, to, uint32s); err != nil {
			return err
		}
	}
	if want.value {
		if b.value, err = numbers(b.value[:0], chunks[3], from, to, int64s); err != nil {
			return err
		}
	}
	for _, c := range want.columns {
		if b.texts[c], err = texts(b.texts[c][:0], chunks[firstText+int(c)], from, to, s); err != nil {
			return err
		}
	}
	return b.check(want)
}

// check makes sure that all columns have as many rows.
func (b *block) check(want *wanted) error {
	n := len(b.visitor)
	same := len(b.time) == n && (!want.id || len(b.id) == n) && (!want.value || len(b.value) == n)
	for _, c := range want.columns {
		same = same && len(b.texts[c]) == n
	}
	if !same {
		return errors.New("its columns differ in length")
	}
	return nil
}

func uint64s(p parquet.Page) []uint64 { v := p.Data(); return v.Uint64() }
func int64s(p parquet.Page) []int64   { v := p.Data(); return v.Int64() }
func uint32s(p parquet.Page) []uint32 { v := p.Data(); return v.Uint32() }

// numbers appends a column's values.
func numbers[T any](to []T, chunk parquet.ColumnChunk, from, end int64, values func(parquet.Page) []T) ([]T, error) {
	err := pages(chunk, from, end, func(p parquet.Page) error {
		to = append(to, values(p)...)
		return nil
	})
	return to, err
}

// texts appends a column's symbols.
func texts(to []uint32, chunk parquet.ColumnChunk, from, end int64, s *count.Symbols) ([]uint32, error) {
	var symbols []uint32
	err := pages(chunk, from, end, func(p parquet.Page) error {
		d := p.Dictionary()
		if d == nil {
			return errors.New("a column of texts has no dictionary")
		}
		if symbols == nil {
			symbols = make([]uint32, d.Len())
		}
		v := p.Data()
		for _, at := range v.Int32() {
			if int(at) >= len(symbols) || at < 0 {
				return errors.New("a text is not in the dictionary")
			}
			if symbols[at] == 0 { // most questions about one visitor need few of its texts
				symbols[at] = s.ID(string(d.Index(at).ByteArray())) + 1
			}
			to = append(to, symbols[at]-1)
		}
		return nil
	})
	return to, err
}

// pages calls fn with the pages that hold the rows from up to end, cut to these.
func pages(chunk parquet.ColumnChunk, from, end int64, fn func(parquet.Page) error) (err error) {
	ps := chunk.Pages()
	defer func() { err = errors.Join(err, ps.Close()) }()
	if from > 0 {
		// With the index of the column's pages, those before are neither read nor decompressed.
		if _, err := chunk.OffsetIndex(); err != nil && !errors.Is(err, parquet.ErrMissingOffsetIndex) {
			return err
		}
		if err := ps.SeekToRow(from); err != nil {
			return err
		}
	}
	for at := from; at < end; {
		p, err := ps.ReadPage()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		n := p.NumRows()
		if at+n > end {
			err = cut(p, end-at, fn)
		} else {
			err = fn(p)
		}
		at += n
		parquet.Release(p)
		if err != nil {
			return err
		}
	}
	return nil
}

// cut calls fn with the first rows of a page.
func cut(p parquet.Page, rows int64, fn func(parquet.Page) error) error {
	some := p.Slice(0, rows)
	defer parquet.Release(some) // it has the page's memory, too
	return fn(some)
}
