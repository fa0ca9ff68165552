package sources_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/keys"
	"headgate/sources"
	_ "headgate/sources/protocols"
)

func TestEveryDeclarationIsComplete(t *testing.T) {
	t.Parallel()
	blocks := map[string]event.Block{}
	for i, d := range sources.Declared() {
		if missing := d.Missing(); len(missing) > 0 {
			t.Errorf("%s does not declare %v; sources.None says that there is none", d.Name, missing)
			continue
		}
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(d.Name) {
			t.Errorf("%q is no name for a source", d.Name)
		}
		if i > 0 && sources.Declared()[i-1].Name == d.Name {
			t.Errorf("%s is declared twice", d.Name)
		}
		for _, r := range d.Routes("/x") {
			if r.Methods == "" || !strings.HasPrefix(r.Path, "/") {
				t.Errorf("%s has the route %+v", d.Name, r)
			}
		}
		for _, header := range d.Headers {
			if header != strings.ToLower(header) {
				t.Errorf("%s allows the header %s, which is not in lower case", d.Name, header)
			}
		}
		if known, shared := blocks[d.Block.Param]; shared && known != d.Block {
			t.Errorf("%s and another source keep different things in params.%s", d.Name, d.Block.Param)
		}
		if d.Block.Param != "" {
			blocks[d.Block.Param] = d.Block
		}
	}
}

// Whoever adds a file with a protocol and forgets to declare it, to link its room, or to show what it does, is told here.
func TestEveryProtocolIsDeclared(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		protocols, declares := protocolsOf(f)
		if strings.HasSuffix(file, "_test.go") || filepath.Dir(file) == "webhook" { // a webhook is declared by its configuration
			continue
		}
		found += len(protocols)
		if len(protocols) > 0 && !declares {
			t.Errorf("%s has the protocol %s and does not declare it: var _ = sources.Declare(sources.Declaration{...}, ...)", file, strings.Join(protocols, ", "))
		}
	}
	if found != len(sources.Declared()) {
		t.Errorf("%d protocols are written and %d are linked: give each room a line in protocols/protocols.go", found, len(sources.Declared()))
	}
}

// protocolsOf returns the types of a file that have the methods of a Protocol, and whether the file declares one.
func protocolsOf(f *ast.File) (types []string, declares bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called, ok := n.Fun.(*ast.SelectorExpr)
			declares = declares || ok && called.Sel.Name == "Declare"
		case *ast.FuncDecl:
			// Read(h, call): other readers have another second argument, or none.
			if n.Recv != nil && n.Name.Name == "Read" && n.Type.Params.NumFields() == 2 && isCall(n.Type.Params.List[1].Type) {
				receiver := n.Recv.List[0].Type
				if star, ok := receiver.(*ast.StarExpr); ok {
					receiver = star.X
				}
				types = append(types, receiver.(*ast.Ident).Name)
			}
		}
		return true
	})
	return types, declares
}

func isCall(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Call"
}

// goldens returns what is read and answered in the cases of testdata, by their files' names.
func goldens(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, parts := sections(string(text))
		all[strings.TrimSuffix(filepath.Base(file), ".txt")] = parts["outcome"]
	}
	return all
}

func TestEverySourceHasGoldenCases(t *testing.T) {
	t.Parallel()
	all := goldens(t)
	for _, d := range sources.Declared() {
		read := false
		for name, outcome := range all {
			if strings.HasPrefix(name, d.Name+"_") {
				read = read || strings.HasPrefix(outcome, "event 0: ")
				delete(all, name)
			}
		}
		if !read {
			t.Errorf("no case testdata/%s_*.txt shows an event", d.Name)
		}
	}
	for name := range all {
		t.Errorf("testdata/%s.txt is of no source", name)
	}
}

// An address or a user agent that stands under a name which tells nothing is one that its source forgot to declare.
func TestNoAddressAndNoAgentStaysAmongTheParams(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/*.txt")
	looked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, parts := sections(string(text))
		h := parseHit(t, parts["hit"])
		r, err := claimant(t, open(t, parts["config"], sources.Limits{}), h).Read(h)
		if err != nil {
			continue
		}
		for i := range r.Events {
			looked++
			if path := unguarded(event.ObjectOf(r.Events[i].Params)); path != "" {
				t.Errorf("%s: params%s is left among the params: declare it in Addresses or Agents", file, path)
			}
		}
	}
	if looked == 0 {
		t.Error("no event was looked at")
	}
	strange := event.ObjectOf(event.Map{{Key: "zz", Value: event.ListOf(event.String("203.0.113.7"))}})
	if unguarded(strange) == "" {
		t.Error("an address under a strange name is not found: the test cannot fail")
	}
}

// unguarded returns where an address or a user agent stands under a key that does not say so, "" when there is none.
func unguarded(v event.Value) string {
	switch v.Kind() {
	case event.Object:
		for _, p := range v.Object() {
			if keys.MeaningOf(p.Key)&(keys.Address|keys.Agent) != 0 {
				continue
			}
			if path := unguarded(p.Value); path != "" {
				return "." + p.Key + strings.TrimPrefix(path, "!")
			}
		}
	case event.List:
		for _, one := range v.List() {
			if path := unguarded(one); path != "" {
				return path
			}
		}
	case event.Text:
		if _, err := netip.ParseAddr(v.Text()); err == nil || strings.HasPrefix(v.Text(), "Mozilla/") {
			return "!"
		}
	}
	return ""
}
