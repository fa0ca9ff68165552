// Package cmp reads the cookies of consent management platforms, the consent tools of sites. A cookie becomes a plain Answer in
// the tool's own words: which categories, services or vendors it grants or refuses, and whether anyone has answered yet. It
// knows neither purposes of ours nor policy, does no I/O, and never panics on foreign bytes.
package cmp

import "time"

// Tool is a consent tool whose cookie can be read.
type Tool struct {
	Name     string
	Cookies  []string // exact names
	Prefixes []string
	Beside   []string // cookies that are read along with them
	read     func(a *Answer, name, value string)
}

// Jar returns the other cookies of a request, for tools that spread an answer over several.
type Jar interface {
	Cookie(name string) (value string, ok bool)
}

// Read returns what one of the tool's cookies says.
func (t *Tool) Read(name, value string, beside Jar) Answer {
	a := Answer{Tool: t.Name, beside: beside}
	t.read(&a, name, value)
	return a
}

// Answer is what a consent tool's cookie says, in the tool's own words.
type Answer struct {
	Tool   string // whose cookie it is: mostly the one that was asked, but some share a name
	Claims []Claim
	Rest   bool      // what is not claimed was refused
	Preset bool      // nobody has answered yet
	When   time.Time // when someone did
	Place  string    // where the tool believes the visitor to be: DE, US-CA
	Fault  string    // why it cannot be read, or not all of it: then only what it refuses counts
	Says   string    // for a person
	Silent string    // why it says nothing, although it can be read
	USP    string    // a US Privacy string inside
	TC     string    // a TC string inside

	beside Jar
}

// Claim is one category, service or vendor.
type Claim struct {
	ID       string // as the tool calls it: C0004
	Category string // what that usually means: marketing; "" when only the site knows
	Granted  bool
}

// Categories in the words that several tools use. Others stand where they are read.
const (
	necessary       = "necessary"
	functional      = "functional"
	analytics       = "analytics"
	marketing       = "marketing"
	ads             = "ads"
	personalizedAds = "personalized_ads"
	sharing         = "sharing"
)

func (a *Answer) add(id, category string, granted bool) {
	a.Claims = append(a.Claims, Claim{id, category, granted})
}

// cookie returns another cookie of the request, "" when it did not come.
func (a *Answer) cookie(name string) string {
	value, _ := a.beside.Cookie(name)
	return value
}
