package files

import (
	"context"
	"hash"
	"io"
	"strings"

	"headgate/destinations"
)

// store is where files go.
type store interface {
	// create begins a file, which is there when it is committed, as a whole, and replaces one of its name. key is a path with slashes.
	create(ctx context.Context, key, contentType string) (output, error)
	// get returns a file, list the keys of all of them in any order.
	get(ctx context.Context, key string) ([]byte, error)
	list(ctx context.Context) ([]string, error)
	// blame is whose fault an error of a file is: Retry or Halt.
	blame(error) destinations.Kind
	// address is a file's, as loaders write it.
	address(key string) string
	close()
}

// output is a file that is not complete.
type output interface {
	io.Writer
	// commit stores it under its name. abort drops it, also after a commit that has failed.
	commit() error
	abort()
}

// summed is an output with what a manifest says of it.
type summed struct {
	output
	key   string
	bytes int64
	sum   hash.Hash
}

func (s *summed) Write(b []byte) (int, error) {
	n, err := s.output.Write(b)
	s.bytes += int64(n)
	s.sum.Write(b[:n])
	return n, err
}

// put stores a small file.
func put(ctx context.Context, to store, key, contentType string, body []byte) error {
	file, err := to.create(ctx, key, contentType)
	if err != nil {
		return err
	}
	if _, err = file.Write(body); err == nil {
		err = file.commit()
	}
	if err != nil {
		file.abort()
	}
	return err
}

func join(parts ...string) string {
	var path []string
	for _, p := range parts {
		if p != "" {
			path = append(path, p)
		}
	}
	return strings.Join(path, "/")
}
