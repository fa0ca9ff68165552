package access

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// looks are what people have looked at while typing, and when that was noted.
type looks struct {
	all *lru.Cache[look, time.Time]
}

type look struct{ who, action, about string }

const (
	mostLooks = 1000
	lookLasts = 10 * time.Minute
)

func newLooks() looks {
	all, err := lru.New[look, time.Time](mostLooks)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return looks{all}
}

// isNews reports whether a look is to be noted.
func (l *looks) isNews(line *Line, now time.Time) bool {
	if line.About == "" {
		return false
	}
	last, known := l.all.Get(look{line.Who, line.Action, line.About})
	return !known || now.Sub(last) >= lookLasts
}

// noted remembers that a look was.
func (l *looks) noted(line *Line, now time.Time) {
	l.all.Add(look{line.Who, line.Action, line.About}, now)
}
