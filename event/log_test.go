package event

import (
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var sameValues = cmp.Comparer(Value.Equal)

func number(s string) Value {
	v, ok := NumberText(s)
	if !ok {
		panic(s)
	}
	return v
}

// firstFields are those that the kept bytes of earlier releases have.
const firstFields = 64

// withoutNewer returns a decision as the releases of those bytes would have had it: without the fields that came later.
func withoutNewer(d *Decision) *Decision {
	for i := range Fields {
		if Fields[i].Tag <= firstFields {
			continue
		}
		switch p := Fields[i].Ref(&d.Event).(type) {
		case *string:
			*p = ""
		case *int64:
			*p = 0
		}
	}
	return d
}

// full returns a decision in which every field of the vocabulary says something.
func full(t testing.TB) *Decision {
	t.Helper()
	d := new(Decision)
	e := &d.Event
	at := time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC)
	for i := range Fields {
		switch p := Fields[i].Ref(e).(type) {
		case *string:
			*p = "text of " + Fields[i].Path
		case *bool:
			*p = true
		case *int64:
			*p = -int64(i)
		case *time.Time:
			*p = at.Add(time.Duration(i))
		case *Map:
			*p = Map{
				{"text", String("größe \" \\ \n")}, {"long", number("12345678901234567890")}, {"f", Float(1.5)},
				{"yes", Boolean(true)}, {"null", Value{}},
				{"list", ListOf(String("a"), ListOf(), ObjectOf(Map{{"k", Float(-3)}}))},
			}
		case *[]Item:
			*p = []Item{{ID: "sku", Price: Num(0), Quantity: Num(2), Params: Map{{"size", String("M")}}}, {Name: "second"}}
		default:
			t.Fatalf("%s: field of unknown type %T", Fields[i].Path, p)
		}
	}
	d.Consent = Record{
		Country: "DE", Region: "BY", Rule: "europe", Model: "opt_in", Monitor: true,
		States: []State{{Purpose: "ads", State: "denied", Basis: "choice", Cause: Cause{Kind: BySaying, Signal: Citation{Signal: 2, Part: "C0004", Tail: "=0"}}},
			{Purpose: "analytics", State: "granted", Basis: "choice", Source: "OptanonConsent (C0002=1)"}},
		Signals: []Signal{{Source: "gpc", Name: "Sec-GPC", Value: "1", Aside: "not listed"},
			{Source: "onetrust", Name: "OptanonConsent", Value: "sha256:00", Denied: 1, When: at}},
		Conflict: Conflict{Purpose: 1, Granted: 1, Denied: 2},
	}
	d.Outcomes = []Outcome{
		{Destination: "meta", Action: Deny, Reason: PurposeDenied, Cites: Cites{1}},
		{Destination: "ga4", Action: Redact, Reason: Redacted, Profile: "aggregate", Instead: "cookieless", Cites: Cites{2, 1}, Flags: []Flag{{"sharing", "ldu=1"}}},
		{Destination: "hook", Action: Filter, Reason: DroppedByRule, Text: "staff", Own: true},
	}
	d.DroppedBy, d.Stored = "leave staff out", "cookieless"
	d.ChangesKept, d.EmittedBy = true, "emit a lead"
	d.Changed = []Changed{{"params.value", "net value", number("59.90")}, {"params.note", "net value", Value{}}, {"user.traits", "traits", ObjectOf(Map{{"plan", String("pro")}})}}
	d.Identifiers = []Identifier{{ClientID, IdentifierHash{1, 2, 3}}, {Phone, IdentifierHash{15: 0xff}}}
	return d
}

func TestADecisionReadBackFromTheLogIsTheSame(t *testing.T) {
	for name, d := range map[string]*Decision{"full": full(t), "empty": {Consent: Record{States: []State{}, Signals: []Signal{}}, Outcomes: []Outcome{}}} {
		t.Run(name, func(t *testing.T) {
			got, err := DecodeLog(string(d.AppendLog(nil)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d, got, sameValues); diff != "" {
				t.Errorf("written and read back differ:\n%s", diff)
			}
		})
	}
}

func TestTagsAreUniqueAndNotZero(t *testing.T) {
	seen := map[byte]string{0: "the end mark"}
	for _, f := range Fields {
		if other, taken := seen[f.Tag]; taken {
			t.Errorf("%s has the tag of %s", f.Path, other)
		}
		seen[f.Tag] = f.Path
	}
	seen = map[byte]string{0: "the end mark"}
	for _, f := range ItemFields {
		if other, taken := seen[f.Tag]; taken {
			t.Errorf("item %s has the tag of %s", f.Path, other)
		}
		seen[f.Tag] = f.Path
	}
}

func TestACutOrForeignDecisionIsRefused(t *testing.T) {
	whole := string(full(t).AppendLog(nil))
	for n := range len(whole) {
		if _, err := DecodeLog(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read as a whole decision", n, len(whole))
		}
	}
	if _, err := DecodeLog(whole + "x"); err == nil {
		t.Error("a byte too many was not noticed")
	}
	if _, err := DecodeLog("\x63" + whole[1:]); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("another version: %v", err)
	}
}

func TestIDAndNameAreReadWithoutTheRest(t *testing.T) {
	d := full(t)
	b := d.AppendLog(nil)
	if id, name, ok := Peek(b); !ok || id != d.Event.ID || name != d.Event.Name {
		t.Errorf("%q %q %v", id, name, ok)
	}
	for n := range 2 + 2*identifierSize + 2 + len(d.Event.ID) {
		if id, _, ok := Peek(b[:n]); ok {
			t.Errorf("found %q in the first %d bytes", id, n)
		}
	}
	if _, _, ok := Peek((&Decision{}).AppendLog(nil)); ok {
		t.Error("found an id in an event without one")
	}
}

// withSentences is full as the second version wrote it, which kept sentences and no facts.
func withSentences(t testing.TB) (written []byte, want *Decision) {
	t.Helper()
	data, err := os.ReadFile("testdata/decision.v2.base64")
	if err != nil {
		t.Fatal(err)
	}
	if written, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(data), "\n", "")); err != nil {
		t.Fatal(err)
	}
	want = full(t)
	want.Changed, want.ChangesKept, want.EmittedBy = nil, false, ""
	for i := range Fields {
		if f := &Fields[i]; f.Tag > 60 { // it did not exist then
			if err := want.Event.SetPath(f.Path, Value{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := &want.Consent
	r.Conflict = Conflict{Words: "ads: denied by OptanonConsent, granted by gcs"}
	r.States[0] = State{Purpose: "ads", State: "denied", Basis: "choice", Source: "OptanonConsent (C0004=0)"}
	r.Signals[0], r.Signals[1] = r.Signals[1], r.Signals[0]
	r.Signals[0].Denied, r.Signals[0].Says = 0, "ads denied"
	want.Outcomes = []Outcome{{Destination: "meta", Action: Deny, Reason: PurposeDenied, Because: "ads: denied"},
		{Destination: "ga4", Action: Redact, Reason: Redacted, Profile: "cookieless"}}
	return written, want
}

func TestADecisionOfAnEarlierVersionIsStillRead(t *testing.T) {
	second, want := withSentences(t)
	for version, written := range map[int][]byte{layoutSentences: second, layoutUnidentified: append([]byte{layoutUnidentified}, second[2+2*identifierSize:]...)} {
		want := *want
		if version == layoutUnidentified {
			want.Identifiers = nil
		}
		got, err := DecodeLog(string(written))
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		if diff := cmp.Diff(&want, got, sameValues); diff != "" {
			t.Errorf("version %d: written and read back differ:\n%s", version, diff)
		}
		if sentence := got.Outcomes[0].Sentence(&got.Consent); sentence != "ads: denied" {
			t.Errorf("version %d: its sentence became %q", version, sentence)
		}
		if id, name, ok := Peek(written); !ok || id != want.Event.ID || name != want.Event.Name {
			t.Errorf("version %d: %q %q %v", version, id, name, ok)
		}
		if ids, ok := PeekIdentifiers(written); ok != (version > layoutUnidentified) || !slices.Equal(ids, want.Identifiers) {
			t.Errorf("version %d: identifiers %v %v", version, ids, ok)
		}
		if bare, err := DecodeLog(string(WithoutIdentifiers(written))); err != nil || bare.Identifiers != nil || bare.Outcomes[0].Because != "ads: denied" {
			t.Errorf("version %d: without identifiers: %+v %v", version, bare, err)
		}
	}
}

func TestADecisionWithoutWhatRulesChangedIsStillRead(t *testing.T) {
	data, err := os.ReadFile("testdata/decision.v3.base64")
	if err != nil {
		t.Fatal(err)
	}
	written, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	want := withoutNewer(full(t))
	want.Changed, want.ChangesKept, want.EmittedBy = nil, false, ""
	got, err := DecodeLog(string(written))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameValues); diff != "" {
		t.Errorf("written and read back differ:\n%s", diff)
	}
	if got.Received() != nil {
		t.Error("it is known how the event came, which was not kept")
	}
	if ids, ok := PeekIdentifiers(written); !ok || !slices.Equal(ids, want.Identifiers) {
		t.Errorf("identifiers %v %v", ids, ok)
	}
}

func TestIdentifiersAreReadAndTakenOutWithoutTheRest(t *testing.T) {
	d := full(t)
	b := d.AppendLog(nil)
	ids, ok := PeekIdentifiers(b)
	if !ok || !slices.Equal(ids, d.Identifiers) {
		t.Errorf("%v %v", ids, ok)
	}
	for n := range 2 + 2*identifierSize {
		if _, ok := PeekIdentifiers(b[:n]); ok {
			t.Errorf("found them in the first %d bytes", n)
		}
	}
	d.Identifiers = nil
	if string(WithoutIdentifiers(b)) != string(d.AppendLog(nil)) {
		t.Error("taken out, they leave something else than a decision without them")
	}
}

func TestEveryCauseIsReadBackAndHasWords(t *testing.T) {
	d := full(t)
	d.Consent.States = nil
	for kind := InWords; kind <= NothingRecorded; kind++ {
		for note := NoNote; note <= PartOnly; note++ {
			s := State{Purpose: "vendor:tcf 755", State: "denied", Basis: "choice", Cause: Cause{Kind: kind, Note: note}}
			switch kind {
			case InWords:
				s.Source = "words"
			case Always, ByRule, NothingRecorded:
			default:
				s.Cause.Signal = Citation{Signal: 1, Publisher: true, Refused: true, TCF: 1 << 23, Part: "part", Tail: "=1"}
			}
			if note != NoNote {
				s.Cause.Noted = Citation{Signal: 2, TCF: 1, Part: "noted"}
			}
			d.Consent.States = append(d.Consent.States, s)
		}
	}
	got, err := DecodeLog(string(d.AppendLog(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, got, sameValues); diff != "" {
		t.Errorf("written and read back differ:\n%s", diff)
	}
	words := map[string]Cause{}
	for i := range d.Consent.States {
		s := &d.Consent.States[i]
		said := d.Consent.SourceOf(s)
		if other, there := words[said]; there || said == "" {
			t.Errorf("%+v and %+v are both %q", other, s.Cause, said)
		}
		words[said] = s.Cause
	}
}

func FuzzDecodeLog(f *testing.F) {
	f.Add(string(full(f).AppendLog(nil)))
	f.Add("")
	second, _ := withSentences(f)
	f.Add(string(second))
	f.Add("\x01\x00")
	nothing := string(new(Decision).AppendLog(nil))
	f.Add("\x01" + nothing[2:])    // of the first version
	for _, field := range Fields { // that is there, and says nothing
		f.Add(nothing[:2] + string([]byte{field.Tag, 0}) + nothing[2:])
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := DecodeLog(s)
		if err != nil {
			return
		}
		again, err := DecodeLog(string(d.AppendLog(nil)))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if diff := cmp.Diff(d, again, sameValues); diff != "" {
			t.Errorf("read and read again differ:\n%s", diff)
		}
	})
}

func BenchmarkAppendLog(b *testing.B) {
	d := full(b)
	buf := d.AppendLog(nil)
	b.ReportAllocs()
	for b.Loop() {
		buf = d.AppendLog(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkDecodeLog(b *testing.B) {
	s := string(full(b).AppendLog(nil))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeLog(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	d := full(b)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = d.Event.AppendJSON(buf[:0])
	}
}
