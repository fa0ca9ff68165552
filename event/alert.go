package event

// AlertName is the name of the events that Headgate makes of its own alerts, and AlertSource their source. No other source may
// give an event that name: a visitor could write to the people who watch.
const (
	AlertName   = "headgate_alert"
	AlertSource = "headgate"
)

// IsAlert reports whether e is an alert of Headgate itself. It is about no person, and only for those destinations that it was
// sent to.
func (e *Event) IsAlert() bool { return e.Name == AlertName && e.Source == AlertSource }
