package tests_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestANewcomerReadsNothingButWhatIsPrinted goes from an empty folder to the first explained event by the commands that the program
// itself prints, each as it stands there.
func TestANewcomerReadsNothingButWhatIsPrinted(t *testing.T) {
	began := time.Now()
	p := newProcess(t, "")
	if err := os.Remove(p.Path()); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(p.Folder, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.Args[0], filepath.Join(bin, "headgate")); err != nil {
		t.Fatal(err)
	}
	sh := func(line string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "sh", "-c", line)
		c.Dir = p.Folder
		c.Env = append(os.Environ(), "HEADGATE_TEST_RUN=1", "PATH="+bin+":"+os.Getenv("PATH"))
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		return string(out)
	}
	said := sh("headgate init --config " + p.Path() + " --kind shop --site www.shop.example")
	for _, line := range regexp.MustCompile(`(?m)^  headgate (?:check|test).*$`).FindAllString(said, -1) {
		sh(line)
	}
	text, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	// Other tests run beside this one: the ports are free ones. The site does not have the address, so that the first hit names a host.
	p.Write(strings.NewReplacer(`":8080"`, strings.TrimPrefix(p.Public, "http://")+"\nadmin: {listen: "+strings.TrimPrefix(p.Admin, "http://")+"}",
		"./data", p.Folder+"/data").Replace(string(text)))
	p.Start()
	p.Stop() // what it has said may be read when it has ended
	greeting := p.Output.String()
	p.Start()
	printed := func(what string) string {
		t.Helper()
		m := regexp.MustCompile(`(?m)^  ` + what + ` +(.*)$`).FindStringSubmatch(greeting)
		if m == nil {
			t.Fatalf("the greeting has no %q:\n%s", what, greeting)
		}
		return m[1]
	}
	if by := printed("by"); by != p.Path() {
		t.Errorf("it says that it works by %s", by)
	}
	if answer := sh(printed("first hit")); !strings.Contains(answer, "202") || !strings.Contains(answer, `"accepted":1`) {
		t.Fatalf("the first hit: %s", answer)
	}
	explained := sh(printed("explain it"))
	for _, want := range []string{"page_view  first  (source events)", "archive  deliver: analytics: granted by consent of the event"} {
		if !strings.Contains(explained, want) {
			t.Errorf("%q is not in\n%s", want, explained)
		}
	}
	sh(strings.ReplaceAll(printed("status"), "curl -s", "curl -sf"))
	if said := sh("headgate subject export nobody@shop.example --config " + p.Path()); !strings.Contains(said, "nothing is held about this person") {
		t.Errorf("of somebody unknown it exports %s", said)
	}
	t.Logf("from an empty folder to the first explained event: %v", time.Since(began).Round(time.Millisecond))
}

// TestAPortThatCannotBeHadHasACure starts a second process on the ports of the first.
func TestAPortThatCannotBeHadHasACure(t *testing.T) {
	p := newProcess(t, "listen: %PUBLIC%\ndata: %DATA%\nadmin: {listen: %ADMIN%}\n")
	p.Start()
	other := newProcess(t, "listen: "+strings.TrimPrefix(p.Public, "http://")+"\ndata: %DATA%\nadmin: {listen: off}\n")
	said := other.command(1, "serve", "--config", other.Path())
	if !strings.Contains(said, "headgate.yaml:1:9: listen: ") || !strings.Contains(said, "another process has the port") {
		t.Errorf("it says %s", said)
	}
}
