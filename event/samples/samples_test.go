package samples_test

import (
	"strings"
	"testing"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
)

func TestEverySampleIsReadAndSurvivesItsJSON(t *testing.T) {
	for _, name := range samples.Names() {
		e, ok := samples.Get(name)
		if !ok || e.Name == "" || e.ID == "" || e.Time.IsZero() || e.Page.URL == "" {
			t.Errorf("%s: %+v", name, e)
			continue
		}
		if e.Time.After(samples.Now()) || samples.Now().Sub(e.Time) > time.Hour {
			t.Errorf("%s happened at %s, but samples are minutes before %s", name, e.Time, samples.Now())
		}
		var again event.Event
		if err := again.UnmarshalJSON(e.AppendJSON(nil)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if string(again.AppendJSON(nil)) != string(e.AppendJSON(nil)) {
			t.Errorf("%s is not the same after its JSON", name)
		}
	}
}

func TestIDsOfSamplesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, name := range samples.Names() {
		e, _ := samples.Get(name)
		if other, twice := seen[e.ID]; twice {
			t.Errorf("%s and %s have the id %s", name, other, e.ID)
		}
		seen[e.ID] = name
	}
}

func TestASampleBelongsToItsCaller(t *testing.T) {
	a, _ := samples.Get("purchase")
	a.Params.Set("value", event.Float(1))
	a.Items[0].ID = "changed"
	b, _ := samples.Get("purchase")
	if b.Params.Text("value") != "55" || b.Items[0].ID != "SKU-1" {
		t.Fatal("a change of one caller reached another")
	}
}

func TestReadingWhatSomebodyWrote(t *testing.T) {
	for _, c := range []struct{ name, yaml, path, want, wrong string }{
		{"the name of a sample", `purchase`, "params.value", "55", ""},
		{"a sample with another value", `{sample: purchase, params.value: 12.50}`, "params.value", "12.50", ""},
		{"a sample with a nested value", `{sample: purchase, device: {ip: 198.51.100.7}}`, "device.ip", "198.51.100.7", ""},
		{"a field taken away", `{sample: purchase, params.coupon: null}`, "params.coupon", "", ""},
		{"a whole event", `{name: page_view, user.client_id: "7"}`, "user.client_id", "7", ""},
		{"a sample that does not exist", `purchas`, "", "", `x.yaml:1:1: no sample "purchas"; did you mean "purchase"?`},
		{"a field that does not exist", `{sample: purchase, page.ulr: x}`, "", "", `x.yaml:1:20: no field "page.ulr"; did you mean "page.url"?`},
		{"a value of the wrong kind", `{sample: purchase, params: 7}`, "", "", `x.yaml:1:28: params: expected an object`},
		{"an event without a name", `{params.value: 7}`, "", "", `x.yaml:1:1: the event has no name; write name: page_view, or sample: with the name of a sample`},
		{"a list", `[purchase]`, "", "", `x.yaml:1:1: expected an event; write the name of a sample, or {sample: purchase, params.value: 3}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, ms := document.Parse("x.yaml", []byte(c.yaml))
			if len(ms) > 0 {
				t.Fatal(ms)
			}
			e, ms := samples.Read(n)
			if got := strings.TrimSpace(ms.Error()); got != c.wrong {
				t.Fatalf("mistakes %q, want %q", got, c.wrong)
			}
			if c.wrong == "" && e.GetPath(c.path).Text() != c.want {
				t.Errorf("%s = %q, want %q", c.path, e.GetPath(c.path).Text(), c.want)
			}
		})
	}
}

func TestMovingASampleKeepsItsSpans(t *testing.T) {
	e, _ := samples.Get("purchase")
	span := e.Time.Sub(e.Session.Start)
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	samples.Move(e, now)
	if !e.Received.Equal(now) || e.Time.Sub(e.Session.Start) != span {
		t.Fatalf("received %s, time %s, start %s", e.Received, e.Time, e.Session.Start)
	}
}
