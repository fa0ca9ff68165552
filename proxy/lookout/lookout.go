// Package lookout looks for alerts in a running Headgate: it gathers what is known now, and reports what has opened and closed to the
// destinations that alerts.to names, as events of the log. What is worth an alert is up to package alerts.
package lookout

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"headgate/alerts"
	"headgate/alerts/evidence"
	"headgate/proxy/history"
	"headgate/proxy/plan"
	"headgate/proxy/status"
	"headgate/queue"
)

// Options are what a lookout looks at, and whom it reports to.
type Options struct {
	Folder  string // of the data: it has to have room, and keeps the list of alerts
	Plan    func() *plan.Plan
	Log     *queue.Log
	Book    *history.Book
	Funnels Funnels
	Status  func(context.Context) (status.Status, error)
	Logger  *slog.Logger
}

// Funnels counts visitors.
type Funnels interface {
	// DropOffs returns how many visitors went on from each step of the funnels of the configuration, now and usually.
	DropOffs(ctx context.Context) ([]alerts.Step, error)
}

// Lookout looks for alerts.
type Lookout struct {
	options Options
	ledger  *alerts.Ledger
	failing bool // it was logged that something failed; only run knows

	mu       sync.Mutex    // one at a time looks
	usual    *alerts.Facts // read at usualAt
	usualAt  time.Time
	recent   map[string]*evidence.Answered // read at recentAt
	recentAt time.Time
	steps    []alerts.Step     // read at recentAt
	halts    map[string]string // the words that destinations refused our settings with
}

// Open reads the list of alerts, which begins anew when it cannot be read.
func Open(o Options) *Lookout {
	ledger, err := alerts.Open(filepath.Join(o.Folder, "alerts.json"))
	if err != nil {
		o.Logger.Error("the list of alerts begins anew; nothing else is affected", "error", err)
	}
	return &Lookout{options: o, ledger: ledger, halts: map[string]string{}}
}

// List returns the open alerts, then those that have closed, each newest first.
func (o *Lookout) List() []alerts.Alert { return o.ledger.List() }

var _ evidence.Book = (*history.Book)(nil)
