package count

// Model is how a conversion is shared among the sessions that led to it.
type Model uint8

// The models.
const (
	LastTouch Model = iota
	FirstTouch
	LastNonDirect // the last that is not direct, if there is one
	Linear        // all alike
	Position      // 40 % to the first and the last, 20 % to those between
)

// Campaigns attributes conversions to the sessions that began within Lookback before them, the one they happened in always
// among them.
type Campaigns struct {
	Gap, Lookback int64
	Period        Period // of the conversions and sessions that are counted; rows before it are looked back at
	Conversions   Set
	Model         Model
	Touches       *Touches
	Rows          map[Touch]*Attributed

	starts  []int64
	touches []Touch
	seen    map[Touch]bool
	shares  []float64
}

// Attributed is what a campaign brought.
type Attributed struct {
	Visitors, Sessions int
	Conversions        float64
	Value              Money
}

// Add counts a visitor.
func (c *Campaigns) Add(rows []Row) {
	if c.Rows == nil {
		c.Rows, c.seen = map[Touch]*Attributed{}, map[Touch]bool{}
	}
	c.starts, c.touches = c.starts[:0], c.touches[:0]
	clear(c.seen)
	for session := range Sessions(rows, c.Gap) {
		touch := c.Touches.Of(session)
		c.starts, c.touches = append(c.starts, session[0].Time), append(c.touches, touch)
		if c.Period.Has(session[0].Time) {
			a := c.row(touch)
			a.Sessions++
			if !c.seen[touch] {
				c.seen[touch] = true
				a.Visitors++
			}
		}
		for i := range session {
			if r := &session[i]; c.Conversions[r.Event] && c.Period.Has(r.Time) {
				c.attribute(r)
			}
		}
	}
}

func (c *Campaigns) row(t Touch) *Attributed {
	a := c.Rows[t]
	if a == nil {
		a = &Attributed{}
		c.Rows[t] = a
	}
	return a
}

// attribute shares a conversion among the sessions so far.
func (c *Campaigns) attribute(r *Row) {
	last := len(c.starts) - 1
	from := last
	for from > 0 && r.Time-c.starts[from-1] <= c.Lookback {
		from--
	}
	for i, share := range c.share(c.touches[from : last+1]) {
		if share > 0 {
			a := c.row(c.touches[from+i])
			a.Conversions += share
			a.Value.AddShare(r, share)
		}
	}
}

// share returns the share of each touch; they add up to 1.
func (c *Campaigns) share(touches []Touch) []float64 {
	n := len(touches)
	c.shares = append(c.shares[:0], make([]float64, n)...)
	s := c.shares
	switch c.Model {
	case FirstTouch:
		s[0] = 1
	case LastTouch:
		s[n-1] = 1
	case LastNonDirect:
		at := n - 1
		for at > 0 && touches[at] == c.Touches.Direct {
			at--
		}
		if touches[at] == c.Touches.Direct {
			at = n - 1
		}
		s[at] = 1
	case Linear:
		for i := range s {
			s[i] = 1 / float64(n)
		}
	case Position:
		switch n {
		case 1:
			s[0] = 1
		case 2:
			s[0], s[1] = 0.5, 0.5
		default:
			for i := range s {
				s[i] = 0.2 / float64(n-2)
			}
			s[0], s[n-1] = 0.4, 0.4
		}
	}
	return s
}
