package catalog

import (
	"fmt"
	"strconv"
	"strings"

	"headgate/document"
)

// OneOf is the cure for a word that is none of a few.
func OneOf(word string, of []string) string {
	if near := document.Suggest(word, of); near != "" && word != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	return "write one of " + strings.Join(of, ", ")
}

// Suggestion is the cure for a word that is probably a misspelling of another, "" when none is close.
func Suggestion(word string, from []string) string {
	if near := document.Suggest(word, from); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}
