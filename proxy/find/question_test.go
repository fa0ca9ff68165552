package find

import "testing"

func TestWhatASearchCanFindOut(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                    false,
		`name:purchase state:rejected`:        false,
		`id:e-1 reason:"no_choice" site:shop`: false,
		"e-1":                                 true,
		"name:purchase client:1.2":            true,
		"order:T-1":                           true,
		`name:"purchase`:                      true,
	} {
		if got := AsksForVisitors(text); got != want {
			t.Errorf("%s: %t, not %t", text, got, want)
		}
	}
}
