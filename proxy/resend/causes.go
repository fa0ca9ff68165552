package resend

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"headgate/consent"
	"headgate/event"
	"headgate/proxy/delivery"
)

// DeadReport groups dead letters by why they were rejected.
type DeadReport struct {
	Total   int         `json:"total"`
	Reasons []DeadCause `json:"reasons"` // most first
}

// DeadCause is one reason, without what it quotes of visitors.
type DeadCause struct {
	Why    string    `json:"why"`
	Count  int       `json:"count"`
	Oldest time.Time `json:"oldest"`
	Newest time.Time `json:"newest"`
	IDs    []string  `json:"ids"` // of a few
}

const (
	mostCauses  = 50
	examplesOf  = 5
	otherCauses = "other reasons"
)

// Causes groups the dead letters of a destination by why it rejected them.
func (s *Resender) Causes(ctx context.Context, destination string) (out DeadReport, err error) {
	by := map[string]*DeadCause{}
	err = s.eachDeadLetterDecision(ctx, Pick{Destination: destination}, func(l DeadLetter, _ *delivery.Delivery, _ string, d *event.Decision) {
		out.Total++
		why := consent.Impersonal(l.Why, []*event.Event{&d.Event})
		if by[why] == nil && len(by) >= mostCauses {
			why = otherCauses
		}
		cause := by[why]
		if cause == nil {
			cause = &DeadCause{Why: why, Oldest: l.Rejected}
			by[why] = cause
		}
		cause.Count++
		if l.Rejected.Before(cause.Oldest) {
			cause.Oldest = l.Rejected
		}
		if l.Rejected.After(cause.Newest) {
			cause.Newest = l.Rejected
		}
		if len(cause.IDs) < examplesOf {
			cause.IDs = append(cause.IDs, l.EventID)
		}
	})
	out.Reasons = make([]DeadCause, 0, len(by))
	for _, cause := range by {
		out.Reasons = append(out.Reasons, *cause)
	}
	slices.SortFunc(out.Reasons, func(a, b DeadCause) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Why, b.Why)) })
	return out, err
}
