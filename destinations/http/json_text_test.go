package http_test

import (
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/event"
)

func TestATextHoldsJSON(t *testing.T) {
	const file = crm + `
send:
  post: https://crm.example/
  body:
    name: =name
    context:
      json_text:
        page: =page.title
        skus: {each: =items, as: =item.id}
`
	d := own(t, file, "{}", nil)
	for _, c := range []struct {
		name  string
		event event.Event
		want  string
	}{
		{"what is in it is JSON", event.Event{Name: "a", Page: event.Page{Title: `"Mugs" \ more`}, Items: []event.Item{{ID: "A"}, {ID: "B"}}},
			`{"name":"a","context":"{\"page\":\"\\\"Mugs\\\" \\\\ more\",\"skus\":[\"A\",\"B\"]}"}`},
		{"nothing in it is no text", event.Event{Name: "a"}, `{"name":"a"}`},
	} {
		requests, _ := d.Encode([]destinations.Sending{{Event: &c.event, Attempt: 1}})
		if len(requests) != 1 || string(requests[0].Body) != c.want {
			t.Errorf("%s: %s", c.name, requests[0].Body)
		}
	}
	if page := string(d.Spec().Page(nil)); !strings.Contains(page, "| `context.page` | `page.title` |") {
		t.Errorf("the map of fields does not look into it:\n%s", page)
	}
	if _, ms := tryOwn(t, strings.Replace(file, "json_text:\n", "as: {}\n      json_text:\n", 1), "{}", nil); !strings.Contains(ms.Error(), `unknown key "as" next to json_text`) {
		t.Errorf("a key that does not belong there is not found: %v", ms)
	}
}
