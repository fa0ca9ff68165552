package vendors_test

import (
	"slices"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/samples"
)

// atTheDoor is contact data that is taken out before anything is stored, by consent: scrub, as it is without a word.
var atTheDoor = []marker{
	{"page.url", "https://shop.example/thanks?email=zqurl%40zqmarker.example&o=1", []string{"zqurl"}},
	{"page.referrer", "https://shop.example/checkout?user=zqreferrer@zqmarker.example", []string{"zqreferrer"}},
	{"page.title", "Thanks, zqtitle@zqmarker.example", []string{"zqtitle"}},
	{"params.search_term", "zqsearch@zqmarker.example", []string{"zqsearch"}},
	{"params.note", "write to zqnote@zqmarker.example", []string{"zqnote"}},
}

func TestContactDataInAddressesAndTextsGoesNowhere(t *testing.T) {
	t.Parallel()
	f := newFake(t, &vendor{name: "webhook", read: func(*received) []row { return nil }, taken: func([]row) answer { return answer{status: 200} }})
	p := start(t, `  webhook: {settings: {url: "`+f.URL+`"}, delivery: {wait: 20ms}}`+"\n")
	var events []*event.Event
	for _, name := range samples.Names() {
		e := sample(t, name, "door-"+strings.ReplaceAll(name, "_", "-"))
		for _, m := range atTheDoor {
			if err := e.SetPath(m.field, event.String(m.value)); err != nil {
				t.Fatal(err)
			}
		}
		events = append(events, e)
	}
	p.post(events)
	p.Drained()
	sent := unwrappedAll(slices.Clone(f.wire))
	if len(f.wire) == 0 {
		t.Fatal("nothing was sent")
	}
	for _, m := range atTheDoor {
		if found(sent, m) {
			t.Errorf("%s left: ...%s...", m.field, excerpt(sent, m))
		}
	}
}
