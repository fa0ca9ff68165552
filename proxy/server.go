package proxy

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"headgate/config"
	"headgate/config/edit"
	"headgate/proxy/admission"
	"headgate/proxy/counts"
	"headgate/proxy/decide"
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

// Server is a running Headgate: a plan that reloads replace, the log, a delivery per destination, and the public
// listener.
type Server struct {
	files  *edit.Files // of the configuration
	deps   config.Deps
	folder string // of the log and what else is kept
	logger *slog.Logger
	now    func() time.Time

	plan       atomic.Pointer[plan.Plan]
	reload     reloading
	log        *queue.Log
	deliveries *delivery.Deliveries
	*resend.Resender
	*drafts.Desk
	subjects Subjects
	insight  Insight
	watchers live.Watchers
	pages    pages.Pages
	counts   *counts.Counts
	ids      decide.IDs
	once     *once.Memory // what webhooks have sent
	records
	lookout *lookout.Lookout
	peers   *peers.Peers

	nearlyFull func() bool      // of the log
	reading    admission.Budget // what the hits hold that are being read and written to the log

	door    *door.Door
	ready   atomic.Bool
	stopped chan struct{} // closed when the walk has ended for good
}

// reloading is what is known of the configuration on disk. Reloads happen one after another.
type reloading struct {
	mu   sync.Mutex
	fact string // what was wrong with the newest configuration, "" when it is in force
}

// Accepting returns nil while the log accepts events, else the reason why it does not.
func (s *Server) Accepting() error {
	if s.door.Closed() {
		return errors.New("shutting down")
	}
	return s.log.Healthy()
}

// Ready returns nil once the listener is up, until shutdown begins.
func (s *Server) Ready() error {
	if !s.ready.Load() {
		return errors.New("starting")
	}
	return s.Accepting()
}

// What the server returns when it could not do what the admin side asked.
var (
	ErrNotFound    = delivery.ErrNotFound
	ErrUnavailable = errors.New("not available now")
	ErrRun         = drafts.ErrRun
)
