package tests_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/commands"
	"headgate/config"
	"headgate/destinations/rest/resttest"
	"headgate/proxy"
)

// block is a piece of code in a page of the documentation.
type block struct {
	page, language, name, text string // name is of the file that it is, where the page says so: ```yaml compose.yaml
}

var fence = regexp.MustCompile("(?ms)^ *```([a-z]*)(?: ([^\\n]+))?\\n(.*?)^ *```$")

// handbooks are the pages whose commands and configurations run here. Guides with a story of their own are not among them.
func handbooks(t *testing.T) (all []block) {
	t.Helper()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range append(pages, "../README.md") {
		if page == addingADestination {
			continue
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
			all = append(all, block{filepath.Base(page), m[1], m[2], m[3]})
		}
	}
	return all
}

// TestEveryConfigurationInTheDocsPassesCheck opens each piece of a configuration, and runs its own tests.
func TestEveryConfigurationInTheDocsPassesCheck(t *testing.T) {
	blocks := handbooks(t)
	extra := map[string]string{} // what a page says that its pieces need
	for _, b := range blocks {
		if b.name == "cookbook" {
			extra[b.page] = b.text
		}
	}
	_, key := resttest.Key()
	account := fmt.Sprintf(`{"type": "service_account", "client_email": "headgate@shop.example", "private_key": %q}`, key)
	cases := 0
	for _, b := range blocks {
		if b.language != "yaml" || b.name == "compose.yaml" || b.name == "cookbook" {
			continue
		}
		folder := t.TempDir()
		files := map[string]string{"block.yaml": b.text, "extra.yaml": extra[b.page],
			"hosting.txt": "203.0.113.0/24\n", "gptbot.json": `{"prefixes":[{"ipv4Prefix":"192.0.2.0/24"}]}`} // that docs/traffic.md names
		t.Chdir(folder) // files are named from where the program is started
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		env := config.Env{Lookup: func(name string) (string, bool) {
			if strings.HasSuffix(name, "_LISTEN") {
				return "127.0.0.1:8081", true
			}
			switch {
			case strings.HasPrefix(name, "WAREHOUSE_"):
				return "postgres://headgate@127.0.0.1/shop", true
			case name == "MYSQL_URL":
				return "mysql://headgate:secret@127.0.0.1/shop", true
			case strings.HasSuffix(name, "_PEM"):
				return key, true
			case strings.HasSuffix(name, "_KEY_JSON"):
				return account, true
			}
			return "x-" + name, true
		}}
		parts, ms := config.Open(folder, env, config.Deps{Drivers: commands.Drivers()})
		if ms != nil {
			t.Errorf("%s: %v\n%s", b.page, ms.Err(), b.text)
			continue
		}
		for _, r := range proxy.RunCases(parts, time.Now()) {
			cases++
			if len(r.Mistakes) > 0 {
				t.Errorf("%s: %s: %v", b.page, r.Name, r.Mistakes)
			}
		}
		if err := parts.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if cases < 30 {
		t.Errorf("%d tests in the documentation, 30 of them in the cookbook", cases)
	}
}

// others are commands that only a reader's machine can run.
var others = []string{"make", "docker", "sudo", "systemctl", "git", "open", "find", "headgate serve", "./headgate init", "./headgate serve"}

// TestEveryCommandInTheDocsRuns runs each command as it is printed, beside a process that serves; only the ports are free ones.
func TestEveryCommandInTheDocsRuns(t *testing.T) {
	starting, err := os.ReadFile("../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(t, "")
	p.Write(strings.NewReplacer(`":8080"`, strings.TrimPrefix(p.Public, "http://"), "${HEADGATE_ADMIN_LISTEN:-127.0.0.1:8081}", strings.TrimPrefix(p.Admin, "http://"),
		"./data", p.Folder+"/data").Replace(string(starting)))
	bin := filepath.Join(p.Folder, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(bin, "headgate"), filepath.Join(p.Folder, "headgate")} {
		if err := os.Symlink(os.Args[0], name); err != nil {
			t.Fatal(err)
		}
	}
	ports := strings.NewReplacer("http://localhost:8080", p.Public, "http://127.0.0.1:8081", p.Admin)
	p.Start()
	ran := 0
	for _, page := range []string{"start.md", "connect.md", "running.md", "privacy.md", "troubleshooting.md", "README.md"} {
		for _, b := range handbooks(t) {
			if b.page != page {
				continue
			}
			if b.name != "" && b.language != "sh" {
				text := b.text
				if b.language == "yaml" { // a changed configuration of the same process
					whole, err := os.ReadFile(p.Path())
					if err != nil {
						t.Fatal(err)
					}
					text = withoutSection(string(whole), "consent") + text
				}
				if err := os.WriteFile(filepath.Join(p.Folder, b.name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, b := range handbooks(t) {
			if b.page != page || b.language != "sh" {
				continue
			}
			for _, line := range commandsOf(b.text) {
				if slices.ContainsFunc(others, func(o string) bool { return strings.HasPrefix(line, o) }) {
					continue
				}
				c := exec.CommandContext(t.Context(), "sh", "-ec", ports.Replace(line))
				c.Dir = p.Folder
				if strings.HasPrefix(line, "headgate init") {
					c.Dir = t.TempDir() // where there is no configuration yet
				}
				c.Env = append(os.Environ(), "HEADGATE_TEST_RUN=1", "PATH="+bin+":"+os.Getenv("PATH"))
				out, err := c.CombinedOutput()
				if err != nil || strings.Contains(string(out), "HTTP/1.1 4") {
					t.Errorf("%s: %s: %v\n%s", page, line, err, out)
				}
				ran++
			}
		}
	}
	if ran < 20 {
		t.Errorf("%d commands were found", ran)
	}
}

// commandsOf joins lines that a backslash continues, and leaves empty ones and comments out.
func commandsOf(text string) (lines []string) {
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

// TestLinksInTheDocsLeadSomewhere follows the links between pages.
func TestLinksInTheDocsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if u, err := url.Parse(m[1]); err != nil || u.Scheme != "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s leads to %s, which is not there", page, m[1])
			}
		}
	}
}
