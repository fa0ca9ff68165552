package analytics

import (
	"fmt"
	"strings"
	"time"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// matomoHit is one hit on the way from Matomo's parameters.
type matomoHit struct {
	currency string
	limits   sources.Limits
	e        event.Event
	events   []event.Event // what the hit is, once it is finished

	said   event.Map // what decides what the hit is, by its wire name
	rest   event.Map // what becomes params.matomo
	token  string
	time   string
	site   bool
	record bool
	silent bool
}

// readQueries reads the parameters of a query and of a form; the later one wins.
func (m *matomoHit) readQueries(queries ...string) error {
	count := 0
	for _, query := range queries {
		all, texts := reading.Pairs(query), event.Arena{Size: len(query)}
		for name, value, ok := all.Next(); ok; name, value, ok = all.Next() {
			if count++; count > reading.MaxParams {
				return fmt.Errorf("%w: a hit may have %d parameters", sources.ErrTooLarge, reading.MaxParams)
			}
			m.set(texts.Unescape(name), event.String(texts.Unescape(value)))
		}
	}
	return nil
}

// set reads one parameter.
func (m *matomoHit) set(name string, v event.Value) {
	text := v.Text()
	if v.IsEmpty() {
		return
	}
	switch name {
	case "rec":
		m.record = text == "1"
	case "idsite":
		m.site = true
		m.rest.Set(name, event.String(text))
	case "send_image":
		m.silent = text == "0"
	case "token_auth":
		m.token = text
	case "cdt":
		m.time = text
	case "apiv", "rand", "r": // of the protocol, and against caches
	case "consent":
		m.consent(v)
	case "uadata": // the browser's client hints
		m.rest.Set("user_agent_data", v)
	default:
		if !m.field(name, text, v) {
			m.other(name, v)
		}
	}
}

// field sets what a field of ours says, and reports false for what has none.
func (m *matomoHit) field(name, text string, v event.Value) bool {
	e := &m.e
	switch name {
	case "action_name":
		e.Page.Title = text
	case "url":
		e.Page.URL = text
	case "urlref":
		e.Page.Referrer = text
	case "_id":
		if e.User.ClientID == "" {
			e.User.ClientID = text
		}
	case "cid": // a forced one
		e.User.ClientID = text
	case "uid":
		e.User.UserID = text
	case "_idvc":
		if n, ok := reading.Number(v); ok && n == float64(int64(n)) {
			e.Session.Number = int64(n)
		}
	case "lang":
		e.Device.Language = text
	case "res":
		e.Device.Screen = text
	case "_rcn":
		e.Campaign.Name = text
	case "_rck":
		e.Campaign.Term = text
	default:
		return false
	}
	return true
}

// other reads what decides what the hit is, dimensions, and what has no field.
func (m *matomoHit) other(name string, v event.Value) {
	switch {
	case matomoMeaning[name]:
		m.said.Set(name, v)
	case strings.HasPrefix(name, "dimension"):
		m.e.Params.Set(name, v)
	case name == "cvar" || name == "_cvar":
		m.rest.Set(name, reading.ParsedJSON(v))
	default:
		m.rest.Set(name, v)
	}
}

// matomoMeaning are the parameters that decide what a hit is, with those that say more of it.
var matomoMeaning = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(`idgoal revenue ec_id ec_items ec_st ec_tx ec_sh ec_dt download link search search_cat search_count
		e_c e_a e_n e_v c_n c_p c_t c_i ping ma_id ma_ti ma_re ma_mt ma_ps ma_le _pkc _pkp _pks _pkn`) {
		all[name] = true
	}
	return all
}()

// consent reads a refusal. What consent=1 means differs between versions of the tracker (unconfirmed), so it grants nothing.
func (m *matomoHit) consent(v event.Value) {
	if granted, ok := reading.Truth(v); ok && !granted {
		m.e.Consent.Set("analytics", event.Boolean(false))
		return
	}
	m.rest.Set("consent", v)
}

// finish makes the events of the hit; why says why it cannot be accepted.
func (m *matomoHit) finish(h *event.Hit, proven bool) (why string) {
	switch {
	case !m.site:
		return "idsite is missing"
	case !m.record:
		return "rec=1 is missing"
	}
	e := &m.e
	e.Source, e.Received = "matomo", h.Received
	if why := m.name(); why != "" {
		return why
	}
	if proven {
		m.place()
	}
	if len(m.rest) > 0 {
		e.Params.Set("matomo", event.ObjectOf(m.rest))
	}
	m.limits.SetTime(e, matomoTime(m.time), time.Time{})
	m.events = append(m.events, *e)
	if e.Name == "page_view" {
		m.shown()
	}
	return ""
}

// place sets where a server says that the visitor is.
func (m *matomoHit) place() {
	for name, field := range map[string]*string{"country": &m.e.Geo.Country, "region": &m.e.Geo.Region, "city": &m.e.Geo.City} {
		if v := m.rest.Text(name); v != "" {
			*field = v
			m.rest.Delete(name)
		}
	}
	m.e.Geo.Country = strings.ToUpper(m.e.Geo.Country)
}

// matomoTime reads cdt: unix seconds, or a date and a time in UTC.
func matomoTime(text string) time.Time {
	if t, err := time.Parse(time.DateTime, text); err == nil {
		return t
	}
	return reading.Time(event.String(text))
}
