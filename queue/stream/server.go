package stream

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// embedded is the NATS server inside this process. It has no listener: the only way in is the connection made here.
type embedded struct {
	server *server.Server
	log    *serverLog
}

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 15 * time.Second
)

func startEmbedded(o Options) (*embedded, error) {
	if err := checkKey(o.Dir, o.Key); err != nil {
		return nil, err
	}
	log := &serverLog{to: o.Logger}
	log.broken, log.giveUp = context.WithCancel(context.Background())
	opts := &server.Options{
		ServerName:                 "headgate",
		DontListen:                 true,
		JetStream:                  true,
		StoreDir:                   o.Dir,
		SyncAlways:                 !o.NoSync,
		JetStreamMaxMemory:         16 << 20,
		JetStreamMaxStore:          o.MaxBytes*2 + 1<<30, // the streams' own limits are the real ones
		JetStreamRequestQueueLimit: 4096,
		MaxPayload:                 int32(o.MaxMessage) + 1<<20,
		MaxPending:                 32 << 20,
		NoSystemAccount:            true,
		NoSigs:                     true,
		DisableShortFirstPing:      true,
	}
	if o.Key != "" {
		opts.JetStreamKey, opts.JetStreamCipher = o.Key, server.ChaCha
	}
	limit := debug.SetMemoryLimit(-1) // the server sets it from the container's; that is left to the program
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("set up the log: %w", err)
	}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	debug.SetMemoryLimit(limit)
	e := &embedded{server: s, log: log}
	if !s.ReadyForConnections(startTimeout) || !s.JetStreamEnabled() {
		e.stop()
		if why := log.fatal.Load(); why != nil {
			return nil, fmt.Errorf("start the log in %s: %s", o.Dir, *why)
		}
		return nil, fmt.Errorf("start the log in %s: it did not get ready in %v", o.Dir, startTimeout)
	}
	return e, nil
}

// stop ends the server. A server that hangs is abandoned: its files are whole after every write.
func (e *embedded) stop() {
	e.log.giveUp()
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}()
	t := time.NewTimer(stopTimeout)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
		e.log.to.Error("the log's server does not stop; restart this process before long")
	}
}
