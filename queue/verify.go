package queue

import (
	"context"
	"fmt"
	"os"
	"slices"

	"headgate/queue/mark"
)

// Verify reads everything in a log's folder and checks it against its format.Sums, its checkpoints and its high-water mark. No
// process may have the log open.
func Verify(ctx context.Context, o Options) (Verified, error) {
	l := newLog(o)
	defer l.abandon()
	if _, err := os.Stat(l.folder()); err != nil && !l.clustered {
		return Verified{}, fmt.Errorf("there is no log in %s", o.Dir)
	}
	if err := l.openStore(ctx, true); err != nil {
		return Verified{}, err
	}
	writers, err := l.ledgers.Writers(ctx)
	if err != nil {
		return Verified{}, err
	}
	names, err := mark.Writers(l.folder())
	if err != nil {
		return Verified{}, err
	}
	for _, w := range names {
		if !slices.Contains(writers, w) {
			writers = append(writers, w)
		}
	}
	var v Verified
	for _, w := range writers {
		m, high, err := mark.Open(l.folder(), w)
		if err != nil {
			return v, err
		}
		m.Close()
		if err := l.ledgers.Verify(ctx, w, high, &v); err != nil {
			return v, err
		}
	}
	v.Damage = append(v.Damage, l.ledgers.Damage()...)
	return v, nil
}
