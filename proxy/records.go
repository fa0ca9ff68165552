package proxy

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"headgate/config"
	"headgate/consent/people"
	"headgate/proxy/attempts"
	"headgate/proxy/find"
	"headgate/proxy/history"
	"headgate/queue"
)

// records are what is kept about the past for people to look at. Nothing is decided by them; each can be deleted.
type records struct {
	book    *history.Book
	answers *attempts.Store
	finder  *find.Finder // nil until the plan is installed

	following context.Context    // ends with
	end       context.CancelFunc // those who write them
	writing   *sync.WaitGroup
}

func (s *Server) openRecords(parts *config.Parts) (err error) {
	if s.book, err = history.Open(history.Options{Folder: filepath.Join(s.folder, "history"), Now: s.now, Logger: s.logger}); err != nil {
		return err
	}
	s.counts.KeepIn(s.book)
	s.answers, err = attempts.Open(attempts.Options{Folder: filepath.Join(s.folder, "answers"), Keep: parts.Config.Queue.Keep.Std(), Now: s.now, Logger: s.logger})
	if err != nil {
		return errors.Join(err, s.book.Close())
	}
	ctx, end := context.WithCancel(context.Background())
	s.end, s.writing = end, new(sync.WaitGroup)
	s.writing.Go(func() { s.book.Run(ctx) })
	s.writing.Go(func() { s.answers.Run(ctx) })
	s.following = ctx
	return nil
}

// openFinder begins to follow the log. The plan in force knows who must not be found.
func (s *Server) openFinder(ctx context.Context) (err error) {
	s.finder, err = find.Open(ctx, find.Options{Folder: filepath.Join(s.folder, "search"), Log: s.log, Now: s.now, Logger: s.logger,
		List: func() *people.Suppression { return s.plan.Load().Policy.Suppression },
		Cursor: func(destination string) (*queue.Cursor, bool) {
			d, err := s.deliveries.Find(destination)
			if err != nil {
				return nil, false
			}
			return d.Cursor(), true
		}})
	if err == nil {
		s.writing.Go(func() { s.finder.Run(s.following) })
	}
	return err
}

// Search looks for events; find.ErrQuestion when the question is not understood.
func (s *Server) Search(ctx context.Context, ask find.Ask) (find.Result, error) {
	return s.finder.Search(ctx, ask)
}

// closeRecords writes what is left. Deliveries have ended.
func (s *Server) closeRecords() error {
	s.end()
	s.writing.Wait()
	err := errors.Join(s.book.Close(), s.answers.Close())
	if s.finder != nil {
		err = errors.Join(err, s.finder.Close())
	}
	return err
}
