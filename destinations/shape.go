package destinations

import (
	"headgate/event"
	"headgate/rules"
)

// Shape runs the destination's own rules on its copy of an event, which they change; what e shares with other events is
// copied first. Without rules it does nothing.
func (d *Destination) Shape(m *rules.Machine, env *rules.Env, e *event.Event, t *[]event.RuleTrace) rules.Result {
	if d.own == nil {
		return rules.Result{}
	}
	env.Settings = d.settings.values
	return d.own.Apply(m, env, e, t)
}
