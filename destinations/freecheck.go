package destinations

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"headgate/event"
	"headgate/event/samples"
	"headgate/rules"
)

// FreeChecks are what must be so for every destination without a case that says it: a verdict for every status, no
// secret where a person looks, events that encoding leaves alone, the same bytes for the same events, their order kept,
// nothing empty in a body, a case for every event, and no contact data in clear but what the file declares. It takes its
// settings from the golden cases.
func (c *Catalog) FreeChecks(name string, language rules.Options, deps Deps) (problems []string) {
	file, spec := c.Cases(name), c.specs[name]
	if spec == nil {
		return nil
	}
	if file == nil {
		return []string{name + " has no golden cases: write " + name + "_test.yaml beside it"}
	}
	problems = append(problems, uncovered(spec, file)...)
	if spec.Driver != "" {
		return problems
	}
	r := &caseRun{catalog: c, destination: name, file: file, one: &Case{At: file.At}, result: &CaseResult{}}
	d, ms := r.open(language, deps)
	if len(ms) > 0 {
		return append(problems, ms.Error())
	}
	k := &checking{d: d, batch: everything(d, file)}
	k.repeatable()
	k.ordered()
	k.secrets()
	k.emptiness()
	k.statuses()
	k.contactData()
	return append(problems, k.problems...)
}

// uncovered are the events of the file that no case sends.
func uncovered(spec *Spec, file *CaseFile) (problems []string) {
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
func everything(d *Destination, file *CaseFile) (batch []Sending) {
	named := map[string]bool{}
	for _, name := range samples.Names() {
		e, _ := samples.Get(name)
		if d.maps(e.Name) {
			named[e.Name] = true
			batch = append(batch, Sending{Event: e, Attempt: 1})
		}
	}
	for _, one := range file.Cases {
		for _, n := range one.Events {
			if e, ms := samples.Read(n); len(ms) == 0 && d.maps(e.Name) {
				batch = append(batch, Sending{Event: e, Attempt: 1})
			}
		}
	}
	for _, mapped := range d.spec.Events {
		if mapped.Key == "*" || named[mapped.Key] || !d.maps(mapped.Key) {
			continue
		}
		e, _ := samples.Get("purchase")
		e.Name, e.ID = mapped.Key, "0193f0a2-7c00-7000-8000-"+mapped.Key
		batch = append(batch, Sending{Event: e, Attempt: 1})
	}
	return batch
}

type checking struct {
	d        *Destination
	batch    []Sending
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
	one, _ := k.d.Encode(k.batch)
	two, _ := k.d.Encode(k.batch)
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

// ordered: events stand in a request in the order in which they came.
func (k *checking) ordered() {
	requests, _ := k.d.Encode(k.batch)
	for _, r := range requests {
		if !slices.IsSortedFunc(r.rows, func(a, b row) int { return a.sending - b.sending }) {
			k.problem("a request mixes up the order of events")
		}
	}
}

// secrets: no secret where a person looks, though a vendor repeats all that it got.
func (k *checking) secrets() {
	var shown strings.Builder
	for _, r := range k.d.Show(k.batch) {
		fmt.Fprintln(&shown, r.URL, r.Headers, string(r.Body))
	}
	requests, verdicts := k.d.Encode(k.batch)
	for _, r := range requests {
		echo := r.URL + fmt.Sprint(r.Headers) + string(r.Body)
		for _, status := range []int{200, 302, 400, 401, 429, 500} {
			answers := []Response{
				{Status: status, Body: []byte(echo), Headers: event.Headers{{Name: "location", Value: echo}, {Name: "retry-after", Value: echo}}},
				{Status: status, Body: []byte(`{"error":{"code":190,"message":` + string(event.AppendString(nil, echo)) + `}}`)},
			}
			for _, a := range answers {
				judged, _ := k.d.Judge(r, a)
				verdicts = append(verdicts, judged...)
			}
		}
	}
	for _, v := range verdicts {
		fmt.Fprintln(&shown, v.Why)
	}
	text := shown.String()
	for _, secret := range k.d.settings.secrets() {
		if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
			k.problem("a secret is shown: %s", k.d.masked(around(text, secret)))
		}
	}
}

func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(i-40, 0):min(i+40, len(text))]
}

// emptiness: no null, no empty object and no empty list in a JSON body.
func (k *checking) emptiness() {
	requests, _ := k.d.Encode(k.batch)
	for _, r := range requests {
		if r.kind.format != "json" || len(r.Body) == 0 {
			continue
		}
		v, err := event.ParseJSON(r.Body)
		if err != nil {
			k.problem("the body is no JSON: %v", err)
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
	requests, _ := k.d.Encode(k.batch)
	for _, r := range requests[:min(len(requests), 3)] {
		for status := 100; status < 600; status++ {
			verdicts, again := k.d.Judge(r, Response{Status: status})
			settled := make([]int, len(r.rows))
			for i, v := range verdicts {
				if v.Kind != 0 {
					settled[i]++
				}
			}
			for _, group := range again {
				if len(group) >= len(r.rows) {
					k.problem("status %d: the whole request would be sent again for ever", status)
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

// markers are contact data that can be found again in whatever is sent.
var markers = []struct {
	field, value string
	traces       []string // in small letters
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

// contactData: what says who somebody is leaves hashed or not at all, unless the file says plain.
func (k *checking) contactData() {
	batch := make([]Sending, 0, len(k.batch))
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
		batch = append(batch, Sending{Event: &e, Attempt: 1})
	}
	requests, _ := k.d.Encode(batch)
	leaked := map[string]bool{}
	for _, r := range requests {
		sent := strings.ToLower(r.URL + fmt.Sprint(r.Headers) + string(r.Body))
		if unescaped, err := url.QueryUnescape(sent); err == nil {
			sent += unescaped
		}
		for _, m := range markers {
			if slices.Contains(k.d.spec.Plain, m.field) || leaked[m.field] {
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
