package enrich

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"headgate/enrich/campaign"
	"headgate/enrich/cookie"
	"headgate/enrich/identity"
	"headgate/event"
	"headgate/event/keys"
	"headgate/event/wire"
)

// A visitor lands on a page whose URL holds a click id, and buys days later on one whose URL holds none. Where ads consent is
// granted, the ids of the landing page are kept in a cookie of ours and given back to later events. The cookie is
//
//	1!<name>.<unix s of the click>.<percent-encoded id>!…
//
// the newest click first. It goes when ads consent does.

// clickPurpose is the consent purpose that click ids follow, wherever they stand.
const clickPurpose = "ads"

// parseClicks reads our cookie of clicks; it leaves out what we did not write and what its platform credits no more.
func parseClicks(cookie string, now time.Time) (clicks []click) {
	rest, ok := strings.CutPrefix(cookie, "1!")
	if !ok {
		return nil
	}
	for part := range strings.SplitSeq(rest, "!") {
		name, dated, _ := strings.Cut(part, ".")
		date, value, _ := strings.Cut(dated, ".")
		at, err := strconv.ParseInt(date, 10, 64)
		c := click{keys.FindClickID(name), at, wire.Unescape(value)}
		if c.id == nil || err != nil || c.left(now) <= 0 || c.value == "" || len(c.value) > campaign.LongestClickID || !campaign.IsPrintable(c.value) {
			continue
		}
		clicks = append(clicks, c)
	}
	return clicks
}

// left is how much longer the click is credited; a click from the future is none.
func (c *click) left(now time.Time) time.Duration {
	age := now.Sub(time.Unix(c.at, 0))
	if age < -time.Minute {
		return 0
	}
	return c.id.Lifetime - age
}

// addClicks returns the kept clicks with those of an event, and whether any is new. A new click replaces all that an older one
// of its platform left; one that is there already keeps its time. They go into room where they fit, which kept must not be in.
func addClicks(room, kept []click, ids event.Map, now time.Time) (clicks []click, changed bool) {
	clicks = room[:0]
	for i := range ids {
		c := click{keys.FindClickID(ids[i].Key), now.Unix(), ids[i].Value.Text()}
		if c.id != nil && c.value != "" && !hasClick(kept, c) {
			clicks = append(clicks, c)
		}
	}
	if len(clicks) == 0 {
		return kept, false
	}
	added := clicks
	for _, old := range kept {
		if !replaced(old, added, ids) {
			clicks = append(clicks, old)
		}
	}
	return clicks, true
}

func hasClick(clicks []click, c click) bool {
	for i := range clicks {
		if clicks[i].id == c.id && clicks[i].value == c.value {
			return true
		}
	}
	return false
}

// replaced reports whether a new click of the same platform takes the place of an old one, which is not one of its own ids.
func replaced(old click, added []click, ids event.Map) bool {
	for i := range added {
		if added[i].id.Platform == old.id.Platform {
			return ids.Text(old.id.Name) != old.value
		}
	}
	return false
}

// appendClickCookie appends the text of a Set-Cookie header that keeps clicks as long as one of them counts. Old ones that do not
// fit into a cookie together with newer ones are left out.
func (id *recognition) appendClickCookie(b []byte, clicks []click, domain string, secure bool, now time.Time) []byte {
	b = append(append(b, id.clicks...), '=', '1')
	begin := len(b) - 1
	var life time.Duration
	for i := range clicks {
		c := &clicks[i]
		before := len(b)
		b = append(append(append(b, '!'), c.id.Name...), '.')
		b = append(strconv.AppendInt(b, c.at, 10), '.')
		b = append(b, url.QueryEscape(c.value)...)
		if len(b)-begin > cookie.Longest {
			b = b[:before]
			continue
		}
		life = max(life, c.left(now))
	}
	b = append(b, "; Max-Age="...)
	b = strconv.AppendInt(b, int64(min(life, identity.MaxLifetime)/time.Second), 10)
	return cookie.AppendAttributes(b, domain, secure)
}

// land keeps the click ids that an event has before cookies add theirs. Nothing of it leaves before consent is resolved.
func (v *Visit) land(e *event.Event) {
	if v.en.identity.clicks == "" || v.hit.Sender == event.Server || len(e.Campaign.ClickIDs) == 0 {
		return
	}
	kept, room := v.openClicks(), []click(nil)
	if kept == nil {
		room = v.landed[:0]
	}
	clicks, changed := addClicks(room, kept, e.Campaign.ClickIDs, v.hit.Received)
	v.clicks, v.clicked = clicks, v.clicked || changed
}

// openClicks returns the clicks of the hit so far: the cookie's, and those of its events.
func (v *Visit) openClicks() []click {
	if v.clicks == nil && v.jar.clicks != "" {
		v.clicks = parseClicks(v.jar.clicks, v.hit.Received)
	}
	return v.clicks
}

// credit gives an event the click ids of earlier visits, once consent is resolved. One refusal of ads ends that for the hit.
func (v *Visit) credit(e *event.Event) {
	if granted, _ := e.Consent.Get(clickPurpose).Bool(); granted {
		v.credited = true
	} else {
		v.clickless = true
	}
	if v.clickless {
		return
	}
	if v.en.identity.clicks != "" {
		v.openClicks()
		v.giveBack(e)
	}
	v.setMeta(e)
}

// giveBack adds the kept ids of platforms of which the event has none.
func (v *Visit) giveBack(e *event.Event) {
	said := e.Campaign.ClickIDs
	for i := range v.clicks {
		c := &v.clicks[i]
		if hasPlatform(said, c.id.Platform) {
			continue
		}
		if c.id.Name == "fbclid" {
			if _, valid := fbcPayload(e.Cookies.Text("_fbc")); valid {
				continue // Meta's own cookie remembers the click, maybe a newer one
			}
		}
		campaign.SetClickID(e, c.id.Name, c.value)
		if c.id.Name == "fbclid" {
			describeMeta(e, v.domain, c.at*1000)
		}
	}
}

func hasPlatform(ids event.Map, platform string) bool {
	for i := range ids {
		if id := keys.FindClickID(ids[i].Key); id != nil && id.Platform == platform {
			return true
		}
	}
	return false
}

// appendClicks appends the Set-Cookie text for the click ids that the answer to the hit is to carry, after all its events were
// identified: the cookie where an event brought a new click, its end where the browser has it and one event refused ads.
func (v *Visit) appendClicks(b []byte, site string, secure bool) []byte {
	switch {
	case v.clickless && v.jar.clicks != "":
		return append(b, cookie.Expired(v.en.identity.clicks, site, secure)...)
	case v.clickless || !v.credited || !v.clicked:
		return b
	}
	return v.en.identity.appendClickCookie(b, v.clicks, site, secure, v.hit.Received)
}
