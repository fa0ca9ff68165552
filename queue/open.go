package queue

import (
	"context"
	"fmt"
	"os"

	"headgate/queue/cluster"
	"headgate/queue/disk"
	"headgate/queue/mark"
	"headgate/queue/nats"
	"headgate/queue/stored"
)

// Open starts or reconnects the log. Damage does not keep it from starting; see Status.Damage.
func Open(ctx context.Context, o Options) (*Log, error) {
	l := newLog(o)
	if err := l.open(ctx); err != nil {
		l.abandon()
		return nil, err
	}
	l.start()
	return l, nil
}

// start has a log that was opened do its work.
func (l *Log) start() {
	go l.appender.run()
	l.ledgers.StartAll()
	go l.tend()
}

func (l *Log) open(ctx context.Context) error {
	if err := l.openStore(ctx, false); err != nil {
		return err
	}
	writer, err := l.chooseWriter(ctx)
	if err != nil {
		return err
	}
	m, high, err := mark.Open(l.folder(), writer)
	if err != nil {
		return err
	}
	l.appender = newAppender(l, m)
	own, err := l.ledgers.Open(ctx, writer, high)
	if err != nil {
		return err
	}
	l.ledgers.Write(own)
	if !l.clustered {
		if err := l.ledgers.OpenAll(ctx); err != nil {
			return err
		}
	}
	_, l.appender.lastSeq, err = l.appender.end(ctx)
	return err
}

// openStore locks the folder and opens the streams; with checkOnly they are read whole, and not changed.
func (l *Log) openStore(ctx context.Context, checkOnly bool) (err error) {
	if err := os.MkdirAll(l.folder(), 0o700); err != nil {
		return fmt.Errorf("make the log's folder: %w", err)
	}
	if l.lock, err = lockFolder(l.folder()); err != nil {
		return err
	}
	if l.clustered {
		err = l.connect(ctx)
	} else {
		err = l.openFiles(ctx, checkOnly)
	}
	if err != nil {
		return err
	}
	l.followers = stored.NewFollowers(l.working, l.store, l.clustered)
	l.ledgers.Use(l.store)
	return nil
}

func (l *Log) openFiles(ctx context.Context, checkOnly bool) error {
	c := &l.o.Config
	s, err := disk.Open(ctx, disk.Options{
		Dir: l.folder(), MaxBytes: int64(c.MaxBytes), MaxMessage: MaxAppend, NoSync: c.Sync == syncNever, Key: c.EncryptionKey.Reveal(),
		CheckOnly: checkOnly, Logger: l.logger, Damaged: func(what string) { l.ledgers.Damaged(what, 0, 0) },
	})
	if err != nil {
		return err
	}
	l.store = s
	return nil
}

func (l *Log) connect(ctx context.Context) error {
	c := &l.o.Config
	s, err := nats.Open(ctx, nats.Options{
		URL: c.URL, Replicas: c.Replicas, Name: l.o.Instance, MaxBytes: int64(c.MaxBytes), LeaseTerm: cluster.LeaseTerm, Logger: l.logger,
	})
	if err != nil {
		return err
	}
	l.store, l.shared, l.leases = s, s, cluster.NewLeases(s, l.logger)
	return nil
}

// closeStore closes the streams and unlocks the folder.
func (l *Log) closeStore() {
	if l.store != nil {
		l.store.Close()
	}
	l.lock.release()
}

// abandon undoes what open did before it failed.
func (l *Log) abandon() {
	l.halt()
	if l.appender != nil {
		l.appender.mark.Close()
	}
	l.closeStore()
}

// Close stops taking events, finishes the group being written, makes the last checkpoint and ends everything. Groups
// that were neither settled nor released are returned by Next again after the next Open. ctx bounds it.
func (l *Log) Close(ctx context.Context) error {
	if !l.ledgers.BeginClose() {
		return nil
	}
	l.endTending()
	stop := context.AfterFunc(ctx, l.halt)
	defer stop()

	<-l.tended
	l.appender.close()
	l.ledgers.Close()
	err := ctx.Err()
	if l.leases != nil {
		l.leases.ReleaseAll(l.working)
	}
	l.halt()
	l.appender.mark.Close()
	l.closeStore()
	if err != nil {
		return fmt.Errorf("close the log: %w", err)
	}
	return nil
}
