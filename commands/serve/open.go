package serve

import (
	"context"
	"time"

	"headgate/event"
	"headgate/insight"
	"headgate/proxy"
	"headgate/queue"
	"headgate/subjects"
)

// open opens the proxy with what is kept about people and what is counted, which belong together and know each other by small
// interfaces only.
func open(ctx context.Context, o proxy.Options) (*proxy.Server, *subjects.Rights, *insight.Insight, error) {
	var store *subjects.Store
	var log *queue.Log
	o.Subjects = func(ctx context.Context, p proxy.Opening) (_ proxy.Subjects, err error) {
		log = p.Log
		store, err = openSubjects(ctx, p)
		return store, err
	}
	var counting *insight.Insight
	var s *proxy.Server
	o.Insight = func(p proxy.Opening) proxy.Insight {
		counting = insight.New(insight.Options{Data: p.Parts.Config.Data.Value, Log: p.Log.Follower(), Now: p.Now, Logger: p.Logger,
			Archived: func(ctx context.Context, name string, since, until time.Time, progress func(read, of int), fn func(*event.Event)) error {
				return s.Archived(ctx, name, since, until, progress, fn) // nobody asks before s is there
			}})
		return counting
	}
	s, err := proxy.Open(ctx, o)
	if err != nil {
		return nil, nil, nil, err
	}
	return s, subjects.NewRights(store, log, s, counting), counting, nil
}

func openSubjects(ctx context.Context, p proxy.Opening) (*subjects.Store, error) {
	c := p.Parts.Config
	o := subjects.Options{Folder: c.Data.Value, Keep: c.Consent.Record.Keep.Std(), Purposes: p.Parts.Policy.Purposes(),
		Language: func() subjects.Language { return p.Plan().Language }, Dropped: p.Dropped, Now: p.Now, Logger: p.Logger}
	if b := p.Log.Board(); b != nil {
		o.Board = b
	}
	return subjects.Open(ctx, o)
}
