// Package campaign reads from the address of a page how its visitor came: campaign parameters and click ids.
package campaign

import (
	"strings"

	"headgate/event"
	"headgate/event/keys"
	"headgate/event/wire"
)

// LongestClickID is the longest click id taken. Google's gclid has about 100 bytes, Meta's fbclid up to 250.
const LongestClickID = 500

// mark is what a query parameter of a landing page means: a field of the campaign, or a click id.
type mark uint8

const (
	clickID mark = iota + 1
	campaignSource
	campaignMedium
	campaignName
	campaignTerm
	campaignContent
	campaignID
	campaignExtra // kept in the params under the parameter's own name
)

// marked is a mark with the name under which it is kept.
type marked struct {
	mark mark
	name string
}

// marks are the query parameters that say how a visitor came, by their names in lower case: Google's utm_, Matomo's mtm_
// and pk_, and the click ids of ad platforms.
var marks = func() map[string]marked {
	m := map[string]marked{
		"utm_campaign": {campaignName, ""}, "mtm_campaign": {campaignName, ""}, "pk_campaign": {campaignName, ""},
		"utm_term": {campaignTerm, ""}, "mtm_keyword": {campaignTerm, ""}, "mtm_kwd": {campaignTerm, ""}, "pk_keyword": {campaignTerm, ""}, "pk_kwd": {campaignTerm, ""},
		"utm_id": {campaignID, ""}, "utm_campaign_id": {campaignID, ""}, "mtm_cid": {campaignID, ""}, "pk_cid": {campaignID, ""},
		"sclid": {clickID, keys.FindClickID("sclid").Name},
	}
	for _, name := range []string{"utm_source_platform", "utm_creative_format", "utm_marketing_tactic", "mtm_group", "mtm_placement"} {
		m[name] = marked{campaignExtra, name}
	}
	for _, prefix := range []string{"utm_", "mtm_", "pk_"} {
		m[prefix+"source"] = marked{campaignSource, ""}
		m[prefix+"medium"] = marked{campaignMedium, ""}
		m[prefix+"content"] = marked{campaignContent, ""}
	}
	for _, id := range keys.ClickIDs {
		m[id.Name] = marked{clickID, id.Name}
	}
	return m
}()

const longestMark = len("utm_marketing_tactic")

// Describe reads the query and the fragment of the page's URL and fills what the event leaves empty: a campaign
// that the client named itself stands as a whole.
func Describe(e *event.Event, u *wire.URL) {
	named := e.Campaign
	c := &e.Campaign
	open := isUnnamed(c)
	readMarks(e, u.Query, open)
	if i := strings.IndexByte(u.Fragment, '?'); i >= 0 {
		readMarks(e, u.Fragment[i+1:], open) // the route of a single-page application: #/path?utm_source=
	} else if strings.IndexByte(u.Fragment, '=') > 0 {
		readMarks(e, u.Fragment, open)
	}
	if named.Term != "" {
		c.Term = named.Term
	}
	if named.Content != "" {
		c.Content = named.Content
	}
}

// longestLanding is more than any query with marks.
const longestLanding = 4096

// DescribeLanding reads the query of the page where the visit began, as the browser script states it once the address is another: it
// counts where nothing else names a campaign. The param goes: it may hold anything, and nothing else of it is needed.
func DescribeLanding(e *event.Event) {
	landing := e.Params.Get(keys.Landing).Text()
	e.Params.Delete(keys.Landing)
	if landing == "" || len(landing) > longestLanding {
		return
	}
	readMarks(e, landing, isUnnamed(&e.Campaign))
}

// isUnnamed reports whether nothing names a campaign.
func isUnnamed(c *event.Campaign) bool {
	return c.Source == "" && c.Medium == "" && c.Name == "" && c.ID == ""
}

// readMarks takes the marks out of a query. The last value of a repeated campaign parameter wins, as in Google Analytics;
// of click ids the first, since that is what was clicked.
func readMarks(e *event.Event, query string, open bool) {
	var lower [longestMark]byte
	for rest := query; rest != ""; {
		var key, value string
		_, key, value, rest = wire.CutPair(rest)
		if value == "" || len(key) > longestMark {
			continue
		}
		for i := range len(key) {
			c := key[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			lower[i] = c
		}
		m, ok := marks[string(lower[:len(key)])]
		switch {
		case !ok:
		case m.mark == clickID:
			SetClickID(e, m.name, wire.Unescape(value))
		case open:
			setCampaign(e, m, strings.TrimSpace(wire.Unescape(value)))
		}
	}
}

func setCampaign(e *event.Event, m marked, value string) {
	c := &e.Campaign
	switch m.mark {
	case campaignSource:
		c.Source = value
	case campaignMedium:
		c.Medium = value
	case campaignName:
		c.Name = value
	case campaignTerm:
		c.Term = value
	case campaignContent:
		c.Content = value
	case campaignID:
		c.ID = value
	case campaignExtra:
		if e.Params.Get(m.name).IsNull() {
			e.Params.Add(m.name, event.String(value))
		}
	}
}

// SetClickID keeps a click id unless there is one of that name already.
func SetClickID(e *event.Event, name, value string) {
	value = strings.TrimSpace(value)
	value, _, _ = strings.Cut(value, ",") // "abc,abc" where a page's script added it twice
	if value == "" || len(value) > LongestClickID || !IsPrintable(value) {
		return
	}
	ids := &e.Campaign.ClickIDs
	if _, there := ids.Find(name); there {
		return
	}
	if *ids == nil {
		*ids = make(event.Map, 0, 2)
	}
	ids.Add(name, event.String(value))
}

// IsPrintable reports whether a text has no control characters.
func IsPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
