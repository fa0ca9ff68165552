package document

import (
	"fmt"
	"strings"
)

// Suggest returns the word of a list that was most likely intended, or "" when none is close.
func Suggest(word string, from []string) string {
	best, distance := "", 0
	folded := fold(word)
	for _, candidate := range from {
		if candidate == word {
			continue
		}
		limit := max(1, min(len(folded), len(candidate))/3)
		d := editDistance(folded, fold(candidate), limit)
		if d <= limit && (best == "" || d < distance) {
			best, distance = candidate, d
		}
	}
	return best
}

// Suggestion is the cure for a word that is probably a misspelling of another, "" when none is close.
func Suggestion(word string, from []string) string {
	if s := Suggest(word, from); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}

// DidYouMean is Suggestion that, where no word is close, lists those that there are, if they are few.
func DidYouMean(word string, from []string) string {
	if s := Suggestion(word, from); s != "" || len(from) == 0 || len(from) > 16 {
		return s
	}
	return "there is " + strings.Join(from, ", ")
}

// OneOf is the cure for a word that is none of those that a setting takes.
func OneOf(word string, takes []string) string {
	if s := Suggestion(word, takes); s != "" && word != "" {
		return s
	}
	return "write one of " + strings.Join(takes, ", ")
}

// Enumerate joins words as in a sentence: a, b and c.
func Enumerate(words []string, last string) string {
	n := len(words) - 1
	if n < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

func fold(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	return strings.ToLower(strings.ReplaceAll(s, "-", "_"))
}

// editDistance counts insertions, deletions, replacements and swaps of neighbours, up to limit+1.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, previous, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, previous, row = previous, row, before
	}
	return previous[len(b)]
}
