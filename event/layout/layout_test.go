package layout

import (
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headgate/event"
	"headgate/event/eventtest"
	"headgate/event/wording"
)

func TestADecisionReadBackFromTheLogIsTheSame(t *testing.T) {
	for name, d := range map[string]*event.Decision{"full": eventtest.Full(t), "empty": {Consent: event.Record{States: []event.State{}, Signals: []event.Signal{}}, Outcomes: []event.Outcome{}}} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(string(Append(nil, d)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d, got, eventtest.SameValues); diff != "" {
				t.Errorf("written and read back differ:\n%s", diff)
			}
		})
	}
}

func TestTagsAreUniqueAndNotZero(t *testing.T) {
	seen := map[byte]string{0: "the end mark"}
	for _, f := range event.Fields {
		if other, taken := seen[f.Tag]; taken {
			t.Errorf("%s has the tag of %s", f.Path, other)
		}
		seen[f.Tag] = f.Path
	}
	seen = map[byte]string{0: "the end mark"}
	for _, f := range event.ItemFields {
		if other, taken := seen[f.Tag]; taken {
			t.Errorf("item %s has the tag of %s", f.Path, other)
		}
		seen[f.Tag] = f.Path
	}
}

func TestACutOrForeignDecisionIsRefused(t *testing.T) {
	whole := string(Append(nil, eventtest.Full(t)))
	for n := range len(whole) {
		if _, err := Decode(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read as a whole decision", n, len(whole))
		}
	}
	if _, err := Decode(whole + "x"); err == nil {
		t.Error("a byte too many was not noticed")
	}
	if _, err := Decode("\x63" + whole[1:]); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("another version: %v", err)
	}
}

func TestIDAndNameAreReadWithoutTheRest(t *testing.T) {
	d := eventtest.Full(t)
	b := Append(nil, d)
	if id, name, ok := Peek(b); !ok || id != d.Event.ID || name != d.Event.Name {
		t.Errorf("%q %q %v", id, name, ok)
	}
	for n := range 2 + 2*identifierSize + 2 + len(d.Event.ID) {
		if id, _, ok := Peek(b[:n]); ok {
			t.Errorf("found %q in the first %d bytes", id, n)
		}
	}
	if _, _, ok := Peek(Append(nil, &event.Decision{})); ok {
		t.Error("found an id in an event without one")
	}
}

// dropNewer takes the fields out of a decision that did not exist when that tag was the last.
func dropNewer(t testing.TB, d *event.Decision, last byte) {
	t.Helper()
	for i := range event.Fields {
		if f := &event.Fields[i]; f.Tag > last {
			if err := d.Event.SetPath(f.Path, event.Value{}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// ofSecondVersion returns Full as the second version wrote it, with sentences and without facts.
func ofSecondVersion(t testing.TB) (written []byte, want *event.Decision) {
	t.Helper()
	data, err := os.ReadFile("testdata/decision.v2.base64")
	if err != nil {
		t.Fatal(err)
	}
	if written, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(data), "\n", "")); err != nil {
		t.Fatal(err)
	}
	want = eventtest.Full(t)
	want.Changed, want.ChangesKept, want.EmittedBy = nil, false, ""
	dropNewer(t, want, 60)
	r := &want.Consent
	r.Conflict = event.Conflict{Words: "ads: denied by OptanonConsent, granted by gcs"}
	r.States[0] = event.State{Purpose: "ads", State: "denied", Basis: "choice", Source: "OptanonConsent (C0004=0)"}
	r.Signals[0], r.Signals[1] = r.Signals[1], r.Signals[0]
	r.Signals[0].Denied, r.Signals[0].Says = 0, "ads denied"
	want.Outcomes = []event.Outcome{{Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied, Because: "ads: denied"},
		{Destination: "ga4", Action: event.Redact, Reason: event.Redacted, Profile: "cookieless"}}
	return written, want
}

func TestADecisionOfAnEarlierVersionIsStillRead(t *testing.T) {
	second, want := ofSecondVersion(t)
	for version, written := range map[int][]byte{sentences: second, unidentified: append([]byte{unidentified}, second[2+2*identifierSize:]...)} {
		want := *want
		if version == unidentified {
			want.Identifiers = nil
		}
		got, err := Decode(string(written))
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		if diff := cmp.Diff(&want, got, eventtest.SameValues); diff != "" {
			t.Errorf("version %d: written and read back differ:\n%s", version, diff)
		}
		if sentence := wording.Sentence(&got.Outcomes[0], &got.Consent); sentence != "ads: denied" {
			t.Errorf("version %d: its sentence became %q", version, sentence)
		}
		if id, name, ok := Peek(written); !ok || id != want.Event.ID || name != want.Event.Name {
			t.Errorf("version %d: %q %q %v", version, id, name, ok)
		}
		if ids, ok := PeekIdentifiers(written); ok != (version > unidentified) || !slices.Equal(ids, want.Identifiers) {
			t.Errorf("version %d: identifiers %v %v", version, ids, ok)
		}
		if bare, err := Decode(string(WithoutIdentifiers(written))); err != nil || bare.Identifiers != nil || bare.Outcomes[0].Because != "ads: denied" {
			t.Errorf("version %d: without identifiers: %+v %v", version, bare, err)
		}
	}
}

func TestADecisionThatSaysInWordsWhyASignalWasSetAsideIsStillRead(t *testing.T) {
	data, err := os.ReadFile("testdata/decision.v4.base64")
	if err != nil {
		t.Fatal(err)
	}
	written, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(string(written))
	if err != nil {
		t.Fatal(err)
	}
	want := eventtest.Full(t)
	dropNewer(t, want, 64)
	if diff := cmp.Diff(want, got, eventtest.SameValues); diff != "" {
		t.Errorf("written and read back differ:\n%s", diff)
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
	want := eventtest.Full(t)
	want.Changed, want.ChangesKept, want.EmittedBy = nil, false, ""
	dropNewer(t, want, 64)
	got, err := Decode(string(written))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, eventtest.SameValues); diff != "" {
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
	d := eventtest.Full(t)
	b := Append(nil, d)
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
	if string(WithoutIdentifiers(b)) != string(Append(nil, d)) {
		t.Error("taken out, they leave something else than a decision without them")
	}
}

func TestEveryCauseIsReadBackAndHasWords(t *testing.T) {
	d := eventtest.Full(t)
	d.Consent.States = nil
	for kind := event.InWords; kind <= event.NothingRecorded; kind++ {
		for note := event.NoNote; note <= event.PartOnly; note++ {
			s := event.State{Purpose: "vendor:tcf 755", State: "denied", Basis: "choice", Cause: event.Cause{Kind: kind, Note: note}}
			switch kind {
			case event.InWords:
				s.Source = "words"
			case event.Always, event.ByRule, event.NothingRecorded:
			default:
				s.Cause.Signal = event.Citation{Signal: 1, Publisher: true, Refused: true, TCF: 1 << 23, Part: "part", Tail: "=1"}
			}
			if note != event.NoNote {
				s.Cause.Noted = event.Citation{Signal: 2, TCF: 1, Part: "noted"}
			}
			d.Consent.States = append(d.Consent.States, s)
		}
	}
	got, err := Decode(string(Append(nil, d)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, got, eventtest.SameValues); diff != "" {
		t.Errorf("written and read back differ:\n%s", diff)
	}
	words := map[string]event.Cause{}
	for i := range d.Consent.States {
		s := &d.Consent.States[i]
		said := wording.Source(&d.Consent, s)
		if other, there := words[said]; there || said == "" {
			t.Errorf("%+v and %+v are both %q", other, s.Cause, said)
		}
		words[said] = s.Cause
	}
}

func TestWhyASignalWasSetAsideIsReadBackAndWasInWordsBefore(t *testing.T) {
	at := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	d := &event.Decision{Consent: event.Record{Rule: "california", Model: "opt_out"}}
	for kind := event.NotAside; kind <= event.AsideSilent; kind++ {
		s := event.Signal{Name: "cookie", When: at, Aside: event.Aside{Kind: kind}}
		switch kind {
		case event.AsideInWords, event.AsideUnreadable, event.AsideExpired, event.AsideSilent:
			s.Aside.Part = "part"
		}
		d.Consent.Signals = append(d.Consent.Signals, s)
	}
	back, err := Decode(string(Append(nil, d)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.Consent.Signals, back.Consent.Signals); diff != "" {
		t.Errorf("written and read back differ:\n%s", diff)
	}
	var words []string
	for i := range back.Consent.Signals {
		s := &back.Consent.Signals[i]
		said := wording.Aside(&back.Consent, s)
		words = append(words, said)
		stored := event.Signal{When: at, Aside: wording.ReadAside(said)} // as a record of an older version has it
		if stored.Aside.Kind != s.Aside.Kind || wording.Aside((&event.Record{}), &stored) != said {
			t.Errorf("%q is read as %+v", said, stored.Aside)
		}
	}
	want := []string{"", "part", "unreadable: part", "older than part", "dated in the future: 2027-01-02", "not listed for this site",
		"recorded only: DNT binds nobody", "a newer cookie of that name came with it", "not honored in california (opt_out)",
		"sent by a page of another site", "gdpr=0: TCF does not apply", "says nothing by itself: part"}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(string(Append(nil, eventtest.Full(f))))
	f.Add("")
	second, _ := ofSecondVersion(f)
	f.Add(string(second))
	f.Add("\x01\x00")
	f.Add("\x05\x00\x00\x01\x01\x01\x010\x01000\x00\x00\x01\x00\x010X\x00\x00\x00\x00\x00\x00\x00\x01\x010") // flags, but none
	nothing := string(Append(nil, new(event.Decision)))
	f.Add("\x01" + nothing[2:])          // of the first version
	for _, field := range event.Fields { // that is there, and says nothing
		f.Add(nothing[:2] + string([]byte{field.Tag, 0}) + nothing[2:])
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Decode(s)
		if err != nil {
			return
		}
		again, err := Decode(string(Append(nil, d)))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if diff := cmp.Diff(d, again, eventtest.SameValues); diff != "" {
			t.Errorf("read and read again differ:\n%s", diff)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	d := eventtest.Full(b)
	buf := Append(nil, d)
	b.ReportAllocs()
	for b.Loop() {
		buf = Append(buf[:0], d)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkDecode(b *testing.B) {
	s := string(Append(nil, eventtest.Full(b)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(s); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTheLayoutOfThisVersionDoesNotChange(t *testing.T) {
	golden, err := os.ReadFile("testdata/decision.v5.base64")
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.StdEncoding.EncodeToString(Append(nil, eventtest.Full(t))); got != strings.TrimSpace(string(golden)) {
		t.Error("a decision is written otherwise than by the releases that wrote this version: give the layout a new one")
	}
}
