package proxy

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"headgate/config"
	"headgate/proxy/admission"
	"headgate/proxy/delivery"
	"headgate/proxy/once"
	"headgate/queue"
)

// Server is a running Headgate: a plan that reloads replace, the log, a delivery per destination, and the public
// listener.
type Server struct {
	path   string // of the configuration
	env    config.Env
	deps   config.Deps
	folder string // of the log and what else is kept
	logger *slog.Logger
	now    func() time.Time

	plan       atomic.Pointer[Plan]
	reload     reloading
	drafts     sync.Mutex    // held while a draft is opened
	trials     chan struct{} // holds one while configurations are compared
	log        *queue.Log
	deliveries *delivery.Deliveries
	subjects   Subjects
	insight    Insight
	watchers   watchers
	counts     *counts
	ids        ids
	once       *once.Memory // what webhooks have sent
	records
	lookout *lookout
	peers   *peers

	scriptFailures sync.Map // names of scripts of which a failure was logged

	nearlyFull func() bool      // of the log
	reading    admission.Budget // what the hits hold that are being read and written to the log
	bodyLimit  int

	http     *fasthttp.Server
	door     atomic.Pointer[admission.Listener] // nil until Serve
	draining atomic.Bool                        // each connection ends with its next answer, which is as good as ever
	closing  atomic.Bool
	ready    atomic.Bool
	stopped  chan struct{} // closed when the walk has ended for good
}

// reloading is what is known of the configuration on disk. Reloads happen one after another.
type reloading struct {
	mu   sync.Mutex
	fact string // what was wrong with the newest configuration, "" when it is in force
}

// Accepting returns nil while the log accepts events, else the reason why it does not.
func (s *Server) Accepting() error {
	if s.closing.Load() {
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
