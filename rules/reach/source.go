package reach

import (
	"slices"
	"strings"
	"sync"

	"headgate/event"
)

// A source is where in its environment a formula finds what it reads: "page.url" or "batch.params.value".

// WholeEvent is the source of the event itself.
const WholeEvent = "event"

// Under is the source of what stands under a name.
func Under(source, name string) string {
	switch source {
	case "":
		return ""
	case WholeEvent:
		return name
	}
	return source + "." + name
}

// Covers reports whether reading source may read what stands at a path of an event.
func Covers(source, path string) bool {
	if source == "batch" {
		source = WholeEvent
	}
	source = strings.TrimPrefix(source, "batch.")
	return source == WholeEvent || source == path || strings.HasPrefix(source, path+".") || strings.HasPrefix(path, source+".")
}

// IsOwn reports whether what stands at a source belongs to one event.
func IsOwn(source string) bool {
	name := FirstName(source)
	return name == WholeEvent || name == "theirs" || slices.Contains(Roots(), name)
}

// FirstName is page of page.url.
func FirstName(source string) string {
	name, _, _ := strings.Cut(source, ".")
	return name
}

// Roots lists the names that an event's paths begin with. The list must not be changed.
func Roots() []string { return roots() }

var roots = sync.OnceValue(func() (names []string) {
	for _, f := range event.Fields {
		name, _, _ := strings.Cut(f.Path, ".")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return names
})
