package config_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"headgate/config"
	"headgate/document"
	"headgate/event/needs"
)

func closeParts(t *testing.T, p *config.Parts) {
	t.Helper()
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, archive string) *config.Parts {
	t.Helper()
	path, env, _ := unpack(t, txtar.Parse([]byte(archive)))
	parts, ms := config.Open(path, env, deps())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	t.Cleanup(func() { closeParts(t, parts) })
	return parts
}

func TestItWorksWithNoFileAtAll(t *testing.T) {
	t.Chdir(t.TempDir())
	parts, ms := config.Open("", config.Env{}, deps())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	defer closeParts(t, parts)
	if parts.Config.Listen.Value != ":8080" || len(parts.Sources) == 0 || len(parts.Destinations) != 1 {
		t.Errorf("%d sources, %d destinations", len(parts.Sources), len(parts.Destinations))
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) > 0 {
		t.Errorf("building touched the disk: %v, %v", entries, err)
	}
}

func TestValuesComeFromTheEnvironmentAndFromFiles(t *testing.T) {
	parts := open(t, `
-- headgate.yaml --
listen: "${HOST}:${PORT:-8080}"
data: $${HOME}/${EMPTY:-x}${SET_EMPTY}
limits: {events_per_request: "${MANY}"}
shutdown: ${WAIT}
admin: {listen: "127.0.0.1:9999", token: "${file:conf/token}"}
-- token --
from-a-file
-- env --
HOST=localhost
EMPTY=
SET_EMPTY=
MANY=7
WAIT=3s
`)
	c := parts.Config
	got := []any{c.Listen.Value, c.Data.Value, c.Limits.EventsPerRequest, c.Shutdown.String(), c.Admin.Token.Reveal()}
	want := []any{"localhost:8080", "${HOME}/x", 7, "3s", "from-a-file"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderIsOneConfiguration(t *testing.T) {
	parts := open(t, `
-- a.yaml --
listen: ":9090"
destinations:
  archive: {use: parquet, settings: {to: ./archive}}
-- b.yml --
destinations:
  second: {use: parquet, settings: {to: ./second}}
rules:
  - {name: in the margin, set: {params.margin: '=lookup("margin", params.sku, 0)'}}
-- tables/margin.csv --
sku,margin
A,3
-- c.yaml --
tables: {margin: {file: tables/margin.csv, key: sku, value: margin}}
-- notes_test.yaml --
this is not: [ours
-- .hidden.yaml --
nor: [this
`)
	if diff := cmp.Diff([]string{"archive", "second"}, parts.Config.Destinations.Keys()); diff != "" {
		t.Error(diff)
	}
}

func TestADestinationThatIsSwitchedOffNeedsNoSecrets(t *testing.T) {
	parts := open(t, `
-- headgate.yaml --
destinations:
  archive: {use: parquet, settings: {to: ./archive}}
  hook:
    use: webhook
    enabled: ${HOOK:-false}
    settings: {url: "${HOOK_URL}", secret: "${file:/run/secrets/hook}"}
`)
	if len(parts.Destinations) != 1 {
		t.Errorf("%d destinations are enabled", len(parts.Destinations))
	}
}

func TestAnOwnDestinationWorksLikeABuiltInOne(t *testing.T) {
	parts := open(t, `
-- headgate.yaml --
destinations:
  mine: {settings: {key: abc}}
-- destinations/mine.yaml --
name: mine
title: Mine
kind: generic
docs: https://docs.shop.example/
needs: [analytics]
refused: drop
settings:
  key: {type: text, required: true, help: which, example: abc}
events: {"*": "="}
send:
  post: https://api.shop.example/{settings.key}
  body: {name: =name}
`)
	if len(parts.Destinations) != 1 || parts.Destinations[0].Need.Purposes[0] != "analytics" {
		t.Errorf("got %+v", parts.Destinations)
	}
}

func TestWhatATCStringMustAllowIsTheCataloguesUnlessAnEntrySaysOtherwise(t *testing.T) {
	parts := open(t, `
-- headgate.yaml --
destinations:
  archive: {use: parquet, settings: {to: ./archive}}
  own: {use: parquet, consent: {vendor: {publisher: true}}, settings: {to: ./own}}
  ga4: {settings: {measurement_id: G-1, api_secret: "${SECRET:-x}"}}
  by_id: {use: ga4, consent: {vendor: 755}, settings: {measurement_id: G-1, api_secret: "${SECRET:-x}"}}
  by_map: {use: ga4, consent: {vendor: {tcf: 755, consent: [1]}}, settings: {measurement_id: G-1, api_secret: "${SECRET:-x}"}}
  unchecked: {use: ga4, consent: {vendor: -1, reason: its own banner}, settings: {measurement_id: G-1, api_secret: "${SECRET:-x}"}}
`)
	want := map[string]needs.Vendor{
		"archive": {}, "own": {Publisher: true},
		"ga4": {TCF: 755, Consent: []int{1, 9}, Flexible: []int{9}}, "by_id": {TCF: 755, Consent: []int{1, 9}, Flexible: []int{9}},
		"by_map": {TCF: 755, Consent: []int{1}}, "unchecked": {},
	}
	for _, d := range parts.Destinations {
		got := d.Need.Vendor
		got.Hosts, got.At = nil, document.Place{}
		if diff := cmp.Diff(want[d.Name()], got); diff != "" {
			t.Errorf("%s: %s", d.Name(), diff)
		}
	}
	if len(parts.Destinations) != len(want) {
		t.Errorf("%d destinations", len(parts.Destinations))
	}
}

func TestATextIsCheckedBeforeItIsWritten(t *testing.T) {
	path, env, _ := unpack(t, txtar.Parse([]byte("-- headgate.yaml --\nlisten: ':1'\n-- destinations/mine.yaml --\nname: [\n")))
	mine := []byte("name: mine\ntitle: Mine\nkind: generic\ndocs: https://docs.shop.example/\nneeds: [analytics]\nrefused: drop\n" +
		"events: {'*': '='}\nsend: {post: 'https://api.shop.example/', body: {name: =name}}\n")
	env = env.Instead("./conf/destinations/mine.yaml", mine)
	parts, ms := config.Open(path, env.Instead(path, []byte("destinations: {mine: {}}")), deps())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	defer closeParts(t, parts)
	if len(parts.Destinations) != 1 {
		t.Errorf("%d destinations", len(parts.Destinations))
	}
	if _, ms := config.Open(path, env.Instead(path, []byte("lisen: x")), deps()); len(ms) != 1 {
		t.Errorf("got %v", ms)
	}
}

func TestDestinationsMayBeMountedByKubernetes(t *testing.T) {
	path, env, _ := unpack(t, txtar.Parse([]byte(`
-- headgate.yaml --
destinations: {mine: {}}
-- destinations/..2026_11_01/mine.yaml --
name: mine
title: Mine
kind: generic
docs: https://docs.shop.example/
needs: [analytics]
refused: drop
events: {"*": "="}
send: {post: 'https://api.shop.example/', body: {name: =name}}
`)))
	for link, target := range map[string]string{"..data": "..2026_11_01", "mine.yaml": "..data/mine.yaml"} {
		if err := os.Symlink(target, "conf/destinations/"+link); err != nil {
			t.Fatal(err)
		}
	}
	parts, ms := config.Open(path, env, deps())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	closeParts(t, parts)
}

func TestAnAdminSideNeedsNoTokenInTheConfiguration(t *testing.T) {
	for _, listen := range []string{"127.0.0.1:8081", "localhost:8081", "'[::1]:8081'", "':8081'"} {
		if open(t, "-- headgate.yaml --\nadmin: {listen: "+listen+"}\n").Config.Admin.Off() {
			t.Errorf("%s: it is off", listen)
		}
	}
	if !open(t, "-- headgate.yaml --\nadmin: {listen: off}\n").Config.Admin.Off() {
		t.Error("off is not off")
	}
}

func TestTheHashCoversWhatTheFilesNameToBeRead(t *testing.T) {
	hash := func(token, margin string) string {
		return open(t, "-- headgate.yaml --\nadmin: {token: '${file:conf/token}'}\n"+
			"tables: {margin: {file: margin.csv, key: sku, value: margin}}\n-- token --\n"+token+"\n-- margin.csv --\nsku,margin\nA,"+margin+"\n").Hash
	}
	first := hash("one", "1")
	if first != hash("one", "1") {
		t.Error("the same files have two hashes")
	}
	if first == hash("two", "1") {
		t.Error("a rotated secret does not change it")
	}
	if first == hash("one", "2") {
		t.Error("a changed table does not change it")
	}
}

// TestSecretsAreReadFromWhereTheyBelong tries ${file:} on what is no secret's file: nothing is read, and nothing hangs.
func TestSecretsAreReadFromWhereTheyBelong(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("of somebody else"), 0o600); err != nil {
		t.Fatal(err)
	}
	path, env, _ := unpack(t, txtar.Parse([]byte("-- headgate.yaml --\n-- token --\nours\n-- long --\n"+strings.Repeat("x", 64<<10)+"\n")))
	if err := os.Symlink(outside, "conf/link"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("conf/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	const far, unreadable = "is outside the folders", "cannot be read"
	for file, want := range map[string]string{"conf/token": "", outside: far, "/etc/passwd": far, "conf/../../outside": unreadable,
		"conf/link": far, "/dev/zero": far, "/proc/self/environ": far, "conf/pipe": unreadable, "conf": unreadable, "conf/long": unreadable, "conf/none": unreadable} {
		text := "admin: {token: '${file:" + file + "}'}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, ms := config.Load(path, env)
		if got := fmt.Sprint(ms.Err()); want == "" && ms != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", file, got, want)
		}
	}
	allowed := "files: {allow: ['" + filepath.Dir(outside) + "']}\nadmin: {token: '${file:" + outside + "}'}\n"
	if err := os.WriteFile(path, []byte(allowed), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, ms := config.Load(path, env); ms != nil || l.Config.Admin.Token.Reveal() != "of somebody else" {
		t.Errorf("an allowed folder: %v", ms.Err())
	}
}

func TestWhoMaySendMoreRequestsMaySendMoreBytes(t *testing.T) {
	for limits, want := range map[string]float64{"{}": 1 << 20, "{per_address: 400/s}": 2 << 20, "{per_address: 0}": 0,
		"{volume_per_address: 3MiB/s}": 3 << 20, "{per_address: 0, volume_per_address: 1MiB/s}": 1 << 20, "{volume_per_address: 0}": 0} {
		if got := open(t, "-- headgate.yaml --\nlimits: "+limits+"\n").Config.Limits.Volume(); got != want {
			t.Errorf("%s: %v bytes a second, want %v", limits, got, want)
		}
	}
}

func TestTheHashIsThatOfTheFiles(t *testing.T) {
	hash := func(archive string) string { return open(t, archive).Hash }
	const one = "-- a.yaml --\nlisten: ':1'\n-- b.yaml --\nlog: {level: warn}\n"
	first := hash(one)
	if first != hash(one) {
		t.Error("the same files have two hashes")
	}
	for _, other := range []string{"-- a.yaml --\nlisten: ':2'\n-- b.yaml --\nlog: {level: warn}\n",
		"-- a.yaml --\nlisten: ':1'\n-- c.yaml --\nlog: {level: warn}\n", "-- a.yaml --\nlisten: ':1'\nlog: {level: warn}\n"} {
		if hash(other) == first {
			t.Errorf("same hash for\n%s", other)
		}
	}
}

func TestWhatIsNotWrongButOddIsAWarning(t *testing.T) {
	parts := open(t, `
-- headgate.yaml --
trusted_proxies: [0.0.0.0/0]
egress: {allow: ["::/0"]}
consent: {mode: monitor}
queue: {sync: never}
identity: {secret: a secret of the shop, keep: {}, link: {domains: [shop.example]}}
`)
	want := `no destination is enabled: events are counted and given to nobody
trusted_proxies has 0.0.0.0/0: every visitor can choose an address and a place; name your own proxies only
egress.allow has ::/0: destinations may reach everything, this machine's own services too; name the ranges that they need
conf/headgate.yaml:3:17: consent is only monitored: events are delivered whatever was refused
conf/headgate.yaml:4:8: queue.sync is never: a power failure loses events that were answered
conf/headgate.yaml:5:48: identity.keep sets cookies again with the answer to a hit, when the tags have made new ones; write endpoint: /id, and load /id.js as the page's first script
conf/headgate.yaml:5:58: identity.link reads links from other domains, and makes none without identity.endpoint; write endpoint: /id, unless this domain only receives visitors`
	if diff := cmp.Diff(want, parts.Warnings.Err().Error()); diff != "" {
		t.Error(diff)
	}
}

func TestAPathThatLeadsNowhere(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("empty", 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"nothing.yaml": "nothing.yaml: is not there; name a file or a folder with --config",
		"empty":        "empty: holds no *.yaml; put the configuration into it, or name another folder",
	} {
		if _, ms := config.Open(path, config.Env{}, deps()); ms.Err() == nil || ms.Err().Error() != want {
			t.Errorf("got %v, want %s", ms.Err(), want)
		}
	}
}
