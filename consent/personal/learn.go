package personal

import (
	"strings"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/keys"
	"headgate/event/wire"
)

// learn notes the values of an event that have one of the meanings.
func (t *trail) learn(e *event.Event, gone keys.Meaning) {
	if gone&keys.ID != 0 {
		t.addID(e.User.ClientID)
		t.addID(e.User.UserID)
		t.addID(e.Session.ID)
		t.addValue("", event.ObjectOf(e.Cookies), func(_, s string) { t.addCookie(s) })
	}
	if gone&keys.Click != 0 {
		t.addValue("", event.ObjectOf(e.Campaign.ClickIDs), func(_, s string) { t.add(s, shortestText) })
		for i := range e.Cookies {
			if keys.IsClickID(e.Cookies[i].Key) {
				t.addCookie(e.Cookies[i].Value.Text())
			}
		}
	}
	if gone&keys.Contact != 0 {
		t.learnPerson(&e.User)
	}
	if gone&keys.Address != 0 {
		t.addAddresses(e.Device.IP)
	}
	if gone&keys.Agent != 0 {
		t.add(e.Device.UserAgent, shortestText)
	}
	t.learnNamed(e, gone)
	for _, address := range [...]string{e.Page.URL, e.Page.Query, e.Page.Referrer} {
		t.learnQuery(address, gone)
	}
}

// learnNamed notes what parameters of the event and its items say by their keys.
func (t *trail) learnNamed(e *event.Event, gone keys.Meaning) {
	t.learnKeys(e.Params, gone)
	for i := range e.Items {
		t.learnKeys(e.Items[i].Params, gone)
	}
}

// learnAddresses is learnNamed of addresses. It asks what a name means only where there may be one.
func (t *trail) learnAddresses(e *event.Event) {
	t.addressesIn(e.Params)
	for i := range e.Items {
		t.addressesIn(e.Items[i].Params)
	}
}

func (t *trail) addressesIn(m event.Map) {
	for i := range m {
		v := m[i].Value
		if v.Kind() == event.Text && !mayHaveAddress(v.Text()) {
			continue
		}
		if keys.MeaningOf(m[i].Key)&keys.Address != 0 {
			t.addValue("", v, func(_, s string) { t.addAddresses(s) })
		}
		switch v.Kind() {
		case event.Object:
			t.addressesIn(v.Object())
		case event.List:
			for _, one := range v.List() {
				t.addressesIn(one.Object())
			}
		case event.Text:
			t.learnQuery(v.Text(), keys.Address)
		}
	}
}

// mayHaveAddress reports whether a text has the dots or the colons of an address, or the value of a query that may.
func mayHaveAddress(s string) bool {
	if patterns.LookAt(s)&(patterns.ADot|patterns.AColon|patterns.AnEscape) == 0 {
		return false
	}
	dots, colons, escapes, equals := 0, 0, 0, 0
	for i := range len(s) {
		switch s[i] {
		case '.':
			dots++
		case ':':
			colons++
		case '%':
			escapes++
		case '=':
			equals++
		}
	}
	return dots >= 3 || colons >= 2 || escapes > 0 && equals > 0
}

// learnPerson notes contact data. Gender, country and region are left out: they are common words and identify nobody.
func (t *trail) learnPerson(u *event.User) {
	t.addContact("email", u.Email)
	t.addContact("phone", u.Phone)
	t.addName(u.FirstName)
	t.addName(u.LastName)
	t.addDate(u.BirthDate)
	t.add(u.Street, shortestText)
	t.add(u.City, shortestText)
	t.add(u.PostalCode, 5)
	t.addValue("", event.ObjectOf(u.Traits), t.addContact)
}

// learnKeys notes what stands under keys of these meanings, at any depth.
func (t *trail) learnKeys(m event.Map, gone keys.Meaning) {
	for i := range m {
		p := &m[i]
		if gone&(keys.ID|keys.Agent) != 0 && event.IsAppBlock(p.Key, p.Value) {
			eachDeviceKey(p.Key, gone, func(key string) { t.add(p.Value.Object().Text(key), shortestText) })
		}
		if meaning := keys.MeaningOf(p.Key) & gone; meaning != 0 {
			t.addValue(p.Key, p.Value, func(key, s string) { t.addMeant(meaning, key, s) })
		}
		switch p.Value.Kind() {
		case event.Object:
			t.learnKeys(p.Value.Object(), gone)
		case event.List:
			for _, one := range p.Value.List() {
				t.learnKeys(one.Object(), gone)
			}
		case event.Text:
			t.learnQuery(p.Value.Text(), gone)
		}
	}
}

func (t *trail) addMeant(meaning keys.Meaning, key, s string) {
	switch {
	case meaning&keys.Contact != 0:
		t.addContact(strings.ToLower(key), s)
	case meaning&keys.Address != 0:
		t.addAddresses(s)
	case meaning&keys.ID != 0:
		t.addID(s)
	default:
		t.add(s, shortestText)
	}
}

// learnQuery notes the values of such keys in the query of an address.
func (t *trail) learnQuery(s string, gone keys.Meaning) {
	patterns.EachPair(s, func(_, _, _ int, key, value string) {
		if meaning := keys.MeaningOf(key) & gone; meaning != 0 {
			t.addMeant(meaning, key, wire.Unescape(value))
		}
	})
}

// addCookie notes what a cookie holds, as it is and decoded, if it is long enough to be an id.
func (t *trail) addCookie(value string) {
	t.addID(value)
	if decoded := wire.Unescape(value); decoded != value {
		t.add(decoded, shortestText)
	}
}

// learnHit notes the values of a request that a rule can copy.
func (t *trail) learnHit(h *event.Hit, gone keys.Meaning) {
	if gone&keys.Address != 0 {
		if h.Address.IsValid() {
			t.addAddress(h.Address)
		}
	}
	for _, s := range h.Stated {
		if meaning := s.Meaning & gone; meaning != 0 {
			t.addMeant(meaning, "", s.Value)
		}
	}
	for _, header := range h.Headers {
		meaning := keys.MeaningOf(header.Name)
		switch {
		case meaning&gone&keys.Address != 0:
			t.addAddresses(header.Value)
		case meaning&gone&keys.Agent != 0:
			t.add(header.Value, shortestText)
		case gone&keys.ID != 0 && (header.Name == "authorization" || header.Name == "if-none-match" || meaning&keys.ID != 0):
			t.add(header.Value, shortestText)
			t.add(header.Value[strings.IndexByte(header.Value, ' ')+1:], shortestText) // after Bearer
		case header.Name == "referer":
			t.learnQuery(header.Value, gone)
		}
	}
	t.learnQuery(h.Query, gone)
	for rest := h.Cookie; rest != ""; {
		var name, value string
		name, value, rest, _ = wire.CutCookie(rest)
		if gone&keys.ID != 0 && identifies(value) || keys.MeaningOf(name)&gone != 0 {
			t.addCookie(value)
		}
	}
}

// learnClicks notes the click ids that a cookie of ours holds. The request may be unknown.
func (t *trail) learnClicks(h *event.Hit) {
	if h == nil {
		return
	}
	for _, s := range h.Stated {
		if s.Meaning&keys.Click != 0 {
			t.addCookie(s.Value)
		}
	}
}

// identifies reports whether the value of a cookie may identify a visitor. Shorter values, words and numbers of few digits are
// settings.
func identifies(value string) bool {
	digits := 0
	for i := range len(value) {
		if wire.IsDigit(value[i]) {
			digits++
		}
	}
	return len(value) >= 8 && (digits > 0 || len(value) >= 16)
}

// eachDeviceKey calls fn with the keys of such a block that go.
func eachDeviceKey(block string, gone keys.Meaning, fn func(key string)) {
	for _, p := range event.AppParams {
		key, ok := strings.CutPrefix(p.Path, block+".")
		if ok && (gone&keys.ID != 0 && p.Class == event.ID || gone&keys.Agent != 0 && p.Class == event.Network) {
			fn(key)
		}
	}
}
