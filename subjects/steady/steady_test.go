package steady

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTheSteadyClockComesUpWithOneThatWasRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		began := time.Now()
		const stood = 60 * 24 * time.Hour
		s, jumped, err := Open(folder, began.Add(-stood), time.Now)
		if err != nil || !jumped || !s.Now().Equal(began.Add(-stood)) {
			t.Fatalf("%v %v %v", s.Now(), jumped, err)
		}
		time.Sleep(10 * 24 * time.Hour)
		if got := s.Now(); !got.Equal(began.Add(-stood + 20*24*time.Hour)) {
			t.Errorf("after ten days it shows %v", got.Sub(began))
		}
		for range 25 * 24 { // as it is asked while it runs
			time.Sleep(time.Hour)
			s.Now()
		}
		if got := s.Now(); time.Until(got).Abs() > 0 {
			t.Errorf("after five weeks it is %v off", time.Since(got))
		}
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		if _, jumped, err = Open(folder, time.Time{}, time.Now); jumped || err != nil {
			t.Errorf("the next start: %v %v", jumped, err)
		}
	})
}
