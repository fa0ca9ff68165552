package webhook

import (
	"strings"

	"headgate/event"
)

// textsAt are the texts at a path of a body. A list on the way stands for all of its elements.
func textsAt(v event.Value, path string) (texts []string) {
	if v.Kind() == event.List {
		for _, one := range v.List() {
			texts = append(texts, textsAt(one, path)...)
		}
		return texts
	}
	if path == "" {
		if text := v.Text(); text != "" {
			texts = append(texts, text)
		}
		return texts
	}
	key, rest, _ := strings.Cut(path, ".")
	below, has := v.Object().Find(key)
	if !has {
		return nil
	}
	return textsAt(below, rest)
}
