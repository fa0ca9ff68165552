package count

// Paths counts what visitors did next, or before. Within a session, the same label twice in a row is one step.
type Paths struct {
	Gap      int64
	From     func(r *Row) bool   // where a path begins
	Label    func(r *Row) uint32 // what a step is called: a page's path, else the event's name
	Depth    int                 // how many steps are followed, at least 1
	Previous bool                // backwards

	Total int // how often a path began
	Ends  int // how often nothing followed
	Root  Branch

	steps []step
}

type step struct {
	label uint32
	from  bool
}

// Branch is what followed a path.
type Branch struct {
	Count int
	Next  map[uint32]*Branch
}

// Add counts a visitor.
func (p *Paths) Add(rows []Row) {
	for session := range Sessions(rows, p.Gap) {
		p.steps = p.steps[:0]
		for i := range session {
			r := &session[i]
			label, from := p.Label(r), p.From(r)
			if n := len(p.steps); n > 0 && p.steps[n-1].label == label {
				p.steps[n-1].from = p.steps[n-1].from || from
				continue
			}
			p.steps = append(p.steps, step{label, from})
		}
		for i := range p.steps {
			if p.steps[i].from {
				p.follow(i)
			}
		}
	}
}

func (p *Paths) follow(at int) {
	p.Total++
	ahead := 1
	if p.Previous {
		ahead = -1
	}
	branch := &p.Root
	branch.Count++
	for n := 0; n < p.Depth; n++ {
		at += ahead
		if at < 0 || at >= len(p.steps) {
			if n == 0 {
				p.Ends++
			}
			return
		}
		next := branch.Next[p.steps[at].label]
		if next == nil {
			next = &Branch{}
			if branch.Next == nil {
				branch.Next = map[uint32]*Branch{}
			}
			branch.Next[p.steps[at].label] = next
		}
		next.Count++
		branch = next
	}
}
