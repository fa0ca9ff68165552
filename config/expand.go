package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"headgate/document"
)

// Env is the world that a configuration takes values from. The zero value is the process's own.
type Env struct {
	Lookup   func(name string) (string, bool)  // an environment variable
	ReadFile func(path string) ([]byte, error) // a file: of the configuration, or of ${file:...}

	// Secrets learns every value that is taken from the world, so that what is shown can hide it. The zero
	// value's are known to the loaded configuration alone.
	Secrets *document.Secrets
}

func (e Env) filled() Env {
	if e.Lookup == nil {
		e.Lookup = os.LookupEnv
	}
	if e.ReadFile == nil {
		e.ReadFile = os.ReadFile
	}
	if e.Secrets == nil {
		e.Secrets = new(document.Secrets)
	}
	return e
}

// Instead returns an Env in which a file holds something else than on disk: to check a text before it is written.
func (e Env) Instead(path string, data []byte) Env {
	read := e.filled().ReadFile
	e.ReadFile = func(name string) ([]byte, error) {
		if filepath.Clean(name) == filepath.Clean(path) {
			return data, nil
		}
		return read(name)
	}
	return e
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// shellVariable is a value that a shell would fill in, and that nothing fills in here.
var shellVariable = regexp.MustCompile(`^\$[A-Z_][A-Z0-9_]+$`)

// expansion fills in ${NAME}, ${NAME:-default} and ${file:/path} in all scalars of a document. $${ stands for ${.
type expansion struct {
	env      Env
	folders  []string                // that ${file:} may read
	files    []string                // that it read
	dated    []dated                 // values that say when they end
	seen     map[*document.Node]bool // aliases share nodes
	mistakes document.Mistakes
}

// expand fills in a document that lies in the folder root.
func expand(n *document.Node, root string, env Env) (*expansion, document.Mistakes) {
	x := &expansion{env: env, folders: allowedFolders(root, n), seen: map[*document.Node]bool{}}
	x.node(n)
	return x, x.mistakes
}

func (x *expansion) node(n *document.Node) {
	if n == nil || x.seen[n] {
		return
	}
	x.seen[n] = true
	for _, item := range n.Items {
		x.node(item)
	}
	for _, f := range n.Fields {
		x.node(f.Value)
	}
	if n.Kind == document.Text && strings.Contains(n.Text, "${") {
		x.text(n)
	} else if n.Kind == document.Text && shellVariable.MatchString(n.Text) {
		x.mistakes.Add(n.At, n.Text+" is taken as it stands", "write ${"+n.Text[1:]+"}")
	}
}

func (x *expansion) text(n *document.Node) {
	var out strings.Builder
	rest := n.Text
	for {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			out.WriteString(rest)
			break
		}
		if literal, escaped := strings.CutSuffix(before, "$"); escaped {
			out.WriteString(literal + "${")
			rest = after
			continue
		}
		out.WriteString(before)
		reference, after, closed := strings.Cut(after, "}")
		if !closed {
			x.mistakes.Add(n.At, "${ is never closed", "write ${NAME}, or $${ for the two characters themselves")
			return
		}
		out.WriteString(x.reference(n, reference))
		rest = after
	}
	n.Text = out.String()
}

// reference returns what stands for ${reference}: itself when it is missing.
func (x *expansion) reference(n *document.Node, reference string) string {
	if path, ok := strings.CutPrefix(reference, "file:"); ok {
		return x.file(n, path)
	}
	name, byDefault, hasDefault := strings.Cut(reference, ":-")
	if !variableName.MatchString(name) || strings.Contains(byDefault, "${") {
		x.mistakes.Add(n.At, fmt.Sprintf("${%s} is no reference", reference),
			"write ${NAME}, ${NAME:-default} or ${file:/path}, or $${ for the two characters themselves")
		return ""
	}
	value, set := x.env.Lookup(name)
	switch {
	case hasDefault && value == "":
		n.From = append(n.From, name)
		return byDefault
	case !set:
		n.Missing = append(n.Missing, name)
		return "${" + reference + "}"
	}
	return x.take(n, name, value)
}

func (x *expansion) file(n *document.Node, path string) string {
	data, err := readSecretFile(path, x.folders)
	switch {
	case errors.Is(err, errOutside):
		x.mistakes.Add(n.At, fmt.Sprintf("${file:%s} is outside the folders that secrets are read from", path),
			"move it next to the configuration or into /run/secrets or /etc/headgate, or add its folder to files: {allow: [...]}")
		return ""
	case err != nil:
		n.Missing = append(n.Missing, "file:"+path)
		return "${file:" + path + "}"
	}
	x.files = append(x.files, path)
	return x.take(n, "file:"+path, strings.TrimRight(string(data), "\r\n"))
}

// take fills in a value that came from outside, which is a secret.
func (x *expansion) take(n *document.Node, from, value string) string {
	n.From = append(n.From, from)
	x.env.Secrets.Add(value)
	if end, ok := tokenExpiry(value); ok {
		x.dated = append(x.dated, dated{n.At, from, end})
	}
	return value
}

// reportMissing notes every value that could not be filled in, except below destinations that are switched off.
func reportMissing(root *document.Node, ms *document.Mistakes) {
	excused := map[*document.Node]bool{}
	if all := root.Get("destinations"); all != nil {
		for _, d := range all.Fields {
			if on := d.Value.Get("enabled"); on != nil && strings.EqualFold(on.Text, "false") {
				excused[d.Value] = true
			}
		}
	}
	seen := map[*document.Node]bool{}
	var walk func(n *document.Node)
	walk = func(n *document.Node) {
		if n == nil || seen[n] || excused[n] {
			return
		}
		seen[n] = true
		for _, name := range n.Missing {
			if path, ok := strings.CutPrefix(name, "file:"); ok {
				ms.Add(n.At, fmt.Sprintf("the file %s cannot be read", path), "create it, and let Headgate read it")
				continue
			}
			ms.Add(n.At, fmt.Sprintf("the environment variable %s is not set", name), fmt.Sprintf("set it, or write ${%s:-default}", name))
		}
		for _, item := range n.Items {
			walk(item)
		}
		for _, f := range n.Fields {
			walk(f.Value)
		}
	}
	walk(root)
}

// hasMissing reports whether anything in n could not be filled in.
func hasMissing(n *document.Node) bool {
	if n == nil {
		return false
	}
	if len(n.Missing) > 0 {
		return true
	}
	for _, item := range n.Items {
		if hasMissing(item) {
			return true
		}
	}
	for _, f := range n.Fields {
		if hasMissing(f.Value) {
			return true
		}
	}
	return false
}
