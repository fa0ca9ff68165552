package count

// Figures are the sums that are asked for most.
type Figures struct {
	Visitors, Sessions, Events, Conversions int
	Value                                   Money // of the conversions
}

// Overview sums what happened: in all, over time and by a column.
type Overview struct {
	Gap         int64
	Conversions Set
	Bucket      int64               // length of a point of the series in milliseconds; 0 for no series
	Key         func(r *Row) uint32 // nil: not by anything
	All         Figures             //
	Series      map[int64]*Figures  // by the start of the point; sessions are not counted
	By          map[uint32]*Figures // sessions are not counted
	points      map[int64]bool      // of the visitor at hand
	keys        map[uint32]bool     //
}

// Add counts a visitor.
func (o *Overview) Add(rows []Row) {
	if len(rows) == 0 {
		return
	}
	o.All.Visitors++
	for range Sessions(rows, o.Gap) {
		o.All.Sessions++
	}
	if o.Series == nil {
		o.Series, o.By, o.points, o.keys = map[int64]*Figures{}, map[uint32]*Figures{}, map[int64]bool{}, map[uint32]bool{}
	}
	clear(o.points)
	clear(o.keys)
	for i := range rows {
		r := &rows[i]
		o.row(&o.All, r)
		if o.Bucket > 0 {
			at := r.Time - r.Time%o.Bucket
			f := figures(o.Series, at)
			o.row(f, r)
			if !o.points[at] {
				o.points[at] = true
				f.Visitors++
			}
		}
		if o.Key != nil {
			key := o.Key(r)
			f := figures(o.By, key)
			o.row(f, r)
			if !o.keys[key] {
				o.keys[key] = true
				f.Visitors++
			}
		}
	}
}

func (o *Overview) row(f *Figures, r *Row) {
	f.Events++
	if o.Conversions[r.Event] {
		f.Conversions++
		f.Value.Add(r)
	}
}

func figures[K comparable](m map[K]*Figures, key K) *Figures {
	f := m[key]
	if f == nil {
		f = &Figures{}
		m[key] = f
	}
	return f
}
