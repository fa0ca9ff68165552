package insight

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"headgate/alerts"
	"headgate/insight/store"
)

const checkout = `
funnels:
  checkout: {within: 1d, steps: [view_item, begin_checkout, purchase]}
`

// shop is a shop that is busy at noon and nearly empty at night.
type shop struct {
	*desk
	r       *rand.Rand
	visitor uint64
	broken  func(device string) bool // whose purchases are not measured
}

// minute passes: some visitors come, and do what they do within the next minutes.
func (s *shop) minute(busy float64) {
	hour := float64(s.now.Hour()) + float64(s.now.Minute())/60
	mean := busy * (0.1 + math.Pow(math.Sin(math.Pi*hour/24), 2))
	var records []store.Record
	for n := int(mean + math.Sqrt(mean)*s.r.NormFloat64() + 0.5); n > 0; n-- {
		s.visitor++
		device := []string{"desktop", "mobile"}[s.r.IntN(2)]
		at, begins, buys := s.now, s.r.IntN(2) == 0, s.r.IntN(10) < 6
		if device == "mobile" {
			buys = s.r.IntN(10) < 4
		}
		add := func(name string) {
			r := store.Record{Visitor: 2 + s.visitor*0x9e3779b97f4a7c15, Time: at.UnixMilli(), ID: s.r.Uint32(), Event: name, Device: device}
			records = append(records, r)
			at = at.Add(time.Duration((0.5 + 2*s.r.ExpFloat64()) * float64(time.Minute)))
		}
		if add("view_item"); begins {
			if add("begin_checkout"); buys && !s.broken(device) {
				add("purchase")
			}
		}
	}
	s.store.Add(records, 1)
	s.now = s.now.Add(time.Minute)
}

// found is what a look at the drop-offs finds.
func (s *shop) found() (list []alerts.Finding) {
	s.t.Helper()
	steps, err := s.DropOffs(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	c := alerts.Defaults()
	for _, one := range alerts.Detect(&alerts.Facts{Now: s.now, Steps: steps}, &c) {
		if one.Kind == alerts.Funnel && !one.Unsure {
			list = append(list, one)
		}
	}
	return list
}

// Three days of chance, with nights and noons, raise nothing; a checkout that is broken on phones is found within half an hour, and
// found no more some time after it was repaired.
func TestABrokenCheckoutIsFoundAndChanceIsNot(t *testing.T) {
	t.Parallel()
	for _, busy := range []float64{2, 12} {
		t.Run(fmt.Sprintf("%v visitors a minute", busy), func(t *testing.T) {
			t.Parallel()
			s := &shop{desk: newDesk(t, checkout), r: rand.New(rand.NewPCG(1, 9)), broken: func(string) bool { return false }}
			s.now = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
			for s.now.Day() < 26 {
				s.minute(busy)
				if s.now.Minute()%30 == 0 {
					if all := s.found(); len(all) > 0 {
						t.Fatalf("%v: %s", s.now, all[0].Cause)
					}
				}
			}
			for s.now.Hour() < 11 {
				s.minute(busy)
			}
			s.broken = func(device string) bool { return device == "mobile" }
			after := 0
			for ; after < 60 && len(s.found()) == 0; after++ {
				s.minute(busy)
			}
			if busy == 12 && after > 30 || busy == 2 && after < 5 {
				t.Errorf("it was found after %d minutes", after)
			}
			s.broken = func(string) bool { return false }
			for range 45 {
				s.minute(busy)
			}
			if all := s.found(); len(all) > 0 {
				t.Errorf("it is found still: %s", all[0].Cause)
			}
		})
	}
}
