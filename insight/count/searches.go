package count

// Searches counts what visitors searched for on the site, and what came of it. The same term again with nothing else between is
// one search.
type Searches struct {
	Gap    int64
	Search Set // events that are searches
	Click  Set // events that are a result being chosen
	Terms  map[uint32]*Searched

	seen map[uint32]bool
}

// Searched is what is known of a term.
type Searched struct {
	Searches, Visitors int
	Clicked            int // a result was chosen before the session ended or something else was searched for
	NothingAfter       int // nothing at all followed in the session
}

// Add counts a visitor.
func (s *Searches) Add(rows []Row) {
	if s.Terms == nil {
		s.Terms, s.seen = map[uint32]*Searched{}, map[uint32]bool{}
	}
	clear(s.seen)
	for session := range Sessions(rows, s.Gap) {
		var open *Searched
		clicked := false
		for i := range session {
			r := &session[i]
			if s.Search[r.Event] && r.Term != 0 {
				if i > 0 && s.Search[session[i-1].Event] && session[i-1].Term == r.Term {
					continue
				}
				open, clicked = s.searched(r.Term), false
				open.Searches++
			} else if open != nil && !clicked && s.Click[r.Event] {
				open.Clicked++
				clicked = true
			}
		}
		if last := &session[len(session)-1]; open != nil && s.Search[last.Event] && last.Term != 0 {
			open.NothingAfter++
		}
	}
}

func (s *Searches) searched(term uint32) *Searched {
	t := s.Terms[term]
	if t == nil {
		t = &Searched{}
		s.Terms[term] = t
	}
	if !s.seen[term] {
		s.seen[term] = true
		t.Visitors++
	}
	return t
}
