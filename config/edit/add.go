package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"headgate/document"
)

// Addition is a destination that is written into a file of a configuration.
type Addition struct {
	Name     string
	Use      string    // "" where it is the name
	Settings []Written // in the order to write
	Fields   []Written // further keys of the entry
}

// Written is a key and its value, which encoding/json can write: JSON is YAML.
type Written struct {
	Key   string
	Value any
}

var (
	// ErrTaken says that there is a destination of that name.
	ErrTaken = errors.New("there is a destination of this name")
	// ErrFlow says that a file is written in a way that nothing can be added to without a person.
	ErrFlow = errors.New("the destinations of this file are written in a way that nothing can be added to: add the entry by hand")
)

var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// AddTo returns the text of a file with the destination added as the last of its destinations, and what was added. Everything else,
// comments too, stays as it is. Whether the result is right is for Open to say.
func (a *Addition) AddTo(text []byte) (all []byte, added string, err error) {
	root, before := document.Parse("", text)
	if root == nil && len(before) > 0 {
		return nil, "", fmt.Errorf("the file is no YAML: %w", before.Err())
	}
	if all, added, err = a.insert(root, text); err != nil {
		return nil, "", err
	}
	// The file may be one text, a list, a map between braces, or indented as a whole.
	if after, ms := document.Parse("", all); len(ms) > len(before) || after.Get("destinations").Get(a.Name) == nil {
		return nil, "", ErrFlow
	}
	return all, added, nil
}

func (a *Addition) insert(root *document.Node, text []byte) (all []byte, added string, err error) {
	section := root.Get("destinations")
	if section.Get(a.Name) != nil {
		return nil, "", ErrTaken
	}
	lines := strings.SplitAfter(string(text), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	} else {
		lines[last] += "\n"
	}
	at := keyLine(root, "destinations")
	if at < 0 {
		if added, err = a.write("  "); err != nil {
			return nil, "", err
		}
		added = "\ndestinations:\n" + added
		return []byte(strings.Join(lines, "") + added), strings.TrimPrefix(added, "\n"), nil
	}
	indent := "  "
	_, rest, _ := strings.Cut(lines[at], ":")
	switch rest = strings.TrimSpace(rest); {
	case len(section.Fields) > 0 && section.Fields[0].At.Line <= at+1:
		return nil, "", ErrFlow
	case len(section.Fields) > 0:
		indent = strings.Repeat(" ", section.Fields[0].At.Column-1)
	case strings.HasPrefix(rest, "{}"):
		lines[at] = strings.Replace(lines[at], " {}", "", 1)
	case rest != "" && !strings.HasPrefix(rest, "#"):
		return nil, "", ErrFlow
	}
	if added, err = a.write(indent); err != nil {
		return nil, "", err
	}
	end := sectionEnd(lines, at)
	return []byte(strings.Join(lines[:end], "") + added + strings.Join(lines[end:], "")), added, nil
}

// keyLine is the place of the line, from 0, that a key of the document stands on; -1 for none.
func keyLine(root *document.Node, key string) int {
	if root == nil {
		return -1
	}
	for _, f := range root.Fields {
		if f.Key == key {
			return f.At.Line - 1
		}
	}
	return -1
}

// sectionEnd is the place after the last line of the section that begins at a line; blank lines and comments before the next
// section belong to that.
func sectionEnd(lines []string, at int) int {
	end := at + 1
	for i := at + 1; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\r\n")
		blank := strings.TrimSpace(line) == ""
		switch {
		case blank, strings.HasPrefix(line, "#"):
		case line[0] == ' ', line[0] == '\t':
			end = i + 1
		default:
			return end
		}
	}
	return end
}

// write writes the entry.
func (a *Addition) write(indent string) (string, error) {
	var b strings.Builder
	line := func(depth int, w Written) error {
		if !plainKey.MatchString(w.Key) {
			return fmt.Errorf("%q is no key: write letters, digits and _", w.Key)
		}
		value, err := inline(w.Value)
		if err == nil {
			fmt.Fprintf(&b, "%s%s: %s\n", strings.Repeat(indent, depth), w.Key, value)
		}
		return err
	}
	if !plainKey.MatchString(a.Name) {
		return "", fmt.Errorf("%q is no name for a destination: write letters, digits, _ and -", a.Name)
	}
	fmt.Fprintf(&b, "%s%s:\n", indent, a.Name)
	if a.Use != "" && a.Use != a.Name {
		if err := line(2, Written{"use", a.Use}); err != nil {
			return "", err
		}
	}
	if len(a.Settings) > 0 {
		fmt.Fprintf(&b, "%ssettings:\n", strings.Repeat(indent, 2))
	}
	for _, w := range a.Settings {
		if err := line(3, w); err != nil {
			return "", err
		}
	}
	for _, w := range a.Fields {
		if err := line(2, w); err != nil {
			return "", err
		}
	}
	if len(a.Settings) == 0 && len(a.Fields) == 0 && (a.Use == "" || a.Use == a.Name) {
		return strings.TrimSuffix(b.String(), "\n") + " {}\n", nil
	}
	return b.String(), nil
}

var plainWord = regexp.MustCompile(`^[A-Za-z_]+$`)

// notText are words that YAML takes for something else.
var notText = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|null|y|n)$`)

// inline writes a value on one line: words as they are, everything else as JSON.
func inline(v any) (string, error) {
	if text, ok := v.(string); ok && plainWord.MatchString(text) && !notText.MatchString(text) {
		return text, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
