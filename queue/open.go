package queue

import (
	"context"
	"errors"
	"fmt"

	"headgate/queue/cluster"
	"headgate/queue/mark"
	"headgate/queue/stored"
	"headgate/queue/stream"
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

// openStore opens the streams; with checkAll all of their files are checked for damage first.
func (l *Log) openStore(ctx context.Context, checkAll bool) error {
	c := &l.o.Config
	s, err := stream.Open(ctx, stream.Options{
		Dir: l.folder(), URL: c.URL, Replicas: c.Replicas, Name: l.o.Instance, MaxBytes: int64(c.MaxBytes), MaxMessage: MaxAppend,
		NoSync: c.Sync == syncNever, Key: c.EncryptionKey.Reveal(), LeaseTerm: cluster.LeaseTerm, CheckAll: checkAll, Logger: l.logger,
		Damaged: func(what string) { l.ledgers.Damaged(what, 0, 0) },
	})
	if err != nil {
		return err
	}
	l.store, l.followers = s, stored.NewFollowers(l.working, s, l.clustered)
	l.ledgers.Use(s)
	if l.clustered {
		l.leases = cluster.NewLeases(s, l.logger)
	}
	return nil
}

// abandon undoes what open did before it failed.
func (l *Log) abandon() {
	l.halt()
	if l.appender != nil {
		l.appender.mark.Close()
	}
	if l.store != nil {
		l.store.Close()
	}
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
	err := errors.Join(ctx.Err(), l.store.StartedWell())
	if l.leases != nil {
		l.leases.ReleaseAll(l.working)
	}
	l.halt()
	l.appender.mark.Close()
	l.store.Close()
	if err != nil {
		return fmt.Errorf("close the log: %w", err)
	}
	return nil
}
