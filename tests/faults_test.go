package tests_test

import (
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

const oneVendor = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
consent: {regions: {unknown: none}}
destinations:
  vendor: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%VENDOR%"}, delivery: {wait: 20ms}}
`

const withArchive = oneVendor + `
  archive: {use: parquet, settings: {to: "%DATA%/archive", wait: 300ms}}
`

func TestKillingTheProcessLosesNoAnsweredEvent(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(withArchive, "%VENDOR%", v.URL))
	p.Start()
	l := startLoad(t, p.Public, 8)
	const rounds = 20
	for range rounds {
		// The moment of the kill is random: 50 to 400 ms after the process accepts again.
		wait := time.NewTimer(50*time.Millisecond + rand.N(350*time.Millisecond))
		<-wait.C
		p.Kill()
		p.Start()
	}
	answered := l.stop()
	s := p.Drained("vendor", "archive")
	missing, duplicates := v.missing(answered)
	if len(missing) > 0 {
		t.Errorf("%d of %d answered events never came: %v", len(missing), len(answered), missing[:min(5, len(missing))])
	}
	archived := archivedIDs(t, filepath.Join(p.Folder, "data", "archive"))
	for _, id := range answered {
		if archived[id] == 0 {
			t.Errorf("%s is not in the archive", id)
			break
		}
	}
	for id, n := range archived { // a file that is written again after a crash replaces itself
		if n > 1 {
			t.Errorf("%s is in the archive %d times", id, n)
			break
		}
	}
	t.Logf("%d rounds: %d answered, %d accepted, 0 lost, %d duplicates, %d requests cut off", rounds, len(answered), s.Accepted, duplicates, l.broken)

	// What was in flight at a kill goes out again, and what was settled since the last checkpoint, whose age is the disk's
	// doing; what was delivered a while before does not.
	for wait := time.Second; ; wait *= 2 {
		<-time.After(wait)
		before := v.received()
		p.Kill()
		p.Start()
		p.Drained("vendor", "archive")
		again := v.received() - before
		if again == 0 {
			break
		}
		if wait > 10*time.Second {
			t.Errorf("%d events that were delivered %v before a kill came again", again, wait)
			break
		}
	}
}

// archivedIDs counts the events in all Parquet files below a folder.
func archivedIDs(t *testing.T, folder string) map[string]int {
	t.Helper()
	type row struct {
		ID string `parquet:"id"`
	}
	ids := map[string]int{}
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".parquet" {
			return err
		}
		rows, err := parquet.ReadFile[row](path)
		for _, r := range rows {
			ids[r.ID]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestStoppingUnderLoadAnswersEveryRequestAndLosesNothing(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL))
	p.Start()
	l := startLoad(t, p.Public, 8)
	p.Until("has answered 500 requests", func() bool { return l.count() > 500 })
	p.Stop()
	answered := l.stop()
	for status, n := range l.statuses {
		if status != http.StatusAccepted && status != http.StatusServiceUnavailable {
			t.Errorf("%d requests were answered %d", n, status)
		}
	}
	p.Start()
	p.Drained("vendor")
	if missing, duplicates := v.missing(answered); len(missing) > 0 || duplicates > 0 {
		t.Errorf("of %d answered events %d are missing and %d came twice", len(answered), len(missing), duplicates)
	}
}

func TestReloadsUnderLoadFailNoRequest(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL))
	p.Start()
	good, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	hash := p.Status().Config.Hash
	l := startLoad(t, p.Public, 4)
	p.Write(string(good) + "\nrules:\n  - {name: broken, when: nam == \"purchase\", drop: true}\n")
	p.Until("shows the mistake", func() bool { return strings.Contains(p.Status().Config.Error, `did you mean "name"?`) })
	if now := p.Status().Config.Hash; now != hash {
		t.Errorf("a configuration with mistakes is in force: %s", now)
	}
	for _, value := range []string{"2", "3", "4"} {
		p.Write(string(good) + "\nrules:\n  - {name: mark, set: {params.mark: " + value + "}}\n")
		p.Until("has loaded it", func() bool { s := p.Status().Config; return s.Hash != hash && s.Error == "" })
		hash = p.Status().Config.Hash
	}
	answered := l.stop()
	if l.broken > 0 || len(l.statuses) != 1 {
		t.Errorf("%d requests failed; the answers: %v", l.broken, l.statuses)
	}
	p.Drained("vendor")
	if missing, duplicates := v.missing(answered); len(missing) > 0 || duplicates > 0 {
		t.Errorf("of %d answered events %d are missing and %d came twice", len(answered), len(missing), duplicates)
	}
}

func TestAFullLogRefusesAndCarriesOnWhenThereIsSpace(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.answer(http.StatusServiceUnavailable)
	p := newProcess(t, strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL)+"\nqueue: {max_bytes: 16MiB, keep: 1s}\n")
	p.Start()
	l := startLoad(t, p.Public, 8, `"note":"`+strings.Repeat("fills the log ", 1000)+`"`)
	var full bool
	p.Until("is full", func() bool {
		l.mu.Lock()
		full = l.statuses[http.StatusServiceUnavailable] > 0
		l.mu.Unlock()
		return full
	})
	resp, err := http.Post(p.Public+"/e", "application/json", strings.NewReader(`{"name":"purchase","id":"while-full"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") == "" {
		t.Error("a 503 without Retry-After")
	}
	v.answer(0)
	before := l.count()
	p.Until("accepts again", func() bool { return l.count() > before+100 })
	answered := l.stop()
	p.Drained("vendor")
	if missing, _ := v.missing(answered); len(missing) > 0 {
		t.Errorf("of %d answered events %d are missing", len(answered), len(missing))
	}
}

func TestAHaltedDestinationLosesNothing(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.answer(http.StatusUnauthorized)
	p := newProcess(t, strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL))
	p.Start()
	l := startLoad(t, p.Public, 2)
	p.Until("is halted", func() bool { return p.Status().Destinations["vendor"].State == "halted" })
	answered := l.stop()
	if s := p.Status().Destinations["vendor"]; s.LastError == "" || s.Delivered > 0 {
		t.Errorf("%+v", s)
	}
	v.answer(0)
	p.Ask("POST", "/api/destinations/vendor/resume", nil)
	p.Drained("vendor")
	if missing, duplicates := v.missing(answered); len(missing) > 0 || duplicates > 0 {
		t.Errorf("of %d answered events %d are missing and %d came twice", len(answered), len(missing), duplicates)
	}
}

func TestADamagedLogStartsDeliversAndSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	damages := map[string]func(b []byte) []byte{
		"torn tail":    func(b []byte) []byte { return b[:len(b)-len(b)/10] },
		"garbage tail": func(b []byte) []byte { return append(b, "garbage garbage garbage"...) },
		"zero tail":    func(b []byte) []byte { return append(b, make([]byte, 4096)...) },
		"flipped byte": func(b []byte) []byte { b[len(b)/2] ^= 0x10; return b },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			v := newVendor(t)
			v.answer(http.StatusServiceUnavailable)
			p := newProcess(t, strings.ReplaceAll(oneVendor, "%VENDOR%", v.URL))
			p.Start()
			l := startLoad(t, p.Public, 4)
			p.Until("has 300 events", func() bool { return l.count() > 300 })
			answered := l.stop()
			p.Kill()
			damageLog(t, filepath.Join(p.Folder, "data", "queue"), damage)
			v.answer(0)
			p.Start()
			s := p.Drained("vendor")
			missing, _ := v.missing(answered)
			if len(missing) > 0 && s.Queue.Damage == "" {
				t.Errorf("%d events are missing and it does not say so", len(missing))
			}
			again := startLoad(t, p.Public, 1)
			p.Until("has more events", func() bool { return again.count() > 20 })
			after := again.stop()
			p.Drained("vendor")
			if missing, _ := v.missing(after); len(missing) > 0 {
				t.Errorf("%d of %d events that came after the damage are missing", len(missing), len(after))
			}
			t.Logf("%d answered, %d missing: %s", len(answered), len(missing), s.Queue.Damage)
		})
	}
}

// damageLog damages the largest file of the log's own stream.
func damageLog(t *testing.T, folder string, damage func([]byte) []byte) {
	t.Helper()
	var largest string
	var size int64
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".seg" || filepath.Base(filepath.Dir(path)) != "log" {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Size() > size {
			largest, size = path, info.Size()
		}
		return err
	})
	if err != nil || largest == "" {
		t.Fatalf("no file of the log below %s: %v", folder, err)
	}
	b, err := os.ReadFile(largest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(largest, damage(b), 0o600); err != nil {
		t.Fatal(err)
	}
}
