package reading

import (
	"strings"

	"headgate/event"
	"headgate/event/keys"
)

// Marketing takes a property that says how the visitor came, by the names that the parameters of the landing page have. It
// reports whether the property was one.
func Marketing(campaign *event.Campaign, key string, v event.Value) bool {
	text := v.Text()
	if text == "" {
		return false
	}
	switch key {
	case "utm_source":
		campaign.Source = text
	case "utm_medium":
		campaign.Medium = text
	case "utm_campaign":
		campaign.Name = text
	case "utm_term":
		campaign.Term = text
	case "utm_content":
		campaign.Content = text
	case "utm_id":
		campaign.ID = text
	default:
		id := keys.FindClickID(key)
		if id == nil {
			return false
		}
		campaign.ClickIDs.Set(id.Name, event.String(text))
	}
	return true
}

// SetName sets the event's name and keeps the name as sent where ours is another.
func SetName(e *event.Event, ours, sent string) {
	if e.Name = ours; ours != sent {
		e.Params.Set("original_name", event.String(sent))
	}
}

// Snake writes a name of words in small letters with _ between them: Page View ID is page_view_id.
func Snake(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "_") }

// KeepBlock keeps what the vocabulary has no field for in the protocol's block. What a site calls as the block is called goes
// into it.
func KeepBlock(e *event.Event, param string, rest event.Map) {
	if said, ok := e.Params.Find(param); ok {
		rest.Set(param, said)
	}
	if len(rest) > 0 {
		e.Params.Set(param, event.ObjectOf(rest))
	}
}
