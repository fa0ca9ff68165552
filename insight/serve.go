package insight

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"headgate/consent"
	"headgate/insight/answers"
	"headgate/insight/count"
	"headgate/insight/store"
	"headgate/insight/terms"
)

// New returns an Insight that does nothing until Serve.
func New(o Options) *Insight {
	i := &Insight{o: o, now: o.Now, logger: o.Logger, stopped: map[uint64]int64{}, fetched: map[int64]time.Time{}}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	i.Answerer = answers.New(i.answering, o.Now)
	return i
}

// answering is what questions are answered by, nil while insight is off.
func (i *Insight) answering() *answers.Serving {
	if in := i.serving.Load(); in != nil {
		return &in.answers
	}
	return nil
}

// Serve puts a configuration in force; nil terms turn insight off. What was counted stays.
func (i *Insight) Serve(t *terms.Terms, policy *consent.Policy) error {
	folder := filepath.Join(i.o.Data, "insight")
	_, missing := os.Stat(folder)
	if i.store == nil && (t != nil || missing == nil) { // rows of before are still erased while it is off
		st, err := store.Open(store.Options{Folder: folder, Now: i.now, Logger: i.logger})
		if err != nil {
			return fmt.Errorf("open insight: %w", err)
		}
		i.store = st
	}
	i.policy.Store(policy)
	if t == nil {
		i.serving.Store(nil)
		return nil
	}
	in := &serving{terms: t, policy: policy, need: Need()}
	in.answers = answers.Serving{Terms: t, Store: i.store,
		NumberOf: func(clientID string) uint64 { return visitorOf(policy, clientID) },
		Reach:    func(ctx context.Context, period count.Period) error { return i.reach(ctx, in, period) }}
	i.serving.Store(in)
	if i.done == nil {
		i.done = make(chan struct{})
		go i.run()
	}
	return nil
}
