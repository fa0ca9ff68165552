package settings

import (
	"fmt"
	"regexp"
	"slices"

	"headgate/destinations/catalog"
	"headgate/document"
)

// checkNames finds keys of a setting that is a map by our names of events, such as conversions:, under which no event is sent: the
// file's events: reads only the names that it lists. Only what is almost such a name is a mistake; others may be read elsewhere.
func checkNames(s *catalog.Spec, written *document.Node) (ms document.Mistakes) {
	for i := range s.Settings {
		key := s.Settings[i].Key
		n := written.Get(key)
		if s.Settings[i].Value.Type != "map" || n == nil || n.Kind != document.Map {
			continue
		}
		read := namesRead(s, key)
		for _, f := range n.Fields {
			if near := document.Suggest(f.Key, read); near != "" && !slices.Contains(read, f.Key) {
				ms.Add(f.At, fmt.Sprintf("%s has no event %q under %s", s.Name, f.Key, key), fmt.Sprintf("did you mean %q?", near))
			}
		}
	}
	return ms
}

// namesRead lists the keys of a setting that events: reads by their names: =settings.conversions.purchase.
func namesRead(s *catalog.Spec, key string) (names []string) {
	reads := regexp.MustCompile(`settings\.` + regexp.QuoteMeta(key) + `\.(\w+)`)
	for _, e := range s.Events {
		for _, theirs := range e.Value {
			for _, m := range reads.FindAllStringSubmatch(theirs, -1) {
				names = append(names, m[1])
			}
		}
	}
	return names
}
