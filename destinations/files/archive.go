package files

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"headgate/event"
)

// later is how long after the first event of a file its last may have been received, at most, whatever the settings were then.
const later = 24 * time.Hour

// List names the files of events by their paths below `to`, in the order of their names, which begin with the time of their first
// event. Object storage is asked for all of them: it needs the right s3:ListBucket.
func (d *Driver) List(ctx context.Context, since, until time.Time) ([]string, error) {
	all, err := d.store.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", d.store.address(""), err)
	}
	all = slices.DeleteFunc(all, func(key string) bool {
		name := path.Base(key)
		if !strings.HasSuffix(name, d.format.Extension) || strings.HasPrefix(key, "decisions/") || strings.HasPrefix(name, hidden) {
			return true
		}
		first, err := time.Parse(nameTime, name[:min(len(name), len(nameTime))])
		return err == nil && (first.Before(since.Add(-later)) || !first.Before(until))
	})
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(strings.Compare(path.Base(a), path.Base(b)), strings.Compare(a, b))
	})
	return all, nil
}

// Read reads one file.
func (d *Driver) Read(ctx context.Context, key string, fn func(row event.Map) bool) error {
	body, err := d.store.get(ctx, key)
	if err == nil {
		err = d.format.Read(body, fn)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", d.store.address(key), err)
	}
	return nil
}
