package alerts

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// part returns a share, 0 of nothing.
func part(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func (s *Share) now() float64 { return part(s.Now, s.Of) }

func (s *Share) usual() float64 { return part(s.UsualNow, s.UsualOf) }

// sure is how many standard deviations a difference needs to be no accident: at 4, an accident in 30,000 looks.
const sure = 4

// Events of one visitor are alike, so that many of them say as little as one event of many visitors.
const (
	alikeEvents    = 20
	alikePurchases = 1.5

	least = 10 // visitors, so to speak: a share of fewer says nothing
)

// differs reports whether two shares differ by more than chance, for events of which so many are alike.
func (s *Share) differs(alike float64) bool {
	n, m := float64(s.Of)/alike, float64(s.UsualOf)/alike
	if n < least || m < least {
		return false
	}
	p := float64(s.Now+s.UsualNow) / float64(s.Of+s.UsualOf)
	return math.Abs(s.now()-s.usual()) >= sure*math.Sqrt(p*(1-p)*(1/n+1/m))
}

// tells reports whether a change of that size could be told from chance.
func (s *Share) tells(change, alike float64) bool {
	n, m := float64(s.Of)/alike, float64(s.UsualOf)/alike
	p := s.usual()
	return n >= least && m >= least && change >= sure*math.Sqrt(p*(1-p)*(1/n+1/m))
}

// percent writes a share for people.
func percent(f float64) string {
	digits := 0
	if f < 0.1 || f > 0.9 && f < 1 {
		digits = 1
	}
	return strconv.FormatFloat(f*100, 'f', digits, 64) + " %"
}

// span writes a length of time for people.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Round(time.Hour).Hours()))
	}
	return fmt.Sprintf("%d minutes", int(d.Round(time.Minute).Minutes()))
}

// of names a site at the end of a sentence's subject.
func of(site string) string {
	if site == "" {
		return ""
	}
	return " of " + site
}
