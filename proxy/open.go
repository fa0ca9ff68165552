package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"headgate/config"
	"headgate/config/edit"
	"headgate/document"
	"headgate/proxy/admission"
	"headgate/proxy/counts"
	"headgate/proxy/delivery"
	"headgate/proxy/door"
	"headgate/proxy/drafts"
	"headgate/proxy/live"
	"headgate/proxy/lookout"
	"headgate/proxy/once"
	"headgate/proxy/pages"
	"headgate/proxy/peers"
	"headgate/proxy/plan"
	"headgate/proxy/resend"
	"headgate/queue"
)

// Options are what a server is opened with.
type Options struct {
	Path   string         // of the configuration: a file, a folder, or "" for the built-in one
	Loaded *config.Loaded // the same, when it has been loaded already; nil: Open loads it
	Env    config.Env
	Deps   config.Deps
	Logger *slog.Logger
	Memory int64 // bytes that the process may take; 0 when nobody said

	Subjects func(context.Context, Opening) (Subjects, error) // opens them once the log is open; required
	Insight  func(Opening) Insight                            // opens it once the log is open; nil: there is none
}

// Open loads the configuration, opens the log and starts the deliveries. What is wrong with the configuration is returned as
// document.Mistakes, and nothing is touched then.
func Open(ctx context.Context, o Options) (*Server, error) {
	parts, mistakes := o.parts()
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	for _, w := range parts.Warnings {
		o.Logger.Warn(w.Error())
	}
	s := &Server{
		files: edit.At(o.Path, o.Env), deps: o.Deps, logger: o.Logger, now: o.Deps.Now, stopped: make(chan struct{}),
		counts: counts.New(parts.Sources), watchers: live.New(),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.openLog(ctx, parts, o); err != nil {
		return nil, errors.Join(err, parts.Close(ctx))
	}
	plan := plan.New(parts, s.now())
	if err := s.install(plan); err != nil {
		return nil, errors.Join(err, s.insight.Close(), s.subjects.Close(), s.closeRecords(), s.once.Close(), s.log.Close(ctx), parts.Close(ctx))
	}
	if err := s.openFinder(ctx); err != nil {
		s.deliveries.Stop(ctx)
		return nil, errors.Join(err, s.insight.Close(), s.subjects.Close(), s.closeRecords(), s.once.Close(), s.log.Close(ctx), parts.Close(ctx))
	}
	s.writing.Go(func() { s.lookout.Run(s.following, s.now) })
	s.writing.Go(func() { s.peers.Run(s.following) })
	s.warnOfOrphans(ctx)
	go s.watchers.Run(s.stopped) // Shutdown waits for it
	s.pages = pages.Pages{Counts: s.counts, Choices: s.subjects, Profiles: s.insight, Logger: s.logger}
	s.nearlyFull = s.log.NearlyFull
	limits := &plan.Config.Limits
	s.reading.Limit = admission.BudgetFor(o.Memory, limits.Body.Int())
	s.door = door.New(door.Options{Limits: limits, Budget: &s.reading, Answer: s.answer, Counts: s.counts, Logger: s.logger, Now: s.now})
	return s, nil
}

func (o Options) parts() (*config.Parts, document.Mistakes) {
	if o.Loaded != nil {
		return o.Loaded.Open(o.Deps)
	}
	return config.Open(o.Path, o.Env, o.Deps)
}

func (s *Server) openLog(ctx context.Context, parts *config.Parts, o Options) (err error) {
	folder := parts.Config.Data.Value
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	s.folder = folder
	if s.log, err = queue.Open(ctx, queue.Options{Dir: folder, Config: parts.Config.Queue, Logger: s.logger, Now: s.now, Instance: os.Getenv("HEADGATE_INSTANCE")}); err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	if s.once, err = once.Open(filepath.Join(folder, "webhooks.seen"), s.logger, s.now()); err != nil {
		return errors.Join(fmt.Errorf("read what webhooks have sent: %w", err), s.log.Close(ctx))
	}
	if err := s.openRecords(parts); err != nil {
		return errors.Join(err, s.once.Close(), s.log.Close(ctx))
	}
	s.peers = peers.New(peers.Options{Log: s.log, Book: s.book, Answers: s.answers, State: s.state, Logger: s.logger, Now: s.now})
	s.deliveries = delivery.New(s.log, folder, int(admission.Eighth(o.Memory)), delivery.Recorder{Book: s.book, Answers: s.answers}, s.logger, s.now)
	s.Desk = drafts.New(s.files, s.deps, s.plan.Load, s.log, s.now)
	s.Resender = resend.New(s.plan.Load, s.log, s.deliveries, s.book, s.now)
	s.subjects, err = o.Subjects(ctx, Opening{Parts: parts, Log: s.log, Plan: s.plan.Load, Now: s.now, Logger: s.logger,
		Dropped: s.counts.Consent.Lost})
	if err != nil {
		return errors.Join(err, s.closeRecords(), s.once.Close(), s.log.Close(ctx))
	}
	s.insight = noInsight{}
	if o.Insight != nil {
		s.insight = o.Insight(Opening{Parts: parts, Log: s.log, Plan: s.plan.Load, Now: s.now, Logger: s.logger})
	}
	s.lookout = lookout.Open(lookout.Options{Folder: s.folder, Plan: s.plan.Load, Log: s.log, Book: s.book, Funnels: s.insight, Status: s.Status, Logger: s.logger})
	return nil
}

// Serve answers hits on a listener until Shutdown.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	trusted := func(a netip.Addr) bool { return s.plan.Load().Config.TrustedProxies.Contains(a) }
	inForce := func() *tls.Certificate { return s.plan.Load().Certificate }
	secured, err := door.Certificates(ctx, s.plan.Load().Config.TLS, filepath.Join(s.folder, "tls"), inForce)
	if err != nil {
		return fmt.Errorf("get the certificates: %w", err)
	}
	s.ready.Store(true)
	return s.door.Serve(l, trusted, secured)
}

// Drain makes way for a process that has the same listening socket or will have it; see door. Shutdown has to follow.
func (s *Server) Drain(ctx context.Context) { s.door.Drain(ctx) }

// Plan is the configuration in force.
func (s *Server) Plan() *plan.Plan { return s.plan.Load() }

// Shutdown ends in the order that loses nothing: no new hits (503, connection: close), the walks under way get their
// answers, deliveries stop with what is in flight, the log closes. ctx bounds it; what it cuts off is safe in the log.
func (s *Server) Shutdown(ctx context.Context) error {
	s.reload.mu.Lock() // a reload under way ends first, and none begins
	s.door.Close()
	s.reload.mu.Unlock()
	s.ready.Store(false)
	err := s.door.Shutdown(ctx)
	s.deliveries.Stop(ctx)
	close(s.stopped)
	<-s.watchers.Ended
	return errors.Join(err, s.insight.Close(), s.subjects.Close(), s.closeRecords(), s.once.Close(), s.log.Close(ctx), s.plan.Load().Enricher.Close())
}
