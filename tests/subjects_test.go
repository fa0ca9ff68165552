package tests_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/commands"
)

const subjectsConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: "%DATA%"
egress: {allow: [127.0.0.0/8]}
destinations:
  vendor: {use: webhook, consent: {needs: [ads], reason: it counts sales only}, settings: {url: "VENDOR"}, delivery: {wait: 10ms}}
`

// startWithVendor starts a Headgate that delivers to a vendor who is away.
func startWithVendor(t *testing.T) (*process, *vendor) {
	t.Helper()
	v := newVendor(t)
	v.answer(http.StatusServiceUnavailable)
	p := newProcess(t, strings.ReplaceAll(subjectsConfig, "VENDOR", v.URL))
	p.Start()
	return p, v
}

// arrived lets the vendor come back and returns which of the events came.
func (p *process) arrived(v *vendor, ids ...string) (came []string) {
	p.t.Helper()
	v.answer(0)
	p.Drained("vendor")
	for _, id := range ids {
		if missing, _ := v.missing([]string{id}); len(missing) == 0 {
			came = append(came, id)
		}
	}
	return came
}

func TestWhoIsSuppressedByAnAddressStaysAwayWithoutANameToo(t *testing.T) {
	p, v := startWithVendor(t)
	event := func(id, more string) string {
		return fmt.Sprintf(`{"name":"purchase","id":%q,"consent":{"analytics":true,"ads":true}%s}`, id, more)
	}
	p.sendAs("annas", "/e", event("before", ""))
	p.sendAs("annas", "/e", event("signed in", `,"user":{"email":"Anna@mark.example"}`))
	p.sendAs("berts", "/e", event("bert", ""))
	said := p.command(0, "subject", "suppress", "anna@mark.example", "--config", p.Path())
	for _, want := range []string{"understood as e-mail address: anna@mark.example", "nor under what was seen together with it (identifiers: 1)"} {
		if !strings.Contains(said, want) {
			t.Errorf("lacks %q:\n%s", want, said)
		}
	}
	p.sendAs("annas", "/e", event("after", ""))
	p.sendAs("tablet", "/e", event("elsewhere", `,"user":{"email":"anna@mark.example"}`))
	p.sendAs("tablet", "/e", event("elsewhere, later", ""))
	p.Kill()
	p.Start()
	p.sendAs("tablet", "/e", event("after a restart", ""))
	if came := p.arrived(v, "before", "signed in", "bert", "after", "elsewhere", "elsewhere, later", "after a restart"); len(came) != 1 || came[0] != "bert" {
		t.Errorf("arrived: %q", came)
	}
	if said := p.command(1, "subject", "suppress", "whoever", "--config", p.Path()); !strings.Contains(said, "--as client_id, --as user_id") {
		t.Errorf("an unclear id: %s", said)
	}
	if said := p.command(0, "subject", "link", "anna@mark.example", "--for", "48h", "--config", p.Path()); !strings.HasPrefix(said, "/consent?id=") {
		t.Errorf("a link: %s", said)
	}
}

func TestAWithdrawalStopsAPendingEventThatCarriesNoID(t *testing.T) {
	p, v := startWithVendor(t)
	for _, visitor := range []string{"leaver", "stayer"} {
		p.sendAs(visitor, "/e", fmt.Sprintf(`{"name":"purchase","id":%q,"consent":{"analytics":false,"ads":true}}`, visitor))
	}
	p.Until("has asked in vain", func() bool { return v.tries() > 0 })
	p.sendAs("leaver", "/consent", `{"consent":{"analytics":false,"ads":false}}`)
	if _, said := p.postAs("", "/consent", `{"client_id":"stayer","consent":{"ads":false}}`); !strings.Contains(said, `"recorded":false`) {
		t.Errorf("somebody chose for others: %s", said)
	}
	if came := p.arrived(v, "leaver", "stayer"); len(came) != 1 || came[0] != "stayer" {
		t.Errorf("arrived: %q", came)
	}
}

func TestASuppressionListThatIsDamagedIsRestoredOrTheStartRefused(t *testing.T) {
	p, v := startWithVendor(t)
	for _, id := range []string{"one", "two", "three", "four"} {
		p.command(0, "subject", "suppress", id, "--as", "client_id", "--config", p.Path())
	}
	p.Stop()
	list := filepath.Join(p.Folder, "data", "suppressed.jsonl")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func() error{
		"halved":  func() error { return os.Truncate(list, int64(len(text)/2)) },
		"emptied": func() error { return os.Truncate(list, 0) },
		"deleted": func() error { return os.Remove(list) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		p.command(2, "consent", "verify", "--config", p.Path())
		p.Start()
		if s := p.Status().Suppression; s.Subjects != 4 || !strings.Contains(s.Damage, "restored from its copy") {
			t.Errorf("%s: %+v", name, s)
		}
		p.sendAs("three", "/e", `{"name":"purchase","id":"`+name+`","consent":{"analytics":true,"ads":true}}`)
		p.Stop()
		p.command(0, "consent", "verify", "--config", p.Path())
	}
	for _, file := range []string{list, strings.TrimSuffix(list, ".jsonl") + ".copy.jsonl"} {
		if err := os.Truncate(file, int64(len(text)/2)); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if status := commands.Main([]string{"serve", "--config", p.Path()}, strings.NewReader(""), &out, &errs); status != 2 || !strings.Contains(errs.String(), "restore one of them from a backup, or remove") {
		t.Errorf("%d %s", status, &errs)
	}
	if err := os.WriteFile(list, text, 0o600); err != nil { // the backup
		t.Fatal(err)
	}
	p.Start()
	p.sendAs("three", "/e", `{"name":"purchase","id":"three","consent":{"analytics":true,"ads":true}}`)
	p.sendAs("five", "/e", `{"name":"purchase","id":"five","consent":{"analytics":true,"ads":true}}`)
	if came := p.arrived(v, "halved", "emptied", "deleted", "three", "five"); len(came) != 1 || came[0] != "five" {
		t.Errorf("arrived: %q", came)
	}
}

func TestAFloodOfRefusalsOrGrantsLeavesLittleInTheDataFolder(t *testing.T) {
	p, v := startWithVendor(t)
	v.answer(0)
	grow := func(consent string) int64 {
		for hit := range 20 {
			var events []string
			for i := range 500 {
				events = append(events, fmt.Sprintf(`{"name":"page_view","client_id":"flood-%s-%d-%d","consent":%s}`, consent[14:15], hit, i, consent))
			}
			p.send("/e", "["+strings.Join(events, ",")+"]")
		}
		p.Stop()
		defer p.Start()
		var size int64
		for _, pattern := range []string{"receipts/*", "suppressed*"} {
			files, err := filepath.Glob(filepath.Join(p.Folder, "data", pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				info, err := os.Stat(file)
				if err != nil {
					t.Fatal(err)
				}
				size += info.Size()
			}
		}
		return size
	}
	if n := grow(`{"analytics":false,"ads":false}`); n > 4<<10 {
		t.Errorf("10,000 refusals leave %d bytes", n)
	}
	if n := grow(`{"analytics":true,"ads":false}`); n > 1<<20 {
		t.Errorf("10,000 grants leave %d bytes", n)
	}
}
