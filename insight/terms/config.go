// Package terms is what a configuration says about insight: its funnels, segments and cleaning rules, compiled, and the fields of an
// event that insight keeps, as formulas see them. It promises that what compiles can be asked. It reads no store and no clock.
package terms

import (
	"time"

	"headgate/document"
	"headgate/document/shape"
)

// Config is the insight section.
type Config struct {
	At             document.Place            `yaml:"-"`
	Keep           document.Duration         `yaml:"keep" help:"How long days are kept" example:"180d"`
	Store          document.Words            `yaml:"store" help:"A destination of clickhouse, postgres, parquet or jsonl: days that are older than keep are read from it when a question is about them" example:"warehouse"`
	Refused        string                    `yaml:"refused" choices:"aggregate,drop" help:"What becomes of an event whose visitor refuses analytics: it counts in totals that hold no visitor, or nowhere" example:"aggregate"`
	Session        document.Duration         `yaml:"session" help:"How long without an event ends a session" example:"30m"`
	Conversions    []document.Words          `yaml:"conversions" help:"Names of the events that are conversions" example:"[purchase, generate_lead]"`
	AbandonedAfter document.Duration         `yaml:"abandoned_after" help:"How long a visitor does nothing until their cart is abandoned" example:"2h"`
	Paths          []Path                    `yaml:"paths" help:"How paths of pages are shortened: the first that matches counts"`
	Costs          Costs                     `yaml:"costs" help:"What campaigns cost"`
	Funnels        document.Ordered[Funnel]  `yaml:"funnels" help:"Funnels, by name"`
	Segments       document.Ordered[Segment] `yaml:"segments" help:"Groups of visitors, by name"`
	Tests          []Test                    `yaml:"tests" help:"What invented visitors do, and where that leads; headgate test runs them"`
}

// SetDefaults makes a section that is written in part take the rest from here.
func (c *Config) SetDefaults() {
	*c = Config{Keep: document.Duration(180 * 24 * time.Hour), Refused: "aggregate", Session: document.Duration(30 * time.Minute),
		Conversions: []document.Words{{Value: "purchase"}, {Value: "generate_lead"}}, AbandonedAfter: document.Duration(2 * time.Hour)}
}

// Path is a cleaning rule.
type Path struct {
	At    document.Place `yaml:"-"`
	Match document.Words `yaml:"match,required" help:"A regular expression that is looked for in the path" example:"^/product/[^/]+"`
	Name  document.Words `yaml:"name,required" help:"What the page is called instead" example:"/product/*"`
}

// Costs is a table of what campaigns cost.
type Costs struct {
	At   document.Place `yaml:"-"`
	File document.Words `yaml:"file" help:"A CSV file with the columns date, source, medium, campaign, cost" example:"costs.csv"`
}

// Funnel is steps that lead to something.
type Funnel struct {
	At      document.Place    `yaml:"-"`
	Within  document.Duration `yaml:"within" help:"How long after its first step an attempt ends" example:"1d"`
	Mode    string            `yaml:"mode" choices:"ordered,strict,any" help:"Steps in order with anything between, in order with nothing between, or in any order" example:"ordered"`
	Per     string            `yaml:"per" choices:"visitor,session" help:"What is counted" example:"visitor"`
	Steps   []Step            `yaml:"steps,required" help:"Names of events; or event, when and optional" example:"[view_item, add_to_cart, purchase]"`
	Without []document.Words  `yaml:"without" help:"Events that end an attempt" example:"[refund]"`
}

// SetDefaults is document.Defaulter's.
func (f *Funnel) SetDefaults() {
	*f = Funnel{Within: document.Duration(24 * time.Hour), Mode: "ordered", Per: "visitor"}
}

// Step is one step of a funnel.
type Step struct {
	At       document.Place
	Event    document.Words
	When     document.Words
	Optional bool
}

type step struct {
	At       document.Place `yaml:"-"`
	Event    document.Words `yaml:"event,required" help:"Name of the event" example:"purchase"`
	When     document.Words `yaml:"when" help:"Only when this formula holds" example:"params.value > 0"`
	Optional bool           `yaml:"optional" help:"Who did not do it can still do the next ones" example:"true"`
}

// DecodeDocument reads the name of an event, or a map.
func (s *Step) DecodeDocument(n *document.Node) document.Mistakes {
	if n.Kind == document.Map {
		var long step
		ms := document.Decode(n, &long)
		*s = Step{n.At, long.Event, long.When, long.Optional}
		return ms
	}
	*s = Step{At: n.At}
	return document.Decode(n, &s.Event)
}

// DocumentShape describes both forms.
func (Step) DocumentShape() *shape.Shape {
	return shape.AnyOf(shape.Text(), document.Schema(step{}))
}

// Segment is a group of visitors.
type Segment struct {
	At     document.Place `yaml:"-"`
	When   document.Words `yaml:"when,required" help:"A formula over what a visitor did: count(event, time span), count(event, time span, field, value) and sum(event, \"value\", time span)" example:"count(\"purchase\", \"30d\") > 1"`
	Public bool           `yaml:"public" help:"The browser may ask whether its visitor belongs to it" example:"false"`
}

// Test is an invented visitor.
type Test struct {
	At      document.Place                     `yaml:"-"`
	Name    string                             `yaml:"name,required" help:"A sentence that says what is proved" example:"a buyer passes the checkout"`
	Visitor []document.Ordered[*document.Node] `yaml:"visitor,required" help:"Events with their fields, in order, ten seconds apart; ago: 2d says how long before now one happened" example:"[{name: view_item}, {name: purchase, params.value: 20}]"`
	Expect  Expect                             `yaml:"expect,required" help:"Where that leads"`
}

// Expect is where the steps of a test lead.
type Expect struct {
	At       document.Place                   `yaml:"-"`
	Funnels  document.Ordered[document.Words] `yaml:"funnels" help:"By funnel, the event of the furthest step, or nothing" example:"{checkout: purchase}"`
	Segments *[]document.Words                `yaml:"segments" help:"All segments the visitor belongs to" example:"[big_spender]"`
}
