package parquet

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations"
)

// Erase says which files have rows of someone. It removes nothing: a file that has its name is never changed, since
// engines and copies rely on that.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	out := destinations.Erased{}
	column := strings.ReplaceAll(p.Field, ".", "_")
	err := filepath.WalkDir(d.archive.settings.To, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir() || strings.HasPrefix(entry.Name(), hidden) || !strings.HasSuffix(path, ".parquet"):
			return nil
		}
		found, err := mentions(path, column, p)
		if found {
			out.Remains = append(out.Remains, path)
		}
		return err
	})
	if len(out.Remains) > 0 {
		out.Advice = "files are never changed here: write them anew without the rows whose " + column + " is the person's, with DuckDB for example, or delete them"
	}
	return out, err
}

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
		return false, nil // of decisions, or of someone else
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
