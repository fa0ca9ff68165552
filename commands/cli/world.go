// Package cli is what commands stand on: where they run, how they ask the running process and a person, how they print.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"headgate/config"
	"headgate/document"
)

// DefaultPath is the configuration where none is named.
const DefaultPath = "headgate.yaml"

// World is where a command runs.
type World struct {
	Ctx    context.Context
	In     io.Reader
	Out    io.Writer
	Errors io.Writer
	Path   string // of the configuration

	Secrets  *document.Secrets // of the configurations that were loaded; out and errors hide them
	Terminal bool              // errors is read by a person who is there
	Asks     bool              // a person is there who can answer
	Coloured [2]bool           // out and errors show colours
}

// NewWorld makes the world of one command; what it prints hides the secrets of the configurations that it loads.
func NewWorld(ctx context.Context, in io.Reader, out, errs io.Writer, path string) *World {
	w := &World{Ctx: ctx, In: in, Path: path, Secrets: new(document.Secrets), Terminal: isTerminal(errs)}
	w.Coloured = [2]bool{paints(out), paints(errs)}
	w.Asks = w.Terminal && isTerminal(in)
	w.Out, w.Errors = w.Secrets.Writer(out), w.Secrets.Writer(errs)
	return w
}

// Env is where configurations take their values from.
func (w *World) Env() config.Env { return config.Env{Secrets: w.Secrets} }

// userError is a mistake that the user can fix.
type userError struct{ error }

// Wrong is what the user can fix, in words.
func Wrong(format string, args ...any) error { return userError{fmt.Errorf(format, args...)} }

// Blame makes an error a mistake of the user.
func Blame(err error) error { return userError{err} }

// IsMistake reports whether an error is one that the user can fix.
func IsMistake(err error) bool {
	var user userError
	return errors.As(err, &user)
}

// Parts loads and builds the configuration.
func (w *World) Parts() (*config.Parts, error) {
	parts, mistakes := config.Open(w.Path, w.Env(), config.Deps{Drivers: Drivers()})
	return parts, mistakes.Err()
}

// Since reads a span before now, or a time.
func Since(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if span, err := document.ParseDuration(text); err == nil {
		return time.Now().Add(-span.Std()), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, Wrong("--since %q: write a span such as 2h or 3d, or a time such as 2026-11-22T10:00:00Z", text)
	}
	return t, nil
}

// JSON prints a value as indented JSON.
func (w *World) JSON(v any) error {
	enc := json.NewEncoder(w.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// NewLogger logs as the configuration says.
func NewLogger(c config.Log, out io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // a wrong level is one of the mistakes that Open reports
	}
	options := &slog.HandlerOptions{Level: level}
	if strings.EqualFold(c.Format, "json") {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
