package count

// Rising compares how often something happened now with how often it did at the same time of earlier weeks.
type Rising struct {
	Now     Period
	Weeks   int
	Key     func(r *Row) (key uint32, ok bool)
	Present map[uint32]int
	Before  map[uint32]int // in all weeks together
	By      map[uint32]int // visitors of Present

	seen map[uint32]bool
}

// Add counts a visitor.
func (n *Rising) Add(rows []Row) {
	if n.Present == nil {
		n.Present, n.Before, n.By, n.seen = map[uint32]int{}, map[uint32]int{}, map[uint32]int{}, map[uint32]bool{}
	}
	clear(n.seen)
	for i := range rows {
		r := &rows[i]
		key, ok := n.Key(r)
		switch {
		case !ok:
		case n.Now.Has(r.Time):
			n.Present[key]++
			if !n.seen[key] {
				n.seen[key] = true
				n.By[key]++
			}
		default:
			for w := int64(1); w <= int64(n.Weeks); w++ {
				if n.Now.Has(r.Time + w*week) {
					n.Before[key]++
				}
			}
		}
	}
}
