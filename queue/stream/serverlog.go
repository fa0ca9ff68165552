package stream

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
)

// serverLog passes the server's log lines on. Its warnings are logged for debugging only: the consequences are reported by
// this package and its callers.
type serverLog struct {
	to    *slog.Logger
	fatal atomic.Pointer[string]
	// broken is cancelled when a write fails: from then on the server stores nothing until it is restarted, and does not
	// answer requests under way.
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

// Errorf also detects that the server has stopped writing, which it reports nowhere else: see checkedServer.
func (l *serverLog) Errorf(format string, v ...any) {
	if stoppedWriting(format) {
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

func stoppedWriting(format string) bool {
	return strings.Contains(strings.ToLower(format), "critical write error") || strings.Contains(format, "will be DISABLED")
}
