package decide

import (
	"encoding/json"
)

// decision is what the sender of an event is shown of it, where the source has found that it may be.
type decision struct {
	ID           string                `json:"id"`
	Name         string                `json:"name"`
	DroppedBy    string                `json:"dropped_by,omitempty"`
	Consent      map[string]string     `json:"consent"`
	Destinations map[string]decidedFor `json:"destinations"`
}

// decidedFor is what one destination gets, and why.
type decidedFor struct {
	Action  string `json:"action"`
	Because string `json:"because,omitempty"`
}

// Decisions are those about the hit's events, as JSON: actions and sentences, and nothing of what is sent or to where.
func (w *Walk) Decisions() []byte {
	all := make([]decision, 0, len(w.traces))
	for _, t := range w.traces {
		d := decision{ID: t.Event.ID, Name: t.Event.Name, DroppedBy: t.DroppedBy, Consent: map[string]string{}, Destinations: map[string]decidedFor{}}
		if t.Consent != nil {
			for _, state := range t.Consent.States {
				d.Consent[state.Purpose] = state.State
			}
		}
		for _, to := range t.Destinations {
			d.Destinations[to.Destination] = decidedFor{to.Action.String(), to.Because}
		}
		all = append(all, d)
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic("BUG: " + err.Error()) // texts only
	}
	return text
}
