// Package references fills in what values of a configuration refer to: ${NAME}, ${NAME:-default} and ${file:/path}. What it takes
// from outside is kept as a secret, to be hidden in all that is shown. It reads no file outside the folders that secrets may be in.
package references

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// WithDefaults returns the Env with the process's own for what it leaves open.
func (e Env) WithDefaults() Env {
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
	read := e.WithDefaults().ReadFile
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

// Filled is what filling in a document took from outside.
type Filled struct {
	Files []string // that it read
	Dated []Dated  // values that say when they end
}

// Fill fills in the references in all scalars of a document; $${ stands for ${. ${file:} may read in the folders, in addition to
// those that secrets belong in. A value that could not be filled in stays as it is, with what is missing noted at its node: see Missing.
func Fill(n *document.Node, folders []string, env Env) (Filled, document.Mistakes) {
	x := &expansion{env: env, folders: slices.Concat(folders, secretFolders), seen: map[*document.Node]bool{}}
	x.node(n)
	return x.Filled, x.mistakes
}

// expansion is a document being filled in.
type expansion struct {
	Filled
	env      Env
	folders  []string                // that ${file:} may read
	seen     map[*document.Node]bool // aliases share nodes
	mistakes document.Mistakes
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
	x.Files = append(x.Files, path)
	return x.take(n, "file:"+path, strings.TrimRight(string(data), "\r\n"))
}

// take fills in a value that came from outside, which is a secret.
func (x *expansion) take(n *document.Node, from, value string) string {
	n.From = append(n.From, from)
	x.env.Secrets.Add(value)
	if end, ok := tokenExpiry(value); ok {
		x.Dated = append(x.Dated, Dated{n.At, from, end})
	}
	return value
}
