package answers

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"time"

	"headgate/event"
	"headgate/insight/count"
	"headgate/insight/terms"
)

type visitorAnswer struct {
	Visitor  string           `json:"visitor"`
	First    string           `json:"first"`
	Last     string           `json:"last"`
	Sessions []visitorSession `json:"sessions"`
	Segments []string         `json:"segments"`
	Carts    []visitorCart    `json:"carts"`
}

type visitorSession struct {
	Start    string        `json:"start"`
	End      string        `json:"end"`
	Source   string        `json:"source"`
	Medium   string        `json:"medium"`
	Campaign string        `json:"campaign"`
	Country  string        `json:"country"`
	Device   string        `json:"device"`
	Steps    []visitorStep `json:"steps"`
}

type visitorStep struct {
	Time     string       `json:"time"`
	Event    string       `json:"event"`
	Page     string       `json:"page"`
	Value    float64      `json:"value"`
	Currency string       `json:"currency"`
	Items    []terms.Item `json:"items,omitempty"`
	Term     string       `json:"term,omitempty"`
}

type visitorCart struct {
	State  string  `json:"state"`
	Opened string  `json:"opened"`
	Last   string  `json:"last"`
	Value  float64 `json:"value"`
}

var cartStates = [...]string{count.Pending: "pending", count.Bought: "bought", count.Abandoned: "abandoned"}

// rowsOf returns the rows of a visitor: by client id, else by the number that other answers name.
func (a *ask) rowsOf(ctx context.Context, id string) (uint64, []count.Row, error) {
	period := count.Period{Since: a.now.Add(-a.Keep.Std()).UnixMilli(), Until: a.period.Until}
	visitor := a.serving.NumberOf(id)
	rows, err := a.serving.Store.Visitor(ctx, visitor, period, a.symbols)
	if err != nil || len(rows) > 0 {
		return visitor, rows, err
	}
	var number [8]byte
	if n, _ := hex.Decode(number[:], []byte(id)[:min(len(id), 2*len(number))]); n < len(number) || len(id) > 2*len(number) {
		return visitor, nil, nil // nobody's
	}
	visitor = binary.BigEndian.Uint64(number[:])
	rows, err = a.serving.Store.Visitor(ctx, visitor, period, a.symbols)
	return visitor, rows, err
}

// Visitor says what one visitor did. It never says who that is.
func (an *Answerer) Visitor(ctx context.Context, id string, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, an.keeps())
	if err != nil {
		return nil, err
	}
	defer a.close()
	visitor, rows, err := a.rowsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrUnknown
	}
	return a.visitorAnswer(visitor, rows), nil
}

// About returns as JSON what is kept of visitors by the hashes of their client ids, nil when that is nothing.
func (an *Answerer) About(ctx context.Context, ids []event.IdentifierHash) (json.RawMessage, error) {
	a, err := an.newAsk(url.Values{}, time.Hour)
	if errors.Is(err, ErrOff) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer a.close()
	var all []any
	for _, id := range ids {
		visitor := count.VisitorOf(id[:])
		rows, err := a.serving.Store.Visitor(ctx, visitor, count.Period{Until: 1 << 60}, a.symbols)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			all = append(all, a.visitorAnswer(visitor, rows).JSON)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return json.Marshal(all)
}

// visitorAnswer says what a visitor did by their rows, of which there are some.
func (a *ask) visitorAnswer(visitor uint64, rows []count.Row) *Answer {
	out := &visitorAnswer{Visitor: visitorID(visitor), First: rfc(rows[0].Time), Last: rfc(rows[len(rows)-1].Time),
		Segments: a.In(&terms.Person{Rows: rows, Symbols: a.symbols, Now: a.now}, false), Carts: []visitorCart{}}
	touches := count.NewTouches(a.symbols)
	answer := &Answer{JSON: out, Header: []string{"time", "event", "page", "value", "currency"}}
	for session := range count.Sessions(rows, a.Session.Std().Milliseconds()) {
		t := touches.Of(session)
		s := visitorSession{Start: rfc(session[0].Time), End: rfc(session[len(session)-1].Time), Source: a.text(t.Source), Medium: a.text(t.Medium),
			Campaign: a.text(t.Campaign), Country: a.text(session[0].Country), Device: a.text(session[0].Device)}
		for k := range session {
			r := &session[k]
			code := a.text(r.Currency)
			step := visitorStep{Time: time.UnixMilli(r.Time).UTC().Format(time.RFC3339Nano), Event: a.text(r.Event), Page: a.text(r.Page), Value: round(terms.Major(r.Value, code)),
				Currency: code, Items: terms.ItemsOf(a.text(r.Items)), Term: a.text(r.Term)}
			s.Steps = append(s.Steps, step)
			answer.Rows = append(answer.Rows, line(step.Time, step.Event, step.Page, step.Value, step.Currency))
		}
		out.Sessions = append(out.Sessions, s)
	}
	a.carts(count.Period{Since: 0, Until: a.period.Until}, func(c *count.Cart, state count.CartState) {
		out.Carts = append(out.Carts, visitorCart{cartStates[state], rfc(c.Opened), rfc(c.Last), round(terms.Major(c.Value, a.text(c.Currency)))})
	}).Add(rows)
	return answer
}

// Profile is what a site's own server may know of a visitor, to answer them better.
type Profile struct {
	Segments []string       `json:"segments"`
	Counts   map[string]int `json:"counts"`
	Items    []terms.Item   `json:"items"`
	Campaign *profileTouch  `json:"campaign"`
	LastSeen string         `json:"last_seen,omitempty"`
}

type profileTouch struct {
	Source string `json:"source"`
	Medium string `json:"medium"`
	Name   string `json:"name"`
}

// lastItems is how many products a profile names.
const lastItems = 10

// Profile returns what is known of a visitor; of one who is not known, nothing.
func (an *Answerer) Profile(ctx context.Context, clientID string) (*Profile, error) {
	p := &Profile{Segments: []string{}, Counts: map[string]int{}, Items: []terms.Item{}}
	err := an.person(ctx, clientID, func(a *ask, rows []count.Row) {
		p.Segments = a.In(&terms.Person{Rows: rows, Symbols: a.symbols, Now: a.now}, false)
		for k := range rows {
			p.Counts[a.text(rows[k].Event)]++
		}
		p.LastSeen = rfc(rows[len(rows)-1].Time)
		var last []count.Row
		for session := range count.Sessions(rows, a.Session.Std().Milliseconds()) {
			last = session
		}
		t := count.NewTouches(a.symbols).Of(last)
		p.Campaign = &profileTouch{a.text(t.Source), a.text(t.Medium), a.text(t.Campaign)}
		for k := len(rows) - 1; k >= 0; k-- {
			for _, it := range terms.ItemsOf(a.text(rows[k].Items)) {
				if len(p.Items) < lastItems && !slices.ContainsFunc(p.Items, func(x terms.Item) bool { return x.ID == it.ID }) {
					p.Items = append(p.Items, it)
				}
			}
		}
	})
	return p, err
}

// PublicSegments returns the segments of a visitor that the browser may know.
func (an *Answerer) PublicSegments(ctx context.Context, clientID string) ([]string, error) {
	names := []string{}
	err := an.person(ctx, clientID, func(a *ask, rows []count.Row) {
		names = a.In(&terms.Person{Rows: rows, Symbols: a.symbols, Now: a.now}, true)
	})
	return names, err
}

// person calls fn with the rows of a client id, if there are any.
func (an *Answerer) person(ctx context.Context, clientID string, fn func(a *ask, rows []count.Row)) error {
	a, err := an.newAsk(url.Values{}, time.Hour)
	if err != nil {
		return err
	}
	defer a.close()
	if clientID == "" {
		return nil
	}
	period := count.Period{Since: a.now.Add(-a.Keep.Std()).UnixMilli(), Until: a.period.Until}
	rows, err := a.serving.Store.Visitor(ctx, a.serving.NumberOf(clientID), period, a.symbols)
	if err == nil && len(rows) > 0 {
		fn(a, rows)
	}
	return err
}

// ProfileOf returns as JSON what is known of a client id: all of it, or only the segments that its browser may know.
func (an *Answerer) ProfileOf(ctx context.Context, clientID string, all bool) (json.RawMessage, error) {
	if all {
		p, err := an.Profile(ctx, clientID)
		if err != nil {
			return nil, err
		}
		return json.Marshal(p)
	}
	names, err := an.PublicSegments(ctx, clientID)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string][]string{"segments": names})
}
