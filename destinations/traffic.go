package destinations

import (
	"fmt"
	"strings"

	"headgate/document"
	"headgate/document/shape"
	"headgate/event"
)

// Traffic are the classes of traffic that a destination takes. Nil leaves it to `enrich.bots`.
type Traffic struct {
	takes  []bool   // by the place of the class in event.TrafficClasses
	refuse []string // the sentence for each class that it does not take
}

// DecodeDocument reads a list of classes, or a single one.
func (t *Traffic) DecodeDocument(n *document.Node) document.Mistakes {
	var mistakes document.Mistakes
	items := n.Items
	if n.Kind == document.Text {
		items = []*document.Node{n}
	}
	if len(items) == 0 && len(n.Missing) == 0 {
		mistakes.Add(n.At, "traffic names no class", "write [human, agent], or leave it out: enrich.bots decides then")
		return mistakes
	}
	*t = Traffic{takes: make([]bool, len(event.TrafficClasses))}
	var names []string
	for _, item := range items {
		at := classAt(item.Text)
		if at < 0 {
			mistakes.Add(item.At, fmt.Sprintf("no class of traffic is called %q", item.Text), document.DidYouMean(item.Text, event.TrafficClasses))
			continue
		}
		t.takes[at] = true
		names = append(names, item.Text)
	}
	for _, class := range event.TrafficClasses {
		t.refuse = append(t.refuse, "traffic: takes "+strings.Join(names, ", ")+"; this is "+class)
	}
	return mistakes
}

func classAt(name string) int {
	for i, class := range event.TrafficClasses {
		if class == name {
			return i
		}
	}
	return -1
}

// DocumentShape is the shape of a list, or a single class.
func (*Traffic) DocumentShape() *shape.Shape {
	one := shape.Choice(event.TrafficClasses...)
	return shape.AnyOf(shape.ListOf(one), one)
}

// TakesTraffic reports whether a destination takes the traffic that an event is of; because says why not. said is false where the
// destination says nothing of traffic. What an agent buys for a person was bought: only `when:` can leave it out.
func (d *Destination) TakesTraffic(e *event.Event) (takes, said bool, because string) {
	if d.traffic == nil {
		return true, false, ""
	}
	class := e.TrafficClass()
	if d.traffic.takes[class] || e.Traffic.Class == event.AIAgent && e.Order() {
		return true, true, ""
	}
	return false, true, d.traffic.refuse[class]
}
