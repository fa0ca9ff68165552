package count

const week = 7 * Day

// monday is the first Monday of Unix time, 1970-01-05, in milliseconds.
const monday = 4 * Day

// Week returns when the week of a time began: Monday, UTC.
func Week(t int64) int64 { return t - mod(t-monday, week) }

// DayOf is when the day of a time begins, in UTC.
func DayOf(t int64) int64 { return t - mod(t, Day) }

func mod(a, b int64) int64 { return (a%b + b) % b }

// Retention counts who came back, by the week of a visitor's first event.
type Retention struct {
	Period  Period // of the first events
	Cohorts map[int64][]int

	seen map[int64]bool
}

// Add counts a visitor, whose rows begin with the first event that is known.
func (n *Retention) Add(rows []Row) {
	if n.Cohorts == nil {
		n.Cohorts, n.seen = map[int64][]int{}, map[int64]bool{}
	}
	if len(rows) == 0 || !n.Period.Has(rows[0].Time) {
		return
	}
	first := Week(rows[0].Time)
	clear(n.seen)
	for i := range rows {
		at := (Week(rows[i].Time) - first) / week
		if n.seen[at] {
			continue
		}
		n.seen[at] = true
		cohort := n.Cohorts[first]
		for int64(len(cohort)) <= at {
			cohort = append(cohort, 0)
		}
		cohort[at]++
		n.Cohorts[first] = cohort
	}
}
