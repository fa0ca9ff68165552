package explain

import (
	"fmt"
	"testing"
)

func TestASampleIsTakenEvenly(t *testing.T) {
	for _, n := range []int{0, 1, 9, 10, 11, 19, 20, 21, 1000, 1023} {
		s := sample{most: 10, every: 1}
		for i := range n {
			s.add(fmt.Append(nil, i))
		}
		got := s.taken()
		if s.seen != n || len(got) != min(n, 10) || len(s.all) > 20 {
			t.Errorf("%d of %d, %d kept", len(got), n, len(s.all))
		}
		if n == 1000 && (string(got[0]) != "0" || len(string(got[9])) != 3 || string(got[9]) < "800") {
			t.Errorf("the sample of 1000: %s", got)
		}
	}
}
