package evidence

import (
	"time"

	"headgate/alerts"
	"headgate/proxy/history"
)

// Book has the counts; *history.Book is one.
type Book interface {
	Read(since, until time.Time, wanted func(*history.Key) bool, fn func(at time.Time, k *history.Key, count, value int64)) error
	Began() time.Time
}

const (
	day  = 24 * time.Hour
	week = 7 * day

	weeks = 4 // that volumes are compared with
	days  = 7 // that shares are compared with

	hourly  = 3 * time.Hour // of what is counted by the hour
	longest = 24 * time.Hour
)

// gathered is what was read so far.
type gathered struct {
	now, began time.Time
	weeks      int // that are known
	volumes    map[flowKey]*volume
	shares     map[shareKey]*alerts.Share
	days       int // that are known
}

// spans are those that volumes are compared over.
var spans = [...]time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, longest}

type flowKey struct{ site, event string }

// volume is how much came in each span: now, and in weeks or days before.
type volume struct {
	now    [len(spans)]int64
	weeks  [weeks][len(spans)]int64
	days   [days][len(spans)]int64
	count  int64 // conversions of all times
	value  int64
	ofUnit map[string]int64
}

type shareKey struct {
	kind                     kind
	site, destination, about string
	tool                     string
}
