package http_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/samples"
)

// What another product posts to a webhook of Slack's is what we post, but for the words, which are a template there. Its
// other cases are calls of Slack's Web API by a bot with a token; we post to incoming webhooks only.
func TestVectorsOfSlack(t *testing.T) {
	const folder = "../../../shared/vectors/destinations/slack"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the shared vectors are not here: " + folder)
	}
	files, err := filepath.Glob(filepath.Join(folder, "wo-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	webhooks := 0
	for _, file := range files {
		one := readVector(t, file)
		want := one.Get("expected_requests").List()[0].Object()
		if want.Text("url") == "" {
			if !strings.HasPrefix(want.Get("sdk_call").List()[0].Text(), "slackClient.") {
				t.Errorf("%s is neither a request nor a call of the Web API", filepath.Base(file))
			}
			continue
		}
		webhooks++
		d := opened(t, "slack", `{settings: {webhook: "`+want.Text("url")+`"}, events: {"*": "="}}`, nil)
		in := one.Get("input").Object()
		e := &event.Event{ID: in.Text("id"), Name: in.Text("name"), Time: samples.Now(), Params: in.Get("data").Object()}
		requests, verdicts := d.Encode([]destinations.Sending{{Event: e, Attempt: 1}})
		if len(requests) != 1 || requests[0].URL != want.Text("url") || requests[0].Method != want.Text("method") {
			t.Fatalf("%s: %d requests; %v", filepath.Base(file), len(requests), verdicts)
		}
		got, err := event.ParseJSON(requests[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		if paths := differing(nil, "", got, bodyOf(want)); !slices.Equal(paths, []string{"text"}) {
			t.Errorf("%s: %v differ in %s", filepath.Base(file), paths, requests[0].Body)
		}
	}
	if webhooks == 0 {
		t.Error("no case is a webhook's")
	}
}

// A collector gets from us what it gets from Snowplow's own tracker: the same envelope, texts only, and no keys but those
// of the tracker protocol.
func TestVectorsOfSnowplowsTracker(t *testing.T) {
	const folder = "../../../shared/vectors/sources/snowplow"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the shared vectors are not here: " + folder)
	}
	own, err := event.ParseJSON([]byte(readVector(t, filepath.Join(folder, "01-tp2-three-events.json")).Text("body")))
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"ttm", "tnuid", "ip", "ua", "co", "ue_pr"} // of the protocol, but not in these three events
	for _, one := range own.Object().Get("data").List() {
		for _, p := range one.Object() {
			known = append(known, p.Key)
		}
	}
	d := opened(t, "snowplow", `settings: {endpoint: "https://collector.shop.example", app_id: shop}`, nil)
	for _, name := range samples.Names() {
		e, _ := samples.Get(name)
		requests, verdicts := d.Encode([]destinations.Sending{{Event: e, Attempt: 1}})
		if len(requests) != 1 {
			t.Fatalf("%s: %d requests; %v", name, len(requests), verdicts)
		}
		body, err := event.ParseJSON(requests[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := body.Object().Text("schema"), own.Object().Text("schema"); got != want {
			t.Errorf("%s: schema %s, want %s", name, got, want)
		}
		for _, p := range body.Object().Get("data").List()[0].Object() {
			if p.Value.Kind() != event.Text || !slices.Contains(known, p.Key) {
				t.Errorf("%s: %s: %s is no text, or no key of the protocol", name, p.Key, p.Value.Text())
			}
		}
	}
}
