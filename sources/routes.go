package sources

import "strings"

// Route is one path that a source takes.
type Route struct {
	Methods string // GET, POST or several, separated by a space
	Path    string // whole; {} stands for one segment of any text
	Call    string // what Read, Answer and Refuse know it by
	Spare   bool   // left to another source that is configured to have the path
	Last    bool   // spare, and left even to another that would only take it along
}

// Call is what a request asks for.
type Call struct {
	Name string // the route's
	Arg  string // the text in the place of {}
}

// matches returns what a path has in the place of the pattern's {}.
func (r *Route) matches(path string) (arg string, ok bool) {
	before, after, _ := strings.Cut(r.Path, "{}")
	if arg, ok = strings.CutPrefix(path, before); !ok {
		return "", false
	}
	arg, ok = strings.CutSuffix(arg, after)
	return arg, ok && arg != "" && !strings.Contains(arg, "/")
}
