package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"headgate/config"
	"headgate/document"
)

// Reload reads the configuration again and swaps it in whole; with mistakes in it nothing changes, and the mistakes are
// returned, logged and shown by Status. What a running server cannot change (listen, admin, data, queue, tls) is named in a
// warning and waits for a restart.
func (s *Server) Reload(ctx context.Context) error {
	s.reload.mu.Lock()
	defer s.reload.mu.Unlock()
	if s.closing.Load() {
		return ErrUnavailable
	}
	parts, mistakes := config.Open(s.path, s.env, s.deps)
	if err := mistakes.Err(); err != nil {
		return s.refuse(err)
	}
	old := s.plan.Load()
	if parts.Hash == old.Hash && s.reload.fact == "" {
		return parts.Close(context.Background())
	}
	for _, key := range fixed(old.Config, parts.Config) {
		s.logger.Warn("this key is changed by a restart only", "key", key)
	}
	if err := s.install(newPlan(parts, s.now())); err != nil {
		return s.refuse(errors.Join(err, parts.Close(context.Background())))
	}
	s.reload.fact = ""
	s.counts.reloads.WithLabelValues("ok").Inc()
	s.logger.Info("configuration loaded", "hash", parts.Hash[:12], "destinations", len(parts.Destinations))
	for _, w := range parts.Warnings {
		s.logger.Warn(w.Error())
	}
	s.warnOfOrphans(ctx)
	return nil
}

func (s *Server) refuse(err error) error {
	s.reload.fact = err.Error()
	s.counts.reloads.WithLabelValues("failed").Inc()
	s.logger.Error("the new configuration has mistakes and was not loaded; the old one stays in force", "mistakes", err.Error())
	return err
}

// install puts a plan in force: first the log knows its destinations, then the walk sees it, then deliveries follow. The
// plan before serves the walks that have begun with it.
func (s *Server) install(p *Plan) error {
	roster, err := s.log.Roster(p.names())
	if err != nil {
		return fmt.Errorf("make the cursors of the destinations: %w", err)
	}
	p.roster = roster
	s.subjects.Serve(p.Policy)
	if err := s.insight.Serve(p.Insight, p.Policy); err != nil {
		return err
	}
	for _, name := range p.names() {
		p.tallies = append(p.tallies, s.counts.consent.tally(name))
	}
	s.book.CountConversions(p.conversions())
	p.flows = newFlows(p, s.book)
	s.counts.scripts.expect(p.Scripts.List())
	old := s.plan.Swap(p)
	if err := s.deliveries.Adopt(p.Parts); err != nil {
		return fmt.Errorf("start the deliveries: %w", err)
	}
	if old != nil {
		// Walks that began with the old plan may still look places up in its database: they are given time.
		time.AfterFunc(walksEnd, func() {
			if err := old.Enricher.Close(); err != nil {
				s.logger.Warn("the old geo database did not close", "error", err)
			}
		})
	}
	return nil
}

// walksEnd is how long a walk may take.
const walksEnd = 5 * time.Second

// fixed names the keys that differ and that a running server cannot change.
func fixed(old, next *config.Config) (keys []string) {
	add := func(key string, changed bool) {
		if changed {
			keys = append(keys, key)
		}
	}
	add("listen", old.Listen.Value != next.Listen.Value)
	add("data", old.Data.Value != next.Data.Value)
	add("admin", old.Admin.Listen.Value != next.Admin.Listen.Value || old.Admin.Token.Reveal() != next.Admin.Token.Reveal())
	add("queue", old.Queue.URL != next.Queue.URL || old.Queue.EncryptionKey.Reveal() != next.Queue.EncryptionKey.Reveal())
	add("limits", old.Limits.Body != next.Limits.Body || old.Limits.URL != next.Limits.URL || old.Limits.Headers != next.Limits.Headers)
	add("tls", (old.TLS == nil) != (next.TLS == nil))
	return keys
}

// Configuration is what a person edits: one file, or those of a folder.
type Configuration struct {
	Version string // changes with any byte of any file
	Files   []File // sorted by name
}

// File is one file of the configuration; Name is relative to its folder.
type File struct {
	Name string
	Text []byte
}

// Configuration returns the files the server was started with, as they are on disk now.
func (s *Server) Configuration(context.Context) (Configuration, error) {
	var c Configuration
	if s.path == "" {
		return c, nil
	}
	names, err := config.Files(s.path)
	if err != nil {
		return c, err
	}
	root := s.root()
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return c, err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return c, err
		}
		c.Files = append(c.Files, File{filepath.ToSlash(relative), text})
	}
	c.Version = versionOf(c.Files)
	return c, nil
}

// versionOf is the same for the same files.
func versionOf(files []File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s\x00%d\x00", f.Name, len(f.Text))
		h.Write(f.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (s *Server) root() string {
	if info, err := os.Stat(s.path); err == nil && info.IsDir() {
		return s.path
	}
	return filepath.Dir(s.path)
}

// Configure replaces one file if the files on disk are still of that version, and reloads. With mistakes in it the file
// on disk stays as it was. ErrStale when the version is another, ErrNotFound when name is none of the files, ErrReadOnly when it
// cannot be written.
func (s *Server) Configure(ctx context.Context, name string, text []byte, version string) (Configuration, error) {
	s.reload.mu.Lock()
	current, err := s.Configuration(ctx)
	if err == nil {
		err = s.replace(current, name, text, version)
	}
	s.reload.mu.Unlock()
	if err != nil {
		return current, err
	}
	if err := s.Reload(ctx); err != nil {
		return current, err
	}
	return s.Configuration(ctx)
}

// replace writes one file once the configuration opens with its new text.
func (s *Server) replace(current Configuration, name string, text []byte, version string) error {
	if current.Version != version {
		return ErrStale
	}
	if !slices.ContainsFunc(current.Files, func(f File) bool { return f.Name == name }) {
		return ErrNotFound
	}
	path := filepath.Join(s.root(), filepath.FromSlash(name))
	parts, mistakes := config.Open(s.path, s.env.Instead(path, text), s.deps)
	if err := s.named(mistakes).Err(); err != nil {
		return err
	}
	if err := parts.Close(context.Background()); err != nil {
		return err
	}
	err := document.Replace(path, text)
	if isReadOnly(err) {
		return fmt.Errorf("%w (%w)", ErrReadOnly, err)
	}
	return err
}

// isReadOnly reports whether a file cannot be replaced by this process: it has no right to, the file system is mounted for reading
// only, or the file itself is a mount, as containers have it.
func isReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EBUSY)
}

// Watch reloads whenever the files of the configuration or one of its inputs change, until ctx ends.
func (s *Server) Watch(ctx context.Context) error {
	if s.path == "" {
		<-ctx.Done()
		return nil
	}
	return config.Watch(ctx, s.path, func() []string { return s.plan.Load().Inputs }, func() {
		_ = s.Reload(ctx) // its mistakes are logged and shown by Status
	})
}
