package suppression

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headgate/consent/people"
)

var errAway = errors.New("no majority")

// keeper is a suppression list of a Headgate, in a folder of its own.
type keeper struct {
	*List
	t      *testing.T
	folder string
	said   *bytes.Buffer
}

func newKeeper(t *testing.T, folder string, b Board) *keeper {
	t.Helper()
	k := &keeper{t: t, folder: folder, said: new(bytes.Buffer)}
	var err error
	if k.List, err = k.open(b); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *keeper) open(b Board) (*List, error) {
	return Open(k.t.Context(), k.folder, nil, b, time.Now(), time.Now, slog.New(slog.NewTextHandler(k.said, nil)))
}

// kill ends it as a power cut would: nothing more is written.
func (k *keeper) kill() {
	k.t.Helper()
	if k.sharing != nil {
		k.sharing.leave()
		<-k.sharing.left
	}
	if err := k.chain.Kill(); err != nil && !errors.Is(err, os.ErrClosed) {
		k.t.Error(err)
	}
}

func (k *keeper) file() string { return filepath.Join(k.folder, "suppressed.jsonl") }

// inFile counts the lines about a subject.
func (k *keeper) inFile(subject people.Subject) int {
	k.t.Helper()
	text, err := os.ReadFile(k.file())
	if err != nil {
		k.t.Fatal(err)
	}
	return strings.Count(string(text), subject.String())
}

// knows fails the test unless the subject is once on the list and once in the file.
func (k *keeper) knows(subject people.Subject) {
	k.t.Helper()
	if listed, kept := len(k.Stops.Of(subject)), k.inFile(subject); listed != 1 || kept != 1 {
		k.t.Errorf("on the list %d times, in the file %d times", listed, kept)
	}
}

// someone is a subject and the moment of what they said.
func someone(id string) (people.Subject, time.Time) {
	return people.ClientSubject(id), time.Now()
}

// aWhile is longer than it takes to hear; the clock of these tests is not the wall's.
func aWhile() {
	time.Sleep(2 * listenEvery)
	synctest.Wait()
}

func TestAnEntryToldToOneHeadgateHoldsAtAllOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		one, two := newKeeper(t, t.TempDir(), b), newKeeper(t, t.TempDir(), b)
		gone, now := someone("gone")
		off, _ := someone("off")
		if err := errors.Join(one.Withdraw(gone, "client_id", "told by the page", []string{"ads"}, now), two.suppress(off, "client_id", "ticket 7", now)); err != nil {
			t.Fatal(err)
		}
		aWhile()
		for _, k := range []*keeper{one, two} {
			k.knows(gone)
			k.knows(off)
			for _, stop := range append(k.Stops.Of(gone), k.Stops.Of(off)...) {
				withdrawn := stop.Withdrawn.Equal(now) && slices.Equal(stop.Purposes, []string{"ads"})
				if stop.Subject == gone && !withdrawn || stop.Subject == off && !stop.Withdrawn.IsZero() {
					t.Errorf("%+v", stop)
				}
			}
		}
		if err := one.suppress(off, "client_id", "again", now); err != nil || len(b.lines) != 2 {
			t.Errorf("what is known is told again: %v, %d lines", err, len(b.lines))
		}
		// A later withdrawal of the same purposes takes the place of the earlier one.
		if err := two.Withdraw(gone, "client_id", "told by the page", []string{"ads"}, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		aWhile()
		if stops := one.Stops.Of(gone); len(stops) != 1 || !stops[0].Withdrawn.Equal(now.Add(time.Minute)) {
			t.Errorf("%+v", stops)
		}
		late := newKeeper(t, t.TempDir(), b)
		late.knows(off)
		if n := late.inFile(gone); n != 2 {
			t.Errorf("who starts later has %d withdrawals in its file", n)
		}
		for _, k := range []*keeper{one, two, late} {
			if err := k.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestNoEntryIsLostWhereverAHeadgateIsKilled(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name  string
		leave func(t *testing.T, one, two *keeper, b *shelf, gone people.Subject)
	}{
		{"in the file, not on the board", func(t *testing.T, one, _ *keeper, b *shelf, gone people.Subject) {
			one.sharing.board = &shelf{away: errAway}
			if err := one.Withdraw(gone, "client_id", "", nil, now); !errors.Is(err, ErrUnshared) {
				t.Error(err)
			}
			one.kill()
		}},
		{"on the board, not in the file of who was told", func(t *testing.T, one, _ *keeper, b *shelf, gone people.Subject) {
			one.kill() // whatever it writes from now on fails
			if err := one.Withdraw(gone, "client_id", "", nil, now); err == nil || errors.Is(err, ErrUnshared) {
				t.Errorf("nothing is said of the full disk: %v", err)
			}
		}},
		{"heard, not in the file of who heard", func(t *testing.T, one, two *keeper, _ *shelf, gone people.Subject) {
			if err := two.chain.Kill(); err != nil {
				t.Error(err)
			}
			if err := one.Withdraw(gone, "client_id", "", nil, now); err != nil {
				t.Error(err)
			}
			aWhile()
			if len(two.Stops.Of(gone)) != 1 || !strings.Contains(two.said.String(), "make room in the data folder") {
				t.Errorf("what cannot be written does not hold, or nothing is said: %s", two.said)
			}
			one.kill()
		}},
		{"in the file of who heard, lost with the board and with who was told", func(t *testing.T, one, _ *keeper, b *shelf, gone people.Subject) {
			if err := one.Withdraw(gone, "client_id", "", nil, now); err != nil {
				t.Error(err)
			}
			aWhile()
			one.kill()
			for _, path := range []string{one.file(), filepath.Join(one.folder, "suppressed.copy.jsonl"), filepath.Join(one.folder, "suppressed.head")} {
				if err := os.Remove(path); err != nil {
					t.Error(err)
				}
			}
			b.set()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &shelf{}
				one, two := newKeeper(t, t.TempDir(), b), newKeeper(t, t.TempDir(), b)
				gone := people.ClientSubject("gone")
				c.leave(t, one, two, b, gone)
				two.kill()
				one, two = newKeeper(t, one.folder, b), newKeeper(t, two.folder, b)
				aWhile()
				one.knows(gone)
				two.knows(gone)
				if n := b.about(gone); n != 1 {
					t.Errorf("on the board %d times", n)
				}
				one.kill()
				two.kill()
			})
		})
	}
}

func TestAStartThatIsCutShortWhileItTellsTheClusterGoesOnNextTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alone := newKeeper(t, t.TempDir(), nil)
		var all []people.Subject
		for i := range 3 * postedAtOnce {
			subject, now := someone(strconv.Itoa(i))
			all = append(all, subject)
			if err := alone.Withdraw(subject, "client_id", "", nil, now); err != nil {
				t.Fatal(err)
			}
		}
		if err := alone.Close(); err != nil {
			t.Fatal(err)
		}
		b := &shelf{room: postedAtOnce + 7}
		if _, err := alone.open(b); !errors.Is(err, errAway) || !strings.Contains(err.Error(), "nothing is accepted") {
			t.Fatalf("a start without the cluster says %v", err)
		}
		if n := len(b.lines); n != postedAtOnce+7 {
			t.Fatalf("%d lines", n)
		}
		b.be(nil)
		k := newKeeper(t, alone.folder, b)
		for _, subject := range all {
			if n := b.about(subject); n != 1 {
				t.Fatalf("on the board %d times", n)
			}
			k.knows(subject)
		}
		k.kill()
	})
}

func TestWithoutTheClusterAnEntryHoldsHereAndIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		one, two := newKeeper(t, t.TempDir(), b), newKeeper(t, t.TempDir(), b)
		b.be(errAway)
		gone, now := someone("gone")
		off, _ := someone("off")
		if err := one.Withdraw(gone, "client_id", "", nil, now); !errors.Is(err, ErrUnshared) {
			t.Errorf("%v", err)
		}
		for range 2 { // told again, it is refused again
			if err := one.suppress(off, "client_id", "", now); !errors.Is(err, ErrUnshared) {
				t.Errorf("%v", err)
			}
		}
		one.knows(gone)
		for range 20 {
			aWhile()
		}
		if n := strings.Count(one.said.String(), "cut off from the other Headgates"); n != 1 {
			t.Errorf("said %d times:\n%s", n, one.said)
		}
		b.be(nil)
		aWhile()
		if b.about(gone) != 1 || b.about(off) != 1 {
			t.Errorf("%+v", b.lines)
		}
		two.knows(gone)
		two.knows(off)
		if n := len(one.Stops.Of(off)); n != 1 {
			t.Errorf("told again, it is on the list %d times", n)
		}
		if n := strings.Count(one.said.String(), "holds here again"); n != 1 {
			t.Errorf("said:\n%s", one.said)
		}
		if err := one.suppress(off, "client_id", "", now); err != nil {
			t.Error(err)
		}
		if err := one.suppress(off, "client_id", "", now); err != nil || b.about(off) != 2 {
			t.Errorf("%v: on the board %d times", err, b.about(off))
		}
		one.kill()
		two.kill()
	})
}

func TestABoardThatLostItsLinesIsFilledWhileHeadgatesRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		one, two := newKeeper(t, t.TempDir(), b), newKeeper(t, t.TempDir(), b)
		gone, now := someone("gone")
		if err := one.Withdraw(gone, "client_id", "", nil, now); err != nil {
			t.Fatal(err)
		}
		aWhile()
		b.set()
		aWhile()
		if n := b.about(gone); n < 1 {
			t.Error("it is still empty")
		}
		off, _ := someone("off")
		if err := two.suppress(off, "client_id", "", now); err != nil {
			t.Fatal(err)
		}
		aWhile()
		one.knows(off)
		two.knows(gone)
		one.kill()
		two.kill()
	})
}

func TestWhatIsOldOrStrangeIsNeitherToldNorHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone, now := someone("gone")
		off, _ := someone("off")
		recent, _ := someone("recent")
		long := now.Add(-withdrawalsKept - time.Hour)
		folder := t.TempDir()
		alone := newKeeper(t, folder, nil)
		if err := errors.Join(alone.Withdraw(gone, "client_id", "", nil, long), alone.suppress(off, "client_id", "", long), alone.Close()); err != nil {
			t.Fatal(err)
		}
		b := &shelf{}
		k := newKeeper(t, folder, b)
		if b.forgot != topicWithdrawn || !b.before.Equal(now.Add(-withdrawalsKept)) {
			t.Errorf("forgotten: %s before %v", b.forgot, b.before)
		}
		if b.about(gone) != 0 || b.about(off) != 1 || len(b.lines) != 1 || b.lines[0].topic != topicSuppressed {
			t.Errorf("told: %+v", b.lines)
		}
		old := Line{Subject: gone.String(), When: long, Withdraw: true}
		for _, line := range []string{`{`, `{"subject":"who"}`, "", mustJSON(t, old)} {
			b.set(append(b.lines, shelved{topicWithdrawn, line})...)
		}
		b.set(append(b.lines, shelved{topicWithdrawn, "{\n" + mustJSON(t, Line{Subject: recent.String(), When: now, Withdraw: true})[1:]})...)
		aWhile()
		if len(k.Stops.Of(gone)) != 0 || k.inFile(gone) != 1 {
			t.Errorf("an old withdrawal is heard: %d %d", len(k.Stops.Of(gone)), k.inFile(gone))
		}
		k.knows(recent)
		if n := strings.Count(k.said.String(), "this Headgate cannot read"); n != 1 {
			t.Errorf("said %d times", n)
		}
		k.kill()
		again := newKeeper(t, folder, b) // the line is whole in the file
		again.knows(recent)
		if strings.Contains(again.said.String(), "restore the file") {
			t.Errorf("said: %s", again.said)
		}
		again.kill()
	})
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
