package google

import (
	"strconv"
	"strings"

	"headgate/event"
	"headgate/event/wire"
	"headgate/sources/reading"
)

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

// kindOf returns the kind that the prefix of a name stands for, and the name without the prefix.
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
	if len(name) > 2 && name[0] == 'p' && name[1] == 'r' && len(name) <= 6 && wire.IsDigits(name[2:]) {
		return product, name[2:]
	}
	return protocol, name
}

// About this many of the parameters of a hit without a prefix have fields of their own (usual); the others are kept in
// params.ga4. Spare is the room for params that have names of their own on the wire (cu, _et, tt), for params.ga4 itself, and
// for a few that rules add. Both are guesses that spare allocations: what does not fit makes its own room.
const (
	usual = 10
	spare = 8
)

// newGA4Params reads the parameters of a query into e.
func newGA4Params(e *event.Event, query string, texts *event.Arena) (p ga4Params, why string) {
	p = ga4Params{e: e, texts: texts}
	p.reserve(&ga4Params{e: new(event.Event)}, query)
	return p, p.read(query)
}

// with reads the parameters of one line into e, on top of those that all lines share, which stay as they are.
func (p *ga4Params) with(e *event.Event, line string) (own ga4Params, why string) {
	own = ga4Params{e: e, texts: &event.Arena{Size: len(line)}, version: p.version, measurementID: p.measurementID, userData: p.userData}
	own.count, own.wireNames, own.paramNames, own.stream = p.count, p.wireNames, p.paramNames, p.stream
	*e = *p.e
	own.reserve(p, line)
	return own, own.read(line)
}

// reserve makes room for the parameters that are there already and those of a text, in one allocation.
func (p *ga4Params) reserve(shared *ga4Params, text string) {
	params, traits, items, others := census(text)
	params += len(shared.e.Params) + spare
	traits += len(shared.e.User.Traits)
	wire := len(shared.wire) + max(others-usual, 0)
	room := make(event.Map, params+traits+wire)
	p.e.Params = append(room[0:0:params], shared.e.Params...)
	if traits > 0 {
		p.e.User.Traits = append(room[params:params:params+traits], shared.e.User.Traits...)
	}
	p.wire = append(room[params+traits:params+traits:params+traits+wire], shared.wire...)
	if items += len(shared.items); items > 0 {
		p.items = append(make([]ga4Item, 0, items), shared.items...)
	}
}

// census counts the parameters of a text by what their first two letters promise.
func census(text string) (params, traits, items, others int) {
	for n := 0; n < reading.MaxParams; n++ {
		if len(text) > 2 {
			switch text[:2] {
			case "ep":
				params++
			case "up":
				traits++
			case "pr":
				items++
			default:
				others++
			}
		}
		next := strings.IndexByte(text, '&')
		if next < 0 {
			break
		}
		text = text[next+1:]
	}
	return params, traits, items, others
}

func (p *ga4Params) read(text string) (why string) {
	for text != "" {
		pair, name, value, escaped, rest := cutPair(text)
		if text = rest; pair == "" {
			continue
		}
		if p.count++; p.count > reading.MaxParams {
			return "the event has more than " + strconv.Itoa(reading.MaxParams) + " parameters"
		}
		if escaped {
			name, value = p.texts.Unescape(name), p.texts.Unescape(value)
		}
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
				p.keep(name, event.String(value))
			}
		}
	}
	return ""
}

func (p *ga4Params) param(name, bare, value string) {
	switch {
	case bare == "event_id" && value != "" && len(value) <= reading.MaxID:
		p.e.ID = value
	case strings.HasPrefix(bare, "user_data."):
		p.contact(name, bare, value)
	default:
		p.set(name, bare, reading.Amount(bare, event.String(value)))
	}
}

// set sets a param; a site's own param "ga4" stays beside ours under its wire name.
func (p *ga4Params) set(name, bare string, v event.Value) {
	if bare == "ga4" {
		p.keep(name, v)
		return
	}
	put(&p.e.Params, &p.paramNames, bare, v)
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
	case "richsstsse":
		p.stream = true
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
	case "cu":
		p.set(name, "currency", event.String(value))
	case "tt":
		p.set(name, "traffic_type", event.String(value))
	case "_et":
		n, ok := event.NumberText(value)
		if ok {
			p.set(name, "engagement_time_msec", n)
		}
		return ok
	case "em":
		p.userData = value
	case "eme":
		// The same in an encrypted form: of no use to us, but it is about the person and belongs to what consent guards.
		e.User.Traits.Set(name, event.String(value))
	default:
		return p.described(name, value)
	}
	return true
}

// described is known for the parameters of the page, the device and the campaign.
func (p *ga4Params) described(name, value string) bool {
	e := p.e
	switch name {
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
	default:
		return false
	}
	return true
}

// finish puts together what needed all parameters.
func (p *ga4Params) finish() {
	if p.userData != "" {
		p.hashedContact(p.userData)
	}
	p.finishItems()
	if len(p.wire) > 0 {
		p.e.Params.Add("ga4", event.ObjectOf(p.wire)) // set keeps a site's own under its wire name
	}
}
