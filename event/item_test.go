package event

import "testing"

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
