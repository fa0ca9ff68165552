package sources

import (
	"strconv"
	"strings"
	"time"

	"headgate/event"
)

// maxParams bounds the parameters of one GA4 event. gtag sends at most 200 products, 25 parameters, 25 user properties and
// some 60 of its own.
const maxParams = 500

// ga4Params fills one event from the parameters of a hit. What the protocol needs for itself, and what nobody knows, is kept
// by its wire name and in its order in one object, params.ga4.
type ga4Params struct {
	e             *event.Event
	texts         arena
	wire          event.Map
	items         []ga4Item
	count         int // parameters so far
	version       string
	measurementID string
	userData      string // em, the hashed form that gtag sends to Google
}

// kind is what the name of a parameter says about where it goes.
type kind uint8

const (
	protocol kind = iota
	textParam
	numberParam
	textTrait
	numberTrait
	product
)

// kindOf tells by the prefix of a name, which is left off what it returns.
func kindOf(name string) (kind, string) {
	if len(name) > 3 {
		switch name[0] {
		case 'e':
			if name[1] == 'p' {
				if name[2] == '.' {
					return textParam, name[3:]
				}
				if name[2] == 'n' && name[3] == '.' {
					return numberParam, name[4:]
				}
			}
		case 'u':
			if name[1] == 'p' {
				if name[2] == '.' {
					return textTrait, name[3:]
				}
				if name[2] == 'n' && name[3] == '.' {
					return numberTrait, name[4:]
				}
			}
		}
	}
	if len(name) > 2 && name[0] == 'p' && name[1] == 'r' && digits(name[2:]) {
		return product, name[2:]
	}
	return protocol, name
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= 4
}

// spare is the room for params that have names of their own on the wire (cu, _et, tt), for params.ga4, and for a few that
// rules add.
const spare = 8

// newGA4Params reads the parameters of a query into e.
func newGA4Params(e *event.Event, query string) (p ga4Params, why string) {
	p = ga4Params{e: e, texts: arena{size: len(query)}}
	if why := p.reserve(&ga4Params{e: new(event.Event)}, query); why != "" {
		return p, why
	}
	p.read(query)
	return p, ""
}

// with reads the parameters of one line into e, on top of those that all lines share, which stay as they are.
func (p *ga4Params) with(e *event.Event, line string) (own ga4Params, why string) {
	own = ga4Params{e: e, texts: arena{size: len(line)}, version: p.version, measurementID: p.measurementID, userData: p.userData}
	*e = *p.e
	if why := own.reserve(p, line); why != "" {
		return own, why
	}
	own.read(line)
	return own, ""
}

// reserve makes room for the parameters that are there already and those of a text, in one allocation.
func (p *ga4Params) reserve(shared *ga4Params, text string) (why string) {
	var counts [product + 1]int
	total := 0
	all := pairs{text}
	for name, _, ok := all.next(); ok; name, _, ok = all.next() {
		k, _ := kindOf(name)
		counts[k]++
		total++
	}
	p.count = shared.count + total
	if p.count > maxParams {
		return "the event has more than " + strconv.Itoa(maxParams) + " parameters"
	}
	params := len(shared.e.Params) + counts[textParam] + counts[numberParam] + spare
	traits := len(shared.e.User.Traits) + counts[textTrait] + counts[numberTrait]
	wire := len(shared.wire) + counts[protocol]
	room := make(event.Map, params+traits+wire)
	p.e.Params = append(room[0:0:params], shared.e.Params...)
	if traits > 0 {
		p.e.User.Traits = append(room[params:params:params+traits], shared.e.User.Traits...)
	}
	p.wire = append(room[params+traits:params+traits:params+traits+wire], shared.wire...)
	if items := len(shared.items) + counts[product]; items > 0 {
		p.items = append(make([]ga4Item, 0, items), shared.items...)
	}
	return ""
}

func (p *ga4Params) read(text string) {
	all := pairs{text}
	for name, value, ok := all.next(); ok; name, value, ok = all.next() {
		name, value = p.texts.unescape(name), p.texts.unescape(value)
		switch k, bare := kindOf(name); k {
		case textParam:
			p.param(name, bare, value)
		case numberParam:
			p.set(name, bare, numeric(value))
		case textTrait:
			p.e.User.Traits.Set(bare, event.String(value))
		case numberTrait:
			p.e.User.Traits.Set(bare, numeric(value))
		case product:
			p.product(bare, value)
		default:
			if !p.known(name, value) {
				p.wire.Set(name, event.String(value))
			}
		}
	}
}

// numeric is the number that a text says, or the text when it says none (gtag sends NaN).
func numeric(text string) event.Value {
	if n, ok := event.NumberText(text); ok {
		return n
	}
	return event.String(text)
}

func (p *ga4Params) param(name, bare, value string) {
	switch {
	case bare == "event_id" && value != "":
		setID(p.e, value)
	case strings.HasPrefix(bare, "user_data."):
		p.contact(name, bare, value)
	default:
		p.set(name, bare, amount(bare, event.String(value)))
	}
}

// set sets a param; a site's own param "ga4" stays beside ours under its wire name.
func (p *ga4Params) set(name, bare string, v event.Value) {
	if bare == "ga4" {
		p.wire.Set(name, v)
		return
	}
	p.e.Params.Set(bare, v)
}

// known sets the fields that our vocabulary has names for and reports whether the parameter was one of them.
func (p *ga4Params) known(name, value string) bool {
	e := p.e
	switch name {
	case "v":
		p.version = value
		return false
	case "tid":
		p.measurementID = value
		return false
	case "en":
		e.Name = value
	case "cid":
		e.User.ClientID = value
	case "uid":
		e.User.UserID = value
	case "sid":
		e.Session.ID = value
		e.Session.Start = sessionStart(value)
	case "sct":
		n, err := strconv.ParseInt(value, 10, 64)
		e.Session.Number = n
		return err == nil
	case "seg":
		e.Session.Engaged = value == "1"
		return value == "0" || value == "1"
	case "dl":
		e.Page.URL = value
	case "dr":
		e.Page.Referrer = value
	case "dt":
		e.Page.Title = value
	case "dp":
		e.Page.Path = value
	case "dh":
		e.Page.Host = value
	case "ul":
		e.Device.Language = value
	case "sr":
		e.Device.Screen = value
	case "vp":
		e.Device.Viewport = value
	case "cs":
		e.Campaign.Source = value
	case "cm":
		e.Campaign.Medium = value
	case "cn":
		e.Campaign.Name = value
	case "ck":
		e.Campaign.Term = value
	case "cc":
		e.Campaign.Content = value
	case "ci":
		e.Campaign.ID = value
	case "cu":
		e.Params.Set("currency", event.String(value))
	case "tt":
		e.Params.Set("traffic_type", event.String(value))
	case "_et":
		n, ok := event.NumberText(value)
		if ok {
			e.Params.Set("engagement_time_msec", n)
		}
		return ok
	case "em":
		p.userData = value
	case "eme":
		// The same in an encrypted form: of no use to us, but it is about the person and belongs to what consent guards.
		e.User.Traits.Set(name, event.String(value))
	case "_uip":
		// Whoever sends the hit chooses it, so it is not believed; and as a param it would escape the address policy.
	default:
		return false
	}
	return true
}

// sessionStart is the time that GA4's session ids are made of; zero for an id of another form.
func sessionStart(id string) time.Time {
	if len(id) != 10 {
		return time.Time{}
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1e9 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// finish puts together what needed all parameters.
func (p *ga4Params) finish() {
	if p.userData != "" {
		p.hashedContact(p.userData)
	}
	p.finishItems()
	if len(p.wire) > 0 {
		p.e.Params.Set("ga4", event.ObjectOf(p.wire))
	}
}
