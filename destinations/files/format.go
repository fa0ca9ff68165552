package files

import (
	"io"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/event"
)

// Format is a kind of files.
type Format struct {
	Extension   string // with its dot
	ContentType string
	Events      func([]rows.Column[destinations.Sending]) NewWriter[destinations.Sending]
	Decisions   func([]rows.Column[rows.Decision]) NewWriter[rows.Decision]
	// Read calls fn with the rows of a file of events in their order, until fn returns false.
	Read func(file []byte, fn func(row event.Map) bool) error
	// Mentions reports whether a column of a local file of events has somebody's value.
	Mentions func(path, column string, p destinations.Person) (bool, error)
}

// NewWriter begins a file, which goes to w as it grows. It may be called by several goroutines at once.
type NewWriter[T any] func(w io.Writer) Writer[T]

// Writer makes a file out of rows. The same rows make the same bytes, however they are put together in calls of Write.
type Writer[T any] interface {
	Write(list []*T) error
	// Size is about how large the file has become.
	Size() int64
	// Close completes the file.
	Close() error
}
