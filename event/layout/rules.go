package layout

import (
	"encoding/binary"

	"headgate/event"
)

// What a decision in the log says about rules: a byte of these, then what they announce.
const (
	changesKept = 1 << iota
	hasChanged
	wasEmitted
)

func appendRules(b []byte, d *event.Decision, w *words) []byte {
	var marks byte
	if d.ChangesKept {
		marks |= changesKept
	}
	if len(d.Changed) > 0 {
		marks |= hasChanged
	}
	if d.EmittedBy != "" {
		marks |= wasEmitted
	}
	b = append(b, marks)
	if len(d.Changed) > 0 {
		b = binary.AppendUvarint(b, uint64(len(d.Changed)))
		for i := range d.Changed {
			c := &d.Changed[i]
			b = appendValue(w.append(w.append(b, c.Path), c.Rule), c.Old)
		}
	}
	if d.EmittedBy != "" {
		b = w.append(b, d.EmittedBy)
	}
	return b
}

func (r *reader) rules(d *event.Decision) {
	marks := r.byte()
	d.ChangesKept = marks&changesKept != 0
	if marks&hasChanged != 0 {
		if n := r.count(3); n > 0 {
			d.Changed = make([]event.Changed, n)
		}
		for i := range d.Changed {
			d.Changed[i] = event.Changed{Path: r.word(), Rule: r.word(), Old: r.value()}
		}
	}
	if marks&wasEmitted != 0 {
		d.EmittedBy = r.word()
	}
}
