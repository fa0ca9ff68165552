package count

// Rising compares how often something happened now with how often it did at the same time of earlier weeks.
type Rising struct {
	Now     Period
	Weeks   int
	Key     func(r *Row) (key uint32, ok bool)
	Present map[uint32]int
	Before  map[uint32]int // in all weeks together
}

// Add counts a visitor.
func (n *Rising) Add(rows []Row) {
	if n.Present == nil {
		n.Present, n.Before = map[uint32]int{}, map[uint32]int{}
	}
	for i := range rows {
		r := &rows[i]
		key, ok := n.Key(r)
		switch {
		case !ok:
		case n.Now.Has(r.Time):
			n.Present[key]++
		default:
			for w := int64(1); w <= int64(n.Weeks); w++ {
				if n.Now.Has(r.Time + w*week) {
					n.Before[key]++
				}
			}
		}
	}
}
