// Package resend sends events of the log again: dead letters, replays, backfills. Consent may only have become stricter since.
package resend

import (
	"time"

	"headgate/proxy/delivery"
	"headgate/proxy/history"
	"headgate/proxy/plan"
	"headgate/queue"
)

// Resender sends again what people choose.
type Resender struct {
	plan       func() *plan.Plan // in force
	log        *queue.Log
	deliveries *delivery.Deliveries
	history    *history.Book
	now        func() time.Time
}

// New returns one for the log and the deliveries of a process.
func New(inForce func() *plan.Plan, log *queue.Log, deliveries *delivery.Deliveries, book *history.Book, now func() time.Time) *Resender {
	return &Resender{plan: inForce, log: log, deliveries: deliveries, history: book, now: now}
}

// countAgain counts events that were made pending again, by site.
func (s *Resender) countAgain(destination, why string, sites map[string]int64) {
	for site, n := range sites {
		s.history.Flow(site, destination).Counter("again", why, "").Add(n)
	}
}
