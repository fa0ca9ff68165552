// Command notices writes THIRD_PARTY_NOTICES.md: what is inside the binary that others wrote, and the licences under which
// they let us pass it on. With -check it writes nothing and fails when the file is not what it would write.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const file = "THIRD_PARTY_NOTICES.md"

// part is something of others, with the texts that go along with it.
type part struct {
	name, version string
	texts         []string
}

// data are the parts that are no Go modules: what they are called, and where their licence stands.
var data = []struct{ name, version, licence string }{
	{"crawler-user-agents (the list of bots)", "1.60.0", "enrich/bots/bots.license"},
}

func main() {
	check := flag.Bool("check", false, "write nothing; fail when the file is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	parts, err := collect()
	if err != nil {
		return err
	}
	page := write(parts)
	if !check {
		return os.WriteFile(file, page, 0o644)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(old, page) {
		return errors.New(file + " is stale: run `make docs` and read the difference")
	}
	return nil
}

// collect finds every part of the binary.
func collect() (parts []part, err error) {
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	texts, err := licences(strings.TrimSpace(string(goroot)))
	if err != nil {
		return nil, err
	}
	parts = append(parts, part{name: "Go's standard library", texts: texts})
	modules, err := modules()
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		texts, err := licences(m.Dir)
		if err != nil {
			return nil, err
		}
		if len(texts) == 0 {
			return nil, fmt.Errorf("%s has no licence file", m.Path)
		}
		parts = append(parts, part{m.Path, m.Version, texts})
	}
	libraries, err := libraries()
	if err != nil {
		return nil, err
	}
	parts = append(parts, libraries...)
	for _, d := range data {
		text, err := os.ReadFile(d.licence)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{d.name, d.version, []string{tidy(text)}})
	}
	return parts, nil
}

const pages = "console/web"

// libraries lists what the console's pages are bundled of: all in their lock file that is not for development alone.
func libraries() (parts []part, err error) {
	text, err := os.ReadFile(filepath.Join(pages, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version string
			Dev     bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, err
	}
	for _, folder := range slices.Sorted(maps.Keys(lock.Packages)) {
		name, found := strings.CutPrefix(folder, "node_modules/")
		if p := lock.Packages[folder]; found && !p.Dev {
			texts, err := licences(filepath.Join(pages, folder))
			if err != nil {
				return nil, fmt.Errorf("%w; run: make pages", err)
			}
			if len(texts) == 0 {
				return nil, fmt.Errorf("%s has no licence file", folder)
			}
			parts = append(parts, part{name + " (of the console's pages)", p.Version, texts})
		}
	}
	return parts, nil
}

type module struct {
	Path, Version, Dir string
	Main               bool
}

// modules lists the modules that the released binary is made of, for one system, so that the list is the same everywhere.
func modules() ([]module, error) {
	out, err := output("go", "list", "-deps", "-json=Module", ".")
	if err != nil {
		return nil, err
	}
	byPath := map[string]module{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ Module *module }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module != nil && !p.Module.Main {
			byPath[p.Module.Path] = *p.Module
		}
	}
	list := make([]module, 0, len(byPath))
	for _, m := range byPath {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

func output(name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}

// licences reads the licence and notice files at the top of a folder.
func licences(dir string) (texts []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		wanted := strings.HasPrefix(name, "LICEN") || strings.HasPrefix(name, "COPYING") || strings.HasPrefix(name, "NOTICE")
		if e.IsDir() || !wanted || strings.HasSuffix(name, ".GO") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, tidy(text))
	}
	return texts, nil
}

// tidy makes texts that differ in nothing but blanks the same.
func tidy(text []byte) string {
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// write lists the parts, then every text once with the numbers that the list refers to.
func write(parts []part) []byte {
	var list, texts bytes.Buffer
	numbers := map[string]int{}
	for _, p := range parts {
		fmt.Fprintf(&list, "- %s", p.name)
		if p.version != "" {
			fmt.Fprintf(&list, " %s", p.version)
		}
		for i, text := range p.texts {
			if numbers[text] == 0 {
				numbers[text] = len(numbers) + 1
				fmt.Fprintf(&texts, "\n## %d\n\n```\n%s\n```\n", numbers[text], text)
			}
			list.WriteString([]string{": text ", " and "}[min(i, 1)])
			fmt.Fprintf(&list, "%d", numbers[text])
		}
		list.WriteByte('\n')
	}
	return append(append([]byte("# Third-party notices\n\nHeadgate's binary holds these works of others, under the licences below. Made by `make docs`.\n\n"),
		list.Bytes()...), texts.Bytes()...)
}
