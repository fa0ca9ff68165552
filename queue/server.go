package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
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
	dir := filepath.Join(o.Dir, "queue")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the log's folder: %w", err)
	}
	if err := checkKey(dir, o.Config.EncryptionKey.Reveal()); err != nil {
		return nil, err
	}
	log := &serverLog{to: o.Logger}
	log.broken, log.giveUp = context.WithCancel(context.Background())
	opts := &server.Options{
		ServerName:                 "headgate",
		DontListen:                 true,
		JetStream:                  true,
		StoreDir:                   dir,
		SyncAlways:                 o.Config.Sync != syncNever,
		JetStreamMaxMemory:         16 << 20,
		JetStreamMaxStore:          int64(o.Config.MaxBytes)*2 + 1<<30, // the streams' own limits are the real ones
		JetStreamRequestQueueLimit: 4096,
		MaxPayload:                 MostBytes + 1<<20,
		MaxPending:                 32 << 20,
		NoSystemAccount:            true,
		NoSigs:                     true,
		DisableShortFirstPing:      true,
	}
	if key := o.Config.EncryptionKey.Reveal(); key != "" {
		opts.JetStreamKey, opts.JetStreamCipher = key, server.ChaCha
	}
	limit := debug.SetMemoryLimit(-1) // the server sets it from the container's; that is the program's to decide
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
			return nil, fmt.Errorf("start the log in %s: %s", dir, *why)
		}
		return nil, fmt.Errorf("start the log in %s: it did not get ready in %v", dir, startTimeout)
	}
	return e, nil
}

// stop ends the server; one that hangs is left behind, since its files are whole after every write.
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

// serverLog passes the server's own lines on: what it warns of is for people who look closer, since what follows from it
// is reported by this package in its own words.
type serverLog struct {
	to    *slog.Logger
	fatal atomic.Pointer[string]
	// broken is cancelled when a write fails: the server then refuses all that follow until it is started anew, and
	// leaves those that wait for an answer waiting.
	broken context.Context
	giveUp context.CancelFunc
}

func (l *serverLog) line(level slog.Level, format string, v []any) {
	if l.to.Enabled(context.Background(), level) {
		l.to.Log(context.Background(), level, "log server", "says", fmt.Sprintf(format, v...))
	}
}

// Noticef is one of the server's logging methods.
func (l *serverLog) Noticef(format string, v ...any) { l.line(slog.LevelDebug, format, v) }

// Warnf is one of the server's logging methods.
func (l *serverLog) Warnf(format string, v ...any) { l.line(slog.LevelDebug, format, v) }

// Errorf also notices that the server gave up writing: it says so nowhere else, it merely stops answering.
func (l *serverLog) Errorf(format string, v ...any) {
	if strings.Contains(strings.ToLower(format), "critical write error") || strings.Contains(format, "will be DISABLED") {
		l.giveUp()
	}
	l.line(slog.LevelWarn, format, v)
}

// Fatalf keeps why the server did not start.
func (l *serverLog) Fatalf(format string, v ...any) {
	s := fmt.Sprintf(format, v...)
	l.fatal.Store(&s)
}

// Debugf is one of the server's logging methods.
func (l *serverLog) Debugf(string, ...any) {}

// Tracef is one of the server's logging methods.
func (l *serverLog) Tracef(string, ...any) {}

var errDown = errors.New("the log cannot write: out of space or a failing disk")

// link is the connection to the server, inside or out. An embedded server that failed to write is started anew by heal.
type link struct {
	o  Options
	mu sync.RWMutex
	// nc is nil while there is no server.
	nc     *nats.Conn
	inside *embedded
	closed bool
}

func openLink(ctx context.Context, o Options) (*link, error) {
	l := &link{o: o}
	if o.Config.URL != "" {
		nc, err := nats.Connect(o.Config.URL, connectOptions(ctx, o)...)
		if err != nil {
			return nil, fmt.Errorf("connect to the NATS cluster: %w", err)
		}
		l.nc = nc
		return l, nil
	}
	return l, l.start()
}

func connectOptions(ctx context.Context, o Options) []nats.Option {
	opts := []nats.Option{
		nats.Name("headgate " + o.Instance),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.SyncQueueLen(2 * boardMessages), // the most that is ever on its way
		nats.ReconnectBufSize(-1),            // what cannot be sent now fails now; this package decides about sending again
	}
	if until, ok := ctx.Deadline(); ok {
		opts = append(opts, nats.Timeout(time.Until(until)))
	}
	return opts
}

// start makes an embedded server and connects to it. The caller holds mu or is alone.
func (l *link) start() error {
	e, err := startEmbedded(l.o)
	if err != nil {
		return err
	}
	nc, err := nats.Connect("", nats.InProcessServer(e.server), nats.Name("headgate"), nats.NoReconnect(),
		nats.PingInterval(time.Hour), nats.FlusherTimeout(0), nats.SyncQueueLen(2*readMessages))
	if err != nil {
		e.stop()
		return fmt.Errorf("connect to the log: %w", err)
	}
	l.inside, l.nc = e, nc
	return nil
}

// conn returns the connection; it fails at once while an embedded server is down.
func (l *link) conn() (*nats.Conn, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	switch {
	case l.closed:
		return nil, ErrClosed
	case l.nc == nil || l.inside != nil && l.inside.log.broken.Err() != nil:
		return nil, errDown
	}
	return l.nc, nil
}

// broken reports whether an embedded server has stopped working.
func (l *link) broken() bool {
	_, err := l.conn()
	return errors.Is(err, errDown)
}

// alive is done when an embedded server stops working: waiting for its answer is in vain then.
func (l *link) alive() context.Context {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.inside == nil {
		return context.Background()
	}
	return l.inside.log.broken
}

// heal starts an embedded server anew when it has given up, and reports whether there is a working one.
func (l *link) heal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	if l.o.Config.URL != "" || l.nc != nil && l.inside.log.broken.Err() == nil {
		return nil
	}
	l.stop()
	return l.start()
}

// stop ends what there is. The caller holds mu.
func (l *link) stop() {
	if l.nc != nil {
		l.nc.Close()
	}
	if l.inside != nil {
		l.inside.stop()
	}
	l.nc, l.inside = nil, nil
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.stop()
}
