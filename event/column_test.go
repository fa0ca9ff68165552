package event

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestEachFieldAloneIsWrittenUnderItsNameAndReadBack(t *testing.T) {
	everything := full(t)
	for i := range Fields {
		f := &Fields[i]
		t.Run(f.Path, func(t *testing.T) {
			var d Decision
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
			back, err := DecodeLog(string(d.AppendLog(nil)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d, *back, sameValues, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("written and read back differ:\n%s", diff)
			}
		})
	}
}

func TestEachFieldOfAnItemAloneIsWrittenUnderItsName(t *testing.T) {
	for i := range ItemFields {
		f := &ItemFields[i]
		var item Item
		want := `"x"`
		switch p := f.Ref(&item).(type) {
		case *string:
			*p = "x"
		case *Number:
			*p, want = Num(1.5), "1.5"
		case *Map:
			*p, want = Map{{"a", String("x")}}, `{"a":"x"}`
		}
		want = `{"` + f.Path + `":` + want + `}`
		if got := string(item.AppendJSON(nil)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
