package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/queue"
)

// childVariable makes the test binary be the process that is killed.
const childVariable = "HEADGATE_QUEUE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

// child writes and delivers as fast as it can, and says what it did, until it is killed.
func child(dir string) {
	c := queue.Default()
	c.MaxBytes = 1 << 30
	l, err := queue.Open(context.Background(), queue.Options{Dir: dir, Config: c})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	say := func(s string) { // at once: what is said must have been said before it is settled
		if _, err := os.Stdout.WriteString(s + "\n"); err != nil {
			os.Exit(1)
		}
	}
	names := []string{"fine", "failing", "slow"}
	roster, err := l.Roster(names)
	if err != nil {
		say("error " + err.Error())
	}
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				s := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				err := l.Append(context.Background(), []queue.Entry{{Bytes: []byte(s), Live: s, Roster: roster, States: make([]queue.State, 3)}})
				if err != nil {
					say("error " + err.Error())
					return
				}
				say("ok " + s)
			}
		}()
	}
	for _, name := range names {
		cur, err := l.Cursor(name)
		if err != nil {
			say("error " + err.Error())
		}
		go deliverBadly(cur, name, say)
	}
	select {}
}

// deliverBadly settles groups out of order; what failing gets is refused or put off, one in three each.
func deliverBadly(cur *queue.Cursor, name string, say func(string)) {
	var held []*queue.Group
	for {
		g, err := cur.Next(context.Background())
		if err != nil {
			say("error " + err.Error())
			return
		}
		if held = append(held, g); len(held) < 8 {
			continue
		}
		i := rand.IntN(len(held))
		g, held[i] = held[i], held[len(held)-1]
		held = held[:len(held)-1]
		var left []queue.Left
		for k, it := range g.Items {
			fate := 0
			if name == "failing" {
				fate = rand.IntN(3)
			}
			switch {
			case fate == 1 && it.Attempt < 3:
				left = append(left, queue.Left{Item: k, Outcome: queue.Retry, After: time.Duration(rand.IntN(3)) * 10 * time.Millisecond, Why: "busy"})
			case fate == 2:
				left = append(left, queue.Left{Item: k, Outcome: queue.Reject, Why: "no"})
			default:
				say("got " + name + " " + text(it))
			}
		}
		if err := g.Settle(context.Background(), left...); err != nil {
			say("error " + err.Error())
			return
		}
	}
}

func TestKillingTheProcessLosesNothing(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	dir := t.TempDir()
	answered := map[string]bool{}
	got := map[string]map[string]int{"fine": {}, "failing": {}, "slow": {}}
	for round := range rounds {
		runChild(t, dir, time.Duration(100+rand.IntN(500))*time.Millisecond, answered, got)
		if round%5 == 4 {
			checkAfterCrash(t, dir, answered, got, false)
		}
	}
	checkAfterCrash(t, dir, answered, got, true)
}

func runChild(t *testing.T, dir string, life time.Duration, answered map[string]bool, got map[string]map[string]int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+dir)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		once.Do(func() { // its life begins with its first word
			time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
		})
		switch f := strings.Fields(lines.Text()); {
		case len(f) == 2 && f[0] == "ok":
			answered[f[1]] = true
		case len(f) == 3 && f[0] == "got":
			got[f[1]][f[2]]++
		case f[0] == "error":
			t.Errorf("the child says %s", lines.Text())
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait() // killed
}

// checkAfterCrash opens the log and compares its account with what is really there; at last it delivers everything.
func checkAfterCrash(t *testing.T, dir string, answered map[string]bool, got map[string]map[string]int, last bool) {
	t.Helper()
	o := embedded(t, dir)
	o.Config.MaxBytes = 1 << 30
	l := open(t, o)
	defer closeLog(t, l)
	d := newDesk(t, l, "fine", "failing", "slow")
	stored := map[string]bool{}
	if err := l.Scan(context.Background(), time.Time{}, func(s queue.Stored) bool { stored[string(s.Bytes)] = true; return true }); err != nil {
		t.Fatal(err)
	}
	for s := range answered {
		if !stored[s] {
			t.Fatalf("%s was answered and is not in the log", s)
		}
	}
	repeated := 0
	for name := range got {
		dead := map[string]bool{}
		_, bodies := letters(d, name, "")
		for _, b := range bodies {
			s, _, _ := strings.Cut(b, ":")
			if dead[s] {
				t.Fatalf("%s has %s twice among the dead letters", name, s)
			}
			dead[s] = true
		}
		if last {
			for strings.Contains(d.status(name), " 0 pending") == false {
				g := d.must(name)
				for _, it := range g.Items {
					got[name][text(it)]++
					if dead[text(it)] {
						t.Fatalf("%s gets %s, which is a dead letter", name, text(it))
					}
				}
				d.settle(g)
			}
			d.want(name, fmt.Sprintf("%d = %d delivered 0 filtered 0 denied %d rejected 0 pending (0 retrying)", len(stored), len(stored)-len(dead), len(dead)))
			for s := range stored {
				if got[name][s] == 0 && !dead[s] {
					t.Fatalf("%s never got %s", name, s)
				}
				if got[name][s] > 1 {
					repeated++
				}
			}
		} else {
			d.status(name)
		}
	}
	if s, err := l.Status(context.Background()); err != nil || len(s.Damage) > 0 {
		t.Errorf("status %+v, %v", s, err)
	}
	t.Logf("%d answered, %d stored, %d delivered more than once", len(answered), len(stored), repeated)
}
