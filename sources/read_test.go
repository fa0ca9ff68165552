package sources_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/event"
	"headgate/sources"
)

// oneOfEach is a request of two events for every source that takes several.
var oneOfEach = map[string]*event.Hit{
	"ga4":     newHit("POST", "/g/collect?v=2&tid=G-EXAMPLE001&cid=1.2&dl=https%3A%2F%2Fwww.shop.example%2F&up.plan=pro&ep.a=b&pr1=idSKU1~k0color~v0red", "en=a&_s=1\r\nen=b&_s=2"),
	"mp":      newHit("POST", "/mp/collect?measurement_id=G-EXAMPLE001", `{"client_id":"1.2","user_properties":{"plan":{"value":"pro"}},"consent":{"ad_user_data":"GRANTED"},"x":1,"events":[{"name":"a"},{"name":"b"}]}`),
	"segment": newHit("POST", "/v1/batch", `{"context":{"traits":{"plan":"pro"},"app":{"name":"Shop"},"consent":{"categoryPreferences":{"ads":true}}},"batch":[{"type":"track","event":"a"},{"type":"track","event":"b"}]}`),
	"events":  newHit("POST", "/e", `{"cookies":{"_fbp":"x"},"params":{"a":"b"},"user":{"plan":"pro"},"consent":{"ads":true},"campaign":{"click_ids":{"gclid":"G"}},"items":[{"id":"1"}],"events":[{"name":"a"},{"name":"b"}]}`),
}

func TestEventsOfOneRequestCanBeChangedByThemselves(t *testing.T) {
	t.Parallel()
	for name, h := range oneOfEach {
		r, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h)
		if err != nil || len(r.Events) != 2 {
			t.Fatalf("%s: %v %v", name, r, err)
		}
		first, second := &r.Events[0], &r.Events[1]
		before := string(second.AppendJSON(nil))
		for _, m := range []*event.Map{&first.Params, &first.User.Traits, &first.Consent, &first.Cookies, &first.Campaign.ClickIDs} {
			for i := range *m {
				(*m)[i].Value = event.String("changed")
			}
			m.Add("added", event.String("added"))
		}
		for i := range first.Items {
			first.Items[i].ID = "changed"
		}
		if after := string(second.AppendJSON(nil)); after != before {
			t.Errorf("%s: a change of one event changed the other:\n%s\n%s", name, before, after)
		}
	}
}

func TestEventsOutliveTheBufferOfTheBody(t *testing.T) {
	t.Parallel()
	for name, h := range oneOfEach {
		own := *h
		own.Body = []byte(string(h.Body))
		s := claimant(t, open(t, "", sources.Limits{}), &own)
		r, err := s.Read(&own)
		if err != nil {
			t.Fatal(err)
		}
		before := string(r.Events[0].AppendJSON(nil))
		for i := range own.Body {
			own.Body[i] = 'X'
		}
		if _, err := s.Read(h); err != nil { // the pooled parser, used again
			t.Fatal(err)
		}
		if after := string(r.Events[0].AppendJSON(nil)); after != before {
			t.Errorf("%s: the event changed with the buffer:\n%s\n%s", name, before, after)
		}
	}
}

func TestWritingTheSameRequestTwiceReadsTheSame(t *testing.T) {
	t.Parallel()
	for name, h := range oneOfEach {
		s := claimant(t, open(t, "", sources.Limits{}), h)
		first, err1 := s.Read(h)
		second, err2 := s.Read(h)
		if err1 != nil || err2 != nil || fmt.Sprintf("%s", render(first)) != fmt.Sprintf("%s", render(second)) {
			t.Errorf("%s: %v %v", name, err1, err2)
		}
	}
}

func render(r sources.Reading) (all []string) {
	for i := range r.Events {
		all = append(all, string(r.Events[i].AppendJSON(nil)))
	}
	return all
}

func TestThePixelIsShownWhateverIsWrong(t *testing.T) {
	t.Parallel()
	h := newHit("GET", "/p.gif?"+strings.Repeat("a=b&", 501), "")
	s := claimant(t, open(t, "", sources.Limits{}), h)
	_, err := s.Read(h)
	if !errors.Is(err, sources.ErrTooLarge) {
		t.Errorf("501 parameters: %v", err)
	}
	for _, a := range []sources.Answer{s.Refuse(h, err), s.Refuse(h, sources.ErrKey), s.Answer(h, sources.Reading{})} {
		if a.Status != 200 || a.ContentType != "image/gif" || len(a.Body) != 43 || a.Headers.Get("cache-control") == "" {
			t.Errorf("answered %+v", a)
		}
	}
}

func TestAnErrorKeepsPersonalDataOutOfItsWords(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/e", "/v1/t", "/mp/collect", "/g/collect"} {
		for _, body := range []string{`{"email":"jane@example.com"`, `jane@example.com`, `{"name":"jane@example.com","time":"jane@example.com"}`} {
			h := newHit("POST", path, body)
			s := claimant(t, open(t, "", sources.Limits{}), h)
			r, err := s.Read(h)
			a := s.Answer(h, r)
			if err != nil {
				a = s.Refuse(h, err)
			}
			if text := fmt.Sprint(err, r.Rejected, string(a.Body)); strings.Contains(text, "jane") {
				t.Errorf("%s %s: %s", path, body, text)
			}
		}
	}
}

func TestTheAgeOfAnEventIsALimit(t *testing.T) {
	t.Parallel()
	h := newHit("POST", "/e", `{"name":"a","time":"2020-01-01T00:00:00Z"}`)
	r, err := claimant(t, open(t, "", sources.Limits{Age: 100 * 365 * 24 * time.Hour}), h).Read(h)
	if err != nil || r.Events[0].Time.Year() != 2020 || len(r.Events[0].Params) > 0 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestAnIDThatIsTooLongForOneIsAParameter(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 257)
	for _, h := range []*event.Hit{
		newHit("POST", "/e", `{"name":"a","id":"`+long+`"}`),
		newHit("GET", "/g/collect?v=2&tid=G-EXAMPLE001&en=a&ep.event_id="+long, ""),
	} {
		r, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h)
		if err != nil || r.Events[0].ID != "" || r.Events[0].Params.Text("event_id") != long {
			t.Errorf("%+v %v", r, err)
		}
	}
}

func TestAGA4HitCostsFewAllocations(t *testing.T) {
	const budget = 10 // of the 40 from bytes to log; without the race detector it takes 4 and 6
	for name, query := range map[string]string{"page_view": ga4View, "purchase": ga4Purchase} {
		h := newHit("GET", "/g/collect?"+query, "")
		s := claimant(t, open(t, "", sources.Limits{}), h)
		if n := testing.AllocsPerRun(100, func() { _, _ = s.Read(h) }); n > budget {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestANameThatIsTooLongForALabelIsRejected(t *testing.T) {
	t.Parallel()
	h := newHit("POST", "/e", `[{"name":"`+strings.Repeat("x", 257)+`"},{"name":"`+strings.Repeat("x", 256)+`"}]`)
	r, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h)
	if err != nil || len(r.Events) != 1 || len(r.Rejected) != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestAnItemOfTooManyPartsKeepsTheRestAsItIs(t *testing.T) {
	t.Parallel()
	h := newHit("GET", "/g/collect?v=2&tid=G-EXAMPLE001&en=a&pr1="+strings.Repeat("nmx~", 100)+"idSKU1~nmShirt", "")
	r, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h)
	if err != nil || r.Events[0].Items[0].Params.Text("rest") != "idSKU1~nmShirt" || r.Events[0].Items[0].ID != "" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestAnEmptyServerKeyProvesNothing(t *testing.T) {
	t.Parallel()
	for config, h := range map[string]*event.Hit{
		`events: {server_keys: [""]}`:              newHit("POST", "/e", `{"name":"a","device":{"ip":"198.51.100.7"}}`),
		`segment: {server_keys: [""], keys: [""]}`: newHit("POST", "/v1/t", `{"event":"a","context":{"ip":"198.51.100.7"}}`),
		`mp: {secrets: [""]}`:                      newHit("POST", "/mp/collect?api_secret=", `{"ip_override":"198.51.100.7","events":[{"name":"a"}]}`),
	} {
		r, err := claimant(t, open(t, config, sources.Limits{}), h).Read(h)
		if err == nil && r.Events[0].Device.IP != "" {
			t.Errorf("%s: believed", config)
		}
	}
}

func TestAPathOfTooManyPartsIsOneName(t *testing.T) {
	t.Parallel()
	const short, long = "a.b.c.d.e.f.g.h.i", "a.b.c.d.e.f.g.h.i.j"
	h := newHit("POST", "/e", `{"name":"a","params.`+short+`":1,"params.`+long+`":2}`)
	r, err := claimant(t, open(t, "", sources.Limits{}), h).Read(h)
	if err != nil || r.Events[0].Params.Get("a").Kind() != event.Object || r.Events[0].Params.Text("params."+long) != "2" {
		t.Errorf("%+v %v", r, err)
	}
}
