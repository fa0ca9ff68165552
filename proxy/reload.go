package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/config"
	"headgate/config/edit"
	"headgate/proxy/plan"
)

// Reload reads the configuration again and swaps it in whole; with mistakes in it nothing changes, and the mistakes are
// returned, logged and shown by Status. What a running server cannot change (listen, admin, data, queue, tls) is named in a
// warning and waits for a restart.
func (s *Server) Reload(ctx context.Context) error {
	s.reload.mu.Lock()
	defer s.reload.mu.Unlock()
	if s.door.Closed() {
		return ErrUnavailable
	}
	parts, mistakes := s.files.Load(s.deps)
	if err := mistakes.Err(); err != nil {
		return s.refuse(err)
	}
	old := s.plan.Load()
	if parts.Hash == old.Hash && s.reload.fact == "" {
		return parts.Close(context.Background())
	}
	for _, key := range restartOnly(old.Config, parts.Config) {
		s.logger.Warn("this key is changed by a restart only", "key", key)
	}
	if err := s.install(plan.New(parts, s.now())); err != nil {
		return s.refuse(errors.Join(err, parts.Close(context.Background())))
	}
	s.reload.fact = ""
	s.counts.Reloaded("ok")
	s.logger.Info("configuration loaded", "hash", parts.Hash[:12], "destinations", len(parts.Destinations))
	for _, w := range parts.Warnings {
		s.logger.Warn(w.Error())
	}
	s.warnOfOrphans(ctx)
	return nil
}

func (s *Server) refuse(err error) error {
	s.reload.fact = err.Error()
	s.counts.Reloaded("failed")
	s.logger.Error("the new configuration has mistakes and was not loaded; the old one stays in force", "mistakes", err.Error())
	return err
}

// install puts a plan in force: first the log knows its destinations, then the walk sees it, then deliveries follow. The
// plan before serves the walks that have begun with it.
func (s *Server) install(p *plan.Plan) error {
	roster, err := s.log.Roster(p.Names())
	if err != nil {
		return fmt.Errorf("make the cursors of the destinations: %w", err)
	}
	p.Roster = roster
	s.subjects.Serve(p.Policy)
	if err := s.insight.Serve(p.Insight, p.Policy); err != nil {
		return err
	}
	p.CountInto(s.counts, s.book)
	s.counts.Scripts.Expect(p.Scripts.List())
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

// restartOnly names the keys that differ and that a running server cannot change.
func restartOnly(old, next *config.Config) (keys []string) {
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

// Configuration returns the files the server was started with, as they are on disk now.
func (s *Server) Configuration(context.Context) (edit.Configuration, error) { return s.files.Read() }

// Configure replaces one file if the files on disk are still of that version, and reloads. With mistakes in it the file
// on disk stays as it was. ErrStale when the version is another, ErrNotFound when name is none of the files, ErrReadOnly when it
// cannot be written.
func (s *Server) Configure(ctx context.Context, name string, text []byte, version string) (edit.Configuration, error) {
	s.reload.mu.Lock()
	current, err := s.files.Read()
	switch {
	case err != nil:
	case current.Version != version:
		err = edit.ErrStale
	case !current.Has(name):
		err = ErrNotFound
	default:
		err = s.files.Replace(name, text, s.deps)
	}
	s.reload.mu.Unlock()
	if err != nil {
		return current, err
	}
	if err := s.Reload(ctx); err != nil {
		return current, err
	}
	return s.files.Read()
}

// Watch reloads whenever the files of the configuration or one of its inputs change, also if they did while the server opened, until ctx
// ends.
func (s *Server) Watch(ctx context.Context) error {
	return s.files.Watch(ctx, s.plan.Load().Hash, func() []string { return s.plan.Load().Inputs }, func() {
		_ = s.Reload(ctx) // its mistakes are logged and shown by Status
	})
}
