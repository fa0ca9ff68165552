package stores_test

import (
	"testing"

	"headgate/tests/trial"
)

func TestEachEventIsThereOnceWhateverIsKilled(t *testing.T) {
	t.Parallel()
	stores, secrets, _ := beside(t)
	killed(t, stores, secrets)
}

func TestEachEventIsInTheCloudOnceWhateverIsKilled(t *testing.T) {
	t.Parallel()
	stores, secrets := cloud(t)
	killed(t, stores, secrets)
}

// killed kills Headgate under load, then each store, then Headgate again.
func killed(t *testing.T, stores []store, secrets string) {
	t.Helper()
	p := trial.New(t, configuration(stores, secrets))
	p.Start()
	most := events(t)
	l := startLoad(t, p.Public, most)
	until := func(sixths int) {
		p.Until("has answered more", func() bool { return l.count() >= most*sixths/6 })
	}
	kill := func() {
		p.Kill()
		p.Start()
	}
	until(1)
	kill()
	until(2)
	kill()
	until(3)
	for _, s := range stores {
		if s.crash != nil {
			s.crash(t)
		}
	}
	until(4)
	kill()
	until(5)
	kill()
	until(6)
	kill()
	l.clients.Wait()
	accepted := drained(t, p, names(stores)...)
	for _, s := range stores {
		there, again, missing := s.ids(t), 0, 0
		for _, n := range there {
			again += n - 1
		}
		for _, id := range l.answered {
			if there[id] == 0 {
				missing++
			}
		}
		d := accepted.Destinations[s.name]
		if missing > 0 || int64(len(there)) != accepted.Accepted || d.Delivered != accepted.Accepted {
			t.Errorf("%s: of %d accepted events it has %d, and of %d answered ones %d are missing: %+v", s.name, accepted.Accepted, len(there), len(l.answered), missing, d)
		}
		if again > 0 && !s.twice {
			t.Errorf("%s: %d events are there again", s.name, again)
		}
		t.Logf("%s: %d accepted, %d there, %d of them again", s.name, accepted.Accepted, len(there), again)
	}
	t.Logf("%d MiB were resident at most", resident(t, p.Pid()))
}
