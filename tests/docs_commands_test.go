package tests_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"headgate/tests/docs"
)

// programs are what commands of the documentation may run here. No other is started, whatever a page says.
var programs = []string{"headgate ", "curl "}

// others are commands that only a reader's machine can run, by what they begin with, and why.
var others = map[string]string{
	"make ":                 "needs the source tree and npm",
	"go test ":              "a suite within this one",
	"open ":                 "needs a desktop",
	"find ":                 "the file is closed when its wait is over",
	"apt ":                  "changes the machine; tests/deploy_test.go looks at what is packed",
	"systemctl ":            "changes the machine",
	"helm ":                 "needs a cluster",
	"headgate subject done": "needs a request of a sender's: TestAShopAsksForWhatItsBuyersAskFor ticks one off",
	"headgate serve":        "TestANewcomerReadsNothingButWhatIsPrinted starts it",
}

// TestEveryCommandInTheDocsRuns runs each command as it is printed, beside a process that serves; only the ports are free ones.
func TestEveryCommandInTheDocsRuns(t *testing.T) {
	p := processOfTheExample(t)
	bin := readersPath(t, p)
	ports := strings.NewReplacer("http://localhost:8080", p.Public, "http://127.0.0.1:8081", p.Admin)
	ran, left := 0, map[string]bool{}
	all := docs.Blocks(t)
	for _, page := range pagesOf(blocksBy(t, asCommands)) {
		for _, b := range all {
			if b.Page == page {
				putNamed(t, p, b)
			}
		}
		for _, b := range blocksBy(t, asCommands) {
			if b.Page != page {
				continue
			}
			for _, line := range commandsOf(b) {
				if other := beginning(line); other != "" {
					left[other] = true
					continue
				}
				if !slices.ContainsFunc(programs, func(p string) bool { return strings.HasPrefix(strings.TrimPrefix(line, "./"), p) }) {
					t.Errorf("%s: %s: it is not run: give it a line in others", b, line)
					continue
				}
				folder := p.Folder
				if strings.HasPrefix(line, "headgate init") {
					folder = t.TempDir() // where there is no configuration yet
				}
				if out, err := asReader(t, p, folder, bin, ports.Replace(line)); err != nil || strings.Contains(out, "HTTP/1.1 4") {
					t.Errorf("%s: %s: %v\n%s", b, line, err, out)
				}
				ran++
			}
		}
	}
	if ran < 20 {
		t.Errorf("%d commands were found", ran)
	}
	for other := range others {
		if !left[other] {
			t.Errorf("no command begins with %q: take it out of others", other)
		}
	}
}

// TestWhatThePagesOfSendersSendArrives runs what a page says a server has to do, by the configuration of the same page.
func TestWhatThePagesOfSendersSendArrives(t *testing.T) {
	found := blocksBy(t, asSending)
	for _, page := range pagesOf(found) {
		t.Run(page, func(t *testing.T) {
			settings := ""
			for _, b := range docs.Blocks(t) {
				if b.Page == page && b.Language == "yaml" && b.Name == "" {
					settings += b.Text
				}
			}
			p := newProcess(t, "listen: %PUBLIC%\ndata: %DATA%\nadmin: {listen: %ADMIN%}\n"+settings)
			for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(settings, -1) {
				p.Env = append(p.Env, m[1]+"=a-secret-of-"+m[1])
			}
			for _, b := range found {
				if b.Page == page {
					putNamed(t, p, b)
				}
			}
			bin := readersPath(t, p)
			p.Start()
			host := strings.NewReplacer("https://t.shop.example", p.Public, "curl ", "curl -sSf ")
			for _, b := range found {
				if b.Page != page || b.Language != "sh" {
					continue
				}
				if out, err := asReader(t, p, p.Folder, bin, host.Replace(b.Text)); err != nil {
					t.Errorf("%s: %v\n%s\n%s", b, err, b.Text, out)
				}
			}
			if got := p.Status().Accepted; got == 0 {
				t.Errorf("%s: no event has arrived", page)
			}
		})
	}
}

// processOfTheExample serves config.example.yaml, with the funnels that docs/insight.md asks about.
func processOfTheExample(t *testing.T) *process {
	t.Helper()
	starting, err := os.ReadFile("../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := withoutSection(string(starting), "insight")
	for _, b := range docs.Blocks(t) {
		if b.Page == "docs/insight.md" && strings.HasPrefix(b.Text, "insight:\n  conversions") {
			text += b.Text
		}
	}
	p := newProcess(t, "")
	p.Write(strings.NewReplacer(`":8080"`, strings.TrimPrefix(p.Public, "http://"), "${HEADGATE_ADMIN_LISTEN:-127.0.0.1:8081}", strings.TrimPrefix(p.Admin, "http://"),
		"./data", p.Folder+"/data").Replace(text))
	whole, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.Folder, "new.yaml"), whole, 0o600); err != nil { // what docs/changes.md compares: nothing changes
		t.Fatal(err)
	}
	p.Start()
	return p
}

// readersPath makes headgate and ./headgate commands of the process's folder, and returns a PATH with it.
func readersPath(t *testing.T, p *process) string {
	t.Helper()
	bin := filepath.Join(p.Folder, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(bin, "headgate"), filepath.Join(p.Folder, "headgate")} {
		if err := os.Symlink(os.Args[0], name); err != nil {
			t.Fatal(err)
		}
	}
	return bin + ":" + os.Getenv("PATH")
}

// putNamed writes the file that a block is. A configuration becomes a changed one of the same process.
func putNamed(t *testing.T, p *process, b docs.Block) {
	t.Helper()
	if b.Name == "" || b.Name == "compose.yaml" {
		return
	}
	text := b.Text
	if b.Language == "yaml" {
		whole, err := os.ReadFile(p.Path())
		if err != nil {
			t.Fatal(err)
		}
		key, _, _ := strings.Cut(text, ":")
		text = withoutSection(string(whole), key) + text
	}
	if err := os.WriteFile(filepath.Join(p.Folder, b.Name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func asReader(t *testing.T, p *process, folder, bin, line string) (out string, err error) {
	c := exec.CommandContext(t.Context(), "sh", "-ec", line)
	c.Dir = folder
	c.Env = append(append(os.Environ(), "HEADGATE_TEST_RUN=1", "PATH="+bin), p.Env...)
	said, err := c.CombinedOutput()
	return string(said), err
}

// beginning returns which of others a command is, "" when it can run.
func beginning(line string) string {
	for other := range others {
		if strings.HasPrefix(strings.TrimPrefix(line, "./"), other) {
			return other
		}
	}
	return ""
}

// pagesOf returns the pages of blocks, each once.
func pagesOf(found []docs.Block) (pages []string) {
	for _, b := range found {
		if !slices.Contains(pages, b.Page) {
			pages = append(pages, b.Page)
		}
	}
	return pages
}

// commandsOf joins lines that a backslash continues, and leaves empty ones and comments out. A request is a command of curl.
func commandsOf(b docs.Block) (lines []string) {
	text := b.Text
	if b.Language == "http" {
		request, body, _ := strings.Cut(text, "\n")
		method, path, _ := strings.Cut(request, " ")
		return []string{fmt.Sprintf("curl -sSi -X %s 'http://localhost:8080%s' -d '%s'", method, path, strings.TrimSpace(body))}
	}
	for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", ""), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// withoutSection takes a section out of a configuration, so that another can be put in its place.
func withoutSection(text, key string) string {
	return regexp.MustCompile(`(?m)^`+key+`:.*\n(?:(?:[ #].*)?\n)*`).ReplaceAllString(text, "")
}
