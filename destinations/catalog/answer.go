package catalog

import "headgate/document"

// Answer is one line of how a vendor's answers are understood.
type Answer struct {
	When    document.Words `yaml:"when" help:"formula over status, body, header(name) and attempt" example:"body.error.code == 190"`
	Then    document.Words `yaml:"then" help:"delivered, retry, reject or halt" example:"halt"`
	Why     *document.Node `yaml:"why" help:"the vendor's words; found automatically when left out" example:"=body.error.message"`
	After   *document.Node `yaml:"after" help:"when to try again: seconds, a duration or a time; Retry-After is read automatically" example:"=body.retry_after"`
	Isolate string         `yaml:"isolate" help:"the vendor took nothing because one event is bad: drop_named rejects the rows and sends the rest again, bisect halves the batch until the bad one is found"`
	Rows    *Rows          `yaml:"rows" help:"what the answer says about single events; the others get then:"`
}

// Rows says what an answer says about single events of a batch.
type Rows struct {
	Each    *document.Node `yaml:"each" help:"formula that yields a list (or a text for pattern), one element per event that the answer is about" example:"=body.errors"`
	Pattern string         `yaml:"pattern" help:"regular expression whose named groups become the row, for answers in prose" example:"Index: (?P<index>[0-9]+)"`
	Index   *document.Node `yaml:"index" help:"formula over row: position of the event in the request, from 0; the position in the list when neither index nor id is given" example:"=row.index"`
	ID      *document.Node `yaml:"id" help:"formula over row that names the event" example:"=row.insert_id"`
	Of      *document.Node `yaml:"of" help:"formula over our event that yields what id names, or a list of what it may name" example:"=id"`
	When    document.Words `yaml:"when" help:"which rows report a failure; all when left out" example:"row.status != \"processed\""`
	Then    document.Words `yaml:"then" help:"what becomes of an event whose row reports a failure; reject when left out" example:"reject"`
	Why     *document.Node `yaml:"why" help:"the vendor's words" example:"=row.message"`
	After   *document.Node `yaml:"after" help:"when to try again"`
	Judge   []Judgement    `yaml:"judge" help:"instead of when, then and why: the first match counts"`
}

// Judgement is one line about a row.
type Judgement struct {
	When  document.Words `yaml:"when"`
	Then  document.Words `yaml:"then"`
	Why   *document.Node `yaml:"why"`
	After *document.Node `yaml:"after"`
}
