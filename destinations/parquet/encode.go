package parquet

import (
	"bytes"
	"fmt"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations/files"
	"headgate/destinations/rows"
)

// These bound the memory that a file takes while it is made.
const (
	pageBytes       = 64 << 10 // how much of a column is gathered before it is compressed
	dictionaryBytes = 64 << 10 // how long the list of a column's different texts grows before they are written one by one
	groupRows       = 10_000   // rows that are gathered, compressed, before they are written
	chunk           = 256      // rows between two looks at the file's size
)

// NewEncoder is that of files with these columns. What a file looks like is in the description of parquet.yaml.
func NewEncoder[T any](columns []rows.Column[T]) files.Encoder[T] {
	schema, codec := newSchema(columns), newCodec()
	return func(list []*T, size int64) ([]byte, int, error) {
		var file bytes.Buffer
		w := parquet.NewGenericWriter[any](&file, schema,
			parquet.Compression(codec),
			parquet.PageBufferSize(pageBytes),
			parquet.DictionaryMaxBytes(dictionaryBytes),
			parquet.MaxRowsPerRowGroup(groupRows),
			parquet.DataPageStatistics(true),
			parquet.CreatedBy("headgate", "", ""))
		var made lines
		done := 0
		for done < len(list) && (done == 0 || w.Size() < size) {
			some := list[done:min(len(list), done+chunk)]
			made.reset()
			for _, row := range some {
				add(&made, columns, row)
			}
			n, err := w.WriteRows(made.list)
			if err == nil && n < len(some) {
				err = fmt.Errorf("%d rows of %d", n, len(some))
			}
			if err != nil {
				return nil, 0, fmt.Errorf("write rows: %w", err)
			}
			done += n
		}
		if err := w.Close(); err != nil {
			return nil, 0, fmt.Errorf("complete the file: %w", err)
		}
		return file.Bytes(), done, nil
	}
}
