package golden

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http"
	"headgate/event"
	"headgate/event/samples"
	"headgate/rules"
)

// Check checks what must hold for every destination without a case for it: a verdict for every status, no
// secret in what a person sees, events unchanged by encoding, the same bytes for the same events, their order kept,
// nothing empty in a body, a case for every event, and no unhashed contact data except what the file declares. It takes its
// settings from the golden cases.
func Check(c *catalog.Catalog, name string, language rules.Options, deps destinations.Deps) (problems []string) {
	file, spec := c.Cases(name), c.Spec(name)
	if spec == nil {
		return nil
	}
	if file == nil {
		return []string{name + " has no golden cases: write " + name + "_test.yaml next to it"}
	}
	for _, m := range c.CheckCases(name) {
		problems = append(problems, m.Error())
	}
	problems = append(problems, uncovered(spec, file)...)
	if spec.Driver != "" {
		return problems
	}
	r := &caseRun{files: c, destination: name, file: file, one: &catalog.Case{At: file.At}, result: &Result{}}
	d, ms := r.open(language, deps)
	if len(ms) > 0 {
		return append(problems, ms.Error())
	}
	k := &checking{d: d, engine: r.engine, batch: everything(r.engine, spec, file)}
	k.repeatable()
	k.ordered()
	k.secrets()
	k.emptiness()
	k.statuses()
	k.contactData()
	return append(problems, k.problems...)
}

// uncovered are the events of the file that no case sends.
func uncovered(spec *catalog.Spec, file *catalog.CaseFile) (problems []string) {
	seen := map[string]bool{}
	for _, one := range file.Cases {
		for _, n := range one.Events {
			if e, ms := samples.Read(n); len(ms) == 0 {
				seen[e.Name] = true
			}
		}
	}
	for _, e := range spec.Events {
		if e.Key != "*" && len(e.Value) > 0 && !seen[e.Key] {
			problems = append(problems, fmt.Sprintf("no case sends the event %s", e.Key))
		}
	}
	return problems
}

// everything is every sample that a destination takes and every event of its cases, one event per name of its map at least.
func everything(engine *http.Engine, spec *catalog.Spec, file *catalog.CaseFile) (batch []destinations.Sending) {
	named := map[string]bool{}
	for _, name := range samples.Names() {
		e, _ := samples.Get(name)
		if engine.Events.Has(e.Name) {
			named[e.Name] = true
			batch = append(batch, destinations.Sending{Event: e, Attempt: 1})
		}
	}
	for _, one := range file.Cases {
		for _, n := range one.Events {
			if e, ms := samples.Read(n); len(ms) == 0 && engine.Events.Has(e.Name) {
				batch = append(batch, destinations.Sending{Event: e, Attempt: 1})
			}
		}
	}
	for _, mapped := range spec.Events {
		if mapped.Key == "*" || named[mapped.Key] || !engine.Events.Has(mapped.Key) {
			continue
		}
		e, _ := samples.Get("purchase")
		e.Name, e.ID = mapped.Key, "0193f0a2-7c00-7000-8000-"+mapped.Key
		batch = append(batch, destinations.Sending{Event: e, Attempt: 1})
	}
	return batch
}

type checking struct {
	d        *destinations.Destination
	engine   *http.Engine
	batch    []destinations.Sending
	problems []string
}

func (k *checking) problem(form string, args ...any) {
	k.problems = append(k.problems, fmt.Sprintf(form, args...))
}

// repeatable: the same events give the same bytes, and are not changed.
func (k *checking) repeatable() {
	before := make([][]byte, len(k.batch))
	for i, s := range k.batch {
		before[i] = s.Event.AppendJSON(nil)
	}
	one, _ := k.engine.Encode(k.batch)
	two, _ := k.engine.Encode(k.batch)
	if len(one) != len(two) {
		k.problem("the same events make %d requests, and then %d", len(one), len(two))
		return
	}
	for i := range one {
		if one[i].URL != two[i].URL || !slices.Equal(one[i].Headers, two[i].Headers) || !bytes.Equal(one[i].Body, two[i].Body) {
			k.problem("the same events give other bytes the second time: uuid() without a text, or now(), in the body?")
		}
	}
	for i, s := range k.batch {
		if !bytes.Equal(before[i], s.Event.AppendJSON(nil)) {
			k.problem("encoding changes the event %s", s.Event.Name)
		}
	}
}

// ordered: a request has its events in the order of the batch.
func (k *checking) ordered() {
	requests, _ := k.engine.Encode(k.batch)
	for _, r := range requests {
		if !slices.IsSorted(r.Positions()) {
			k.problem("a request mixes up the order of events")
		}
	}
}

// secrets: no secret in what a person sees, even when a vendor echoes the whole request.
func (k *checking) secrets() {
	var shown strings.Builder
	requests, _ := k.d.Show(k.batch)
	for _, r := range requests {
		fmt.Fprintln(&shown, r.URL, r.Headers, string(r.Body))
	}
	sent, verdicts := k.engine.Encode(k.batch)
	for _, r := range sent {
		echo := r.URL + fmt.Sprint(r.Headers) + string(r.Body)
		for _, status := range []int{200, 302, 400, 401, 429, 500} {
			answers := []http.Response{
				{Status: status, Body: []byte(echo), Headers: event.Headers{{Name: "location", Value: echo}, {Name: "retry-after", Value: echo}}},
				{Status: status, Body: []byte(`{"error":{"code":190,"message":` + string(event.AppendString(nil, echo)) + `}}`)},
			}
			for _, a := range answers {
				judged, _ := k.engine.Judge(r, a)
				verdicts = append(verdicts, judged...)
			}
		}
	}
	for _, v := range verdicts {
		fmt.Fprintln(&shown, v.Why)
	}
	text := shown.String()
	for _, secret := range k.d.Settings().Secrets() {
		if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
			k.problem("a secret is shown: %s", k.engine.Hide(around(text, secret)))
		}
	}
}

func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(i-40, 0):min(i+40, len(text))]
}

// emptiness: no null, no empty object and no empty list in a JSON body.
func (k *checking) emptiness() {
	requests, _ := k.engine.Encode(k.batch)
	for _, r := range requests {
		if r.Format() != "json" || len(r.Body) == 0 {
			continue
		}
		v, err := event.ParseJSON(r.Body)
		if err != nil {
			k.problem("the body is not JSON: %v", err)
			continue
		}
		if path := emptyIn(v); path != "" {
			k.problem("the body has nothing at %s", strings.TrimPrefix(path, "."))
		}
	}
}

func emptyIn(v event.Value) string {
	if v.IsEmpty() && v.Kind() != event.Text {
		return "."
	}
	for i, one := range v.List() {
		if at := emptyIn(one); at != "" {
			return fmt.Sprintf("[%d]%s", i, at)
		}
	}
	for _, p := range v.Object() {
		if at := emptyIn(p.Value); at != "" {
			return "." + p.Key + at
		}
	}
	return ""
}

// statuses: every status gives every event of a request one verdict, or sends it again in a smaller request.
func (k *checking) statuses() {
	requests, _ := k.engine.Encode(k.batch)
	for _, r := range requests[:min(len(requests), 3)] {
		for status := 100; status < 600; status++ {
			verdicts, again := k.engine.Judge(r, http.Response{Status: status})
			settled := make([]int, len(r.Positions()))
			for i, v := range verdicts {
				if v.Kind != 0 {
					settled[i]++
				}
			}
			for _, group := range again {
				if len(group) >= len(r.Positions()) {
					k.problem("status %d: the whole request would be sent again endlessly", status)
				}
				for _, i := range group {
					settled[i]++
				}
			}
			if slices.ContainsFunc(settled, func(n int) bool { return n != 1 }) {
				k.problem("status %d leaves an event without a verdict, or with two", status)
			}
		}
	}
}

// markers are contact data that can be recognised in whatever is sent.
var markers = []struct {
	field, value string
	traces       []string // in lower case
}{
	{"email", "zqmail.one@zqmarker.example", []string{"zqmail", "zqmarker"}},
	{"phone", "+49 1579 4612087", []string{"15794612087", "1579 4612087"}},
	{"first_name", "Zqfirst", []string{"zqfirst"}},
	{"last_name", "Zqlast", []string{"zqlast"}},
	{"street", "7 Zqstreet", []string{"zqstreet"}},
	{"city", "Zqcity", []string{"zqcity"}},
	{"region", "Zqregion", []string{"zqregion"}},
	{"postal_code", "94735", []string{"94735"}},
	{"birth_date", "1987-03-28", []string{"1987-03-28", "19870328", "03/28/1987", "28.03.1987"}},
	{"traits", "", []string{"zqtrait"}},
}

// contactData: contact data leaves hashed or not at all, unless the file says plain.
func (k *checking) contactData() {
	batch := make([]destinations.Sending, 0, len(k.batch))
	for _, s := range k.batch {
		e := *s.Event
		for _, m := range markers {
			v := event.String(m.value)
			if m.field == "traits" {
				v = event.ObjectOf(event.Map{{Key: "hobby", Value: event.String("zqtrait")}})
			}
			if err := e.SetPath("user."+m.field, v); err != nil {
				k.problem("%v", err)
			}
		}
		e.Params = e.Params.Clone()
		e.Params.Set("email", event.String("zqmail.two@zqmarker.example"))
		e.Params.Set("note", event.String("write to zqmail.three@zqmarker.example"))
		batch = append(batch, destinations.Sending{Event: &e, Attempt: 1})
	}
	requests, _ := k.engine.Encode(batch)
	leaked := map[string]bool{}
	for _, r := range requests {
		sent := strings.ToLower(r.URL + fmt.Sprint(r.Headers) + string(r.Body))
		if unescaped, err := url.QueryUnescape(sent); err == nil {
			sent += unescaped
		}
		for _, m := range markers {
			if slices.Contains(k.d.Spec().Plain, m.field) || leaked[m.field] {
				continue
			}
			for _, trace := range m.traces {
				if strings.Contains(sent, trace) {
					leaked[m.field] = true
				}
			}
		}
	}
	for _, m := range markers {
		if leaked[m.field] {
			k.problem("user.%s leaves unhashed; hash it, or write plain: [%s] with plain_reason:", m.field, m.field)
		}
	}
}
