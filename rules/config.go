package rules

import (
	"encoding/json"

	"headgate/document"
	"headgate/rules/table"
)

// Config is the part of the configuration that this package owns.
type Config struct {
	Tables document.Ordered[table.Table] `yaml:"tables" help:"Lists of keys and values that formulas look up"`
	Rules  []Rule                        `yaml:"rules" help:"What is changed, dropped, sampled or kept from destinations, top to bottom"`
}

// Rule is one rule as it is written. Its order of work is that of its fields.
type Rule struct {
	At     document.Place                    `yaml:"-"`
	Broken bool                              `yaml:"-"` // something of it could not be read
	Name   string                            `yaml:"name,required" help:"A sentence that says what the rule is for; shown by explain" example:"leave staff out"`
	When   document.Words                    `yaml:"when" aka:"if,condition,trigger,filter,where,match" help:"Formula: which events. Left out: all" example:"name == \"purchase\""`
	Rename document.Ordered[document.Words]  `yaml:"rename" help:"Moves values: old path to new path" example:"{params.order_id: params.transaction_id}"`
	Set    document.Ordered[*document.Node]  `yaml:"set" aka:"then,assign,add,transform" help:"Sets values, top to bottom: path to text, number, =formula or text with {holes}" example:"{params.currency: =upper(params.currency)}"`
	Remove []document.Words                  `yaml:"remove" aka:"delete,unset" help:"Takes values out" example:"[params.debug]"`
	Emit   *document.Ordered[*document.Node] `yaml:"emit" aka:"send,fire" lone:"name" help:"Makes one more event of the same visitor: its name and what differs" example:"{name: generate_lead, params.value: 10}"`
	Sample *document.Percent                 `yaml:"sample" help:"Keeps a share of the visitors' events, always the same visitors" example:"10%"`
	Drop   bool                              `yaml:"drop" aka:"ignore,discard" help:"Nobody gets the event" example:"true"`
	Skip   []document.Words                  `yaml:"skip" aka:"except,exclude" help:"These destinations do not get the event" example:"[tiktok]"`
	Only   []document.Words                  `yaml:"only" help:"No other destinations get the event" example:"[ga4, archive]"`
}

// TableFiles lists the CSV files that the tables are read from.
func (c *Config) TableFiles() (files []string) {
	for i := range c.Tables {
		if path := c.Tables[i].Value.Path(); path != "" {
			files = append(files, path)
		}
	}
	return files
}

// Says is all that the rule says but for its name, in one text: the same for two rules exactly if they do the same.
func (r *Rule) Says() string {
	said := []any{r.When.Value, r.Drop, r.Sample}
	for _, one := range r.Rename {
		said = append(said, "rename", one.Key, one.Value.Value)
	}
	for _, one := range r.Set {
		said = append(said, "set", one.Key, one.Value.Any())
	}
	if r.Emit != nil {
		said = append(said, "emit")
		for _, one := range *r.Emit {
			said = append(said, one.Key, one.Value.Any())
		}
	}
	for _, list := range [][]document.Words{r.Remove, r.Skip, r.Only} {
		words := []string{}
		for _, one := range list {
			words = append(words, one.Value)
		}
		said = append(said, words)
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic("BUG: a rule is no JSON: " + err.Error())
	}
	return string(text)
}
