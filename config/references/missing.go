package references

import (
	"fmt"
	"strings"

	"headgate/document"
)

// Missing finds every value that could not be filled in, except in the nodes that are excused.
func Missing(root *document.Node, excused map[*document.Node]bool) (ms document.Mistakes) {
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
	return ms
}

// HasMissing reports whether anything in n could not be filled in.
func HasMissing(n *document.Node) bool {
	if n == nil {
		return false
	}
	if len(n.Missing) > 0 {
		return true
	}
	for _, item := range n.Items {
		if HasMissing(item) {
			return true
		}
	}
	for _, f := range n.Fields {
		if HasMissing(f.Value) {
			return true
		}
	}
	return false
}
