package parquet

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations"
)

// mentions reports whether a text column of a file names a person. Only that column is read.
func mentions(path, column string, p destinations.Person) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return false, err
	}
	leaf, there := file.Schema().Lookup(column)
	if !there {
		return false, nil // of decisions, or of somebody else
	}
	for _, group := range file.RowGroups() {
		found, err := has(group.ColumnChunks()[leaf.ColumnIndex].Pages(), p)
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

func has(pages parquet.Pages, p destinations.Person) (bool, error) {
	defer func() { _ = pages.Close() }()
	buf := make([]parquet.Value, 256)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		for reader := page.Values(); ; {
			n, err := reader.ReadValues(buf)
			for _, v := range buf[:n] {
				text := string(v.ByteArray())
				if p.AnyCase {
					text = strings.ToLower(text)
				}
				if slices.Contains(p.Values, text) {
					parquet.Release(page)
					return true, nil
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return false, err
			}
		}
		parquet.Release(page)
	}
}
