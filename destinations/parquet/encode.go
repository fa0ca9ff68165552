package parquet

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations/files"
	"headgate/destinations/rows"
)

// These bound the memory that a file takes while it is made.
const (
	dictionaryBytes = 64 << 10 // how long the list of a column's different texts grows before they are written one by one
	groupRows       = 10_000   // rows that are gathered, compressed, before they are written
)

// writer makes one file.
type writer[T any] struct {
	columns []rows.Column[T]
	file    *parquet.GenericWriter[any]
	made    lines
}

// NewWriter begins files with these columns. What a file looks like is in the description of parquet.yaml.
func NewWriter[T any](columns []rows.Column[T]) files.NewWriter[T] {
	schema, codec := newSchema(columns), newCodec()
	return func(w io.Writer) files.Writer[T] {
		return &writer[T]{columns: columns, file: parquet.NewGenericWriter[any](w, schema,
			parquet.Compression(codec),
			parquet.PageBufferSize(pageBytes),
			parquet.DictionaryMaxBytes(dictionaryBytes),
			parquet.MaxRowsPerRowGroup(groupRows),
			parquet.DataPageStatistics(true),
			parquet.CreatedBy("headgate", "", ""))}
	}
}

func (w *writer[T]) Write(list []*T) error {
	w.made.reset()
	for _, row := range list {
		add(&w.made, w.columns, row)
	}
	n, err := w.file.WriteRows(w.made.list)
	if err == nil && n < len(list) {
		err = fmt.Errorf("%d rows of %d", n, len(list))
	}
	if err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	return nil
}

func (w *writer[T]) Size() int64 { return w.file.Size() }

func (w *writer[T]) Close() error {
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("complete the file: %w", err)
	}
	return nil
}
