package alerts

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"headgate/document"
)

func word(s string) document.Words { return document.Words{Value: s} }

// desk is a ledger that is stepped by hand, and what it has said.
type desk struct {
	t    *testing.T
	path string
	*Ledger
	at   time.Time
	c    Config
	said []string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "alerts.json"), at: noon, c: Defaults()}
	d.restart()
	return d
}

func (d *desk) restart() {
	d.t.Helper()
	var err error
	if d.Ledger, err = Open(d.path); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) minutes(n int, found ...Finding) {
	d.t.Helper()
	for range n {
		d.Step(d.at, found, &d.c)
		for _, m := range d.Due(d.at, &d.c) {
			d.said = append(d.said, m.State)
			d.Told(&m, d.at)
		}
		if err := d.Save(); err != nil {
			d.t.Fatal(err)
		}
		d.at = d.at.Add(time.Minute)
	}
}

func (d *desk) expect(said ...string) {
	d.t.Helper()
	if len(said) != len(d.said) {
		d.t.Fatalf("said %v, want %v", d.said, said)
	}
	for i := range said {
		if said[i] != d.said[i] {
			d.t.Fatalf("said %v, want %v", d.said, said)
		}
	}
}

var trouble = Finding{Kind: Failing, Destination: "meta", Cause: "it fails", Next: "wait"}

func TestARestartTellsNothingASecondTime(t *testing.T) {
	d := newDesk(t)
	d.minutes(3, trouble)
	first := d.List()
	d.restart()
	d.minutes(3, trouble)
	if all := d.List(); len(all) != 1 || all[0].ID != first[0].ID || !all[0].Since.Equal(noon) {
		t.Errorf("after the restart: %+v", all)
	}
	d.expect(Raised)
	d.minutes(5)
	d.restart()
	d.minutes(5)
	d.expect(Raised, Closed)
}

func TestAMessageThatWasNotWrittenIsDueAgainUnderTheSameID(t *testing.T) {
	d := newDesk(t)
	d.Step(d.at, []Finding{trouble}, &d.c)
	first := d.Due(d.at, &d.c)
	if err := d.Save(); err != nil {
		t.Fatal(err)
	}
	d.restart() // the process was killed before it noted that the message is in the log
	second := d.Due(d.at, &d.c)
	if len(first) != 1 || len(second) != 1 || first[0].EventID != second[0].EventID {
		t.Errorf("%+v\n%+v", first, second)
	}
}

func TestWhatComesBackAtOnceIsTheSameAlertAndQuiet(t *testing.T) {
	d := newDesk(t)
	for range 4 {
		d.minutes(2, trouble)
		d.minutes(5)
	}
	if all := d.List(); len(all) != 1 {
		t.Errorf("%d alerts for one trouble: %+v", len(all), all)
	}
	d.expect(Raised, Closed)
	d.minutes(70, trouble) // it is still there when quiet is over
	d.expect(Raised, Closed, Raised)
	d.minutes(100)
	d.minutes(1, trouble)
	if all := d.List(); len(all) != 2 || all[0].Until != nil || all[1].Until == nil {
		t.Errorf("after a long calm it is another one, and open ones come first: %+v", all)
	}
}

func TestAnUnsureFindingKeepsAnAlertOpen(t *testing.T) {
	d := newDesk(t)
	unsure := trouble
	unsure.Unsure, unsure.Cause = true, ""
	d.minutes(3, unsure)
	if len(d.List()) > 0 {
		t.Fatal("it was raised without evidence")
	}
	d.minutes(3, trouble)
	d.minutes(60, unsure)
	if all := d.List(); len(all) != 1 || all[0].Until != nil || all[0].Cause != "it fails" {
		t.Errorf("%+v", all)
	}
}

func TestAKindThatIsSwitchedOffCloses(t *testing.T) {
	d := newDesk(t)
	d.minutes(3, trouble)
	d.c.Off = []document.Words{word(Failing)}
	d.minutes(1)
	if all := d.List(); all[0].Until == nil {
		t.Errorf("%+v", all)
	}
}

func TestADamagedFileIsSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.json")
	for _, text := range []string{"[{", "[null]", ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Open(path)
		if err == nil {
			t.Errorf("%q was taken for alerts", text)
		}
		c := Defaults()
		l.Step(noon, []Finding{trouble}, &c)
		if err := l.Save(); err != nil {
			t.Error(err)
		}
		if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != text {
			t.Errorf("it was not kept: %q %v", kept, err)
		}
		if again, err := Open(path); err != nil || len(again.List()) != 1 {
			t.Errorf("%v", err)
		}
	}
}

func TestClosedAlertsAreForgottenAfterAMonthAndBeyondSomeHundreds(t *testing.T) {
	d := newDesk(t)
	for i := range 250 {
		one := trouble
		one.About = time.Duration(i).String()
		d.Step(d.at, []Finding{one}, &d.c)
		d.at = d.at.Add(10 * time.Minute)
	}
	d.Step(d.at, nil, &d.c)
	if n := len(d.List()); n != 200 {
		t.Errorf("%d are kept", n)
	}
	d.Step(d.at.Add(31*24*time.Hour), nil, &d.c)
	if n := len(d.List()); n != 0 {
		t.Errorf("%d are kept after a month", n)
	}
}

func TestMistakesInTheSectionAreAllNamed(t *testing.T) {
	node, ms := document.Parse("headgate.yaml", []byte("off: [volum]\nusual: 0\ndead_letters: 0\ndrop: 0%\ndisk: 0%\n"))
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	c := Defaults()
	if err := document.Decode(node, &c).Err(); err != nil {
		t.Fatal(err)
	}
	if ms := c.Check(); len(ms) != 5 || ms[0].At.Line != 1 {
		t.Errorf("%v", ms)
	}
}
