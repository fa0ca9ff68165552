package files

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"headgate/destinations"
)

// Erase says which files have rows of somebody. It removes nothing: a file that has its name is never changed, since
// engines and copies rely on that. What is in object storage is not read: it can be very much.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	column := strings.ReplaceAll(p.Field, ".", "_")
	folder, here := d.store.(*local)
	if !here {
		return destinations.Erased{Remains: []string{d.store.address("")}, Advice: "find the files whose " + column +
			" is the person's with an engine that reads them (its file name is a column there), and write them anew without those rows, or delete them"}, nil
	}
	out := destinations.Erased{}
	err := filepath.WalkDir(folder.folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir() || strings.HasPrefix(entry.Name(), hidden) || !strings.HasSuffix(path, d.format.Extension):
			return nil
		}
		found, err := d.format.Mentions(path, column, p)
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
