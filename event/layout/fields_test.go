package layout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"headgate/event"
	"headgate/event/eventtest"
)

func TestEachFieldAloneIsWrittenUnderItsNameAndReadBack(t *testing.T) {
	everything := eventtest.Full(t)
	for i := range event.Fields {
		f := &event.Fields[i]
		t.Run(f.Path, func(t *testing.T) {
			var d event.Decision
			v := everything.Event.GetPath(f.Path)
			if err := d.Event.SetPath(f.Path, v); err != nil {
				t.Fatal(err)
			}
			want := string(v.AppendJSON(nil))
			if at, ok := f.Ref(&d.Event).(*time.Time); ok {
				want = at.Format(`"2006-01-02T15:04:05.000Z07:00"`)
			}
			for _, name := range slices.Backward(strings.Split(f.Path, ".")) {
				want = `{"` + name + `":` + want + `}`
			}
			if got := string(d.Event.AppendJSON(nil)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			back, err := Decode(string(Append(nil, &d)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d, *back, eventtest.SameValues, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("written and read back differ:\n%s", diff)
			}
		})
	}
}
