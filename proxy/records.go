package proxy

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"headgate/config"
	"headgate/proxy/attempts"
	"headgate/proxy/history"
)

// records are what is kept about the past for people to look at. Nothing is decided by them; each can be deleted.
type records struct {
	book    *history.Book
	answers *attempts.Store

	end     context.CancelFunc // of those who write them
	writing *sync.WaitGroup
}

func (s *Server) openRecords(parts *config.Parts) (err error) {
	if s.book, err = history.Open(history.Options{Folder: filepath.Join(s.folder, "history"), Now: s.now, Logger: s.logger}); err != nil {
		return err
	}
	s.counts.book = s.book
	s.answers, err = attempts.Open(attempts.Options{Folder: filepath.Join(s.folder, "answers"), Keep: parts.Config.Queue.Keep.Std(), Now: s.now, Logger: s.logger})
	if err != nil {
		return errors.Join(err, s.book.Close())
	}
	ctx, end := context.WithCancel(context.Background())
	s.end, s.writing = end, new(sync.WaitGroup)
	s.writing.Go(func() { s.book.Run(ctx) })
	s.writing.Go(func() { s.answers.Run(ctx) })
	return nil
}

// closeRecords writes what is left. Deliveries have ended.
func (s *Server) closeRecords() error {
	s.end()
	s.writing.Wait()
	return errors.Join(s.book.Close(), s.answers.Close())
}

// countAgain counts events that were made pending again, by site.
func (s *Server) countAgain(destination, why string, sites map[string]int64) {
	for site, n := range sites {
		s.book.Flow(site, destination).Counter("again", why, "").Add(n)
	}
}
