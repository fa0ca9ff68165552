package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headgate/document"
)

// TestWhatYAMLReadsDifferentlyIsSaid holds the traps: what people write in good faith, and the sentence they get.
func TestWhatYAMLReadsDifferentlyIsSaid(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a tag", "a: 1\nwhen: !bot\n",
			`a.yaml:2:7: YAML takes "!bot" for a tag, not for a part of the value; write the value in quotes: '!bot', or write "not" instead of "!"`},
		{"a tag before more", "when: !(device.bot) and x\n",
			`a.yaml:1:7: YAML takes "!(device.bot)" for a tag, not for a part of the value; write the value in quotes: '!(device.bot) and x', or write "not" instead of "!"`},
		{"a known tag that changes nothing", "a: !!str 12\nb: ! x\n", ``},
		{"binary data", "a: !!binary aGk=\n",
			`a.yaml:1:4: YAML takes "!!binary" for a tag, not for a part of the value; write the value in quotes: '!!binary aGk=', or write "not" instead of "!"`},
		{"an element cut off as a comment", "when: any(items, #.id == 1)\nb: 2\n",
			`a.yaml:1:7: YAML cuts this value off at "#.id", since # after a space starts a comment; write the whole value in quotes: 'any(items, #.id == 1)'`},
		{"an element cut off where all brackets are closed", "when: x == #.y\n",
			`a.yaml:1:7: YAML cuts this value off at "#.y", since # after a space starts a comment; write the whole value in quotes: 'x == #.y'`},
		{"a formula cut off at a bare hash", "value: =map(items, # * 2)\n",
			`a.yaml:1:8: YAML cuts this value off at "#", since # after a space starts a comment; write the whole value in quotes: '=map(items, # * 2)'`},
		{"a colour cut off", "value: =default(x) #fff\n",
			`a.yaml:1:8: YAML cuts this value off at "#fff", since # after a space starts a comment; write the whole value in quotes: '=default(x) #fff'`},
		{"a quote cut off", "value: =replace(x, \"a #b\", y)\n",
			`a.yaml:1:8: YAML cuts this value off at "#b\",", since # after a space starts a comment; write the whole value in quotes: '=replace(x, "a #b", y)'`},
		{"a true comment", "a: =upper(x)   # in capitals\nb: it's # fine\nc: plain #tag\n", ``},
		{"a ternary in a value", "a: 1\nvalue: =x > 1 ? \"y\" : \"z\"\n",
			`a.yaml:2:8: YAML takes ": " in this value for the end of a key; write the whole value in quotes: '=x > 1 ? "y" : "z"'`},
		{"a ternary in a list", "a:\n  - =x ? y : z\n",
			`a.yaml:2:5: YAML takes ": " in this formula for the end of a key; write the whole formula in quotes: '=x ? y : z'`},
		{"a colon in a value", "title: Sales: all of them\n",
			`a.yaml:1:8: YAML takes ": " in this value for the end of a key; write the whole value in quotes: 'Sales: all of them'`},
		{"a double quote that goes on", "a: 1\nwhen: \"purchase\" == name\nb: 2\n",
			`a.yaml:2:7: the value starts with the quote " and goes on after the closing one; write the whole value in quotes: '"purchase" == name'`},
		{"a single quote that goes on", "when: 'it''s' == name\n",
			`a.yaml:1:7: the value starts with the quote ' and goes on after the closing one; write the whole value in quotes: '''it''''s'' == name'`},
		{"a double quote that goes on in a list", "a:\n  - x\n  - \"a\" + b\n",
			`a.yaml:3:5: the value starts with the quote " and goes on after the closing one; write the whole value in quotes: '"a" + b'`},
		{"a quote that is never closed", "a: 1\nb: \"x\nc: 2\n",
			`a.yaml:2:4: the quote " is opened here and never closed; close it`},
		{"a quote that is never closed on the first line", "a: 'x\nb: 2\n",
			`a.yaml:1:4: the quote ' is opened here and never closed; close it`},
		{"a backslash in double quotes", `a: "C:\data"`,
			`a.yaml:1:4: a backslash in double quotes starts an escape, and YAML does not know this one; write the value in single quotes`},
		{"a formula split in braces", "set: {a: =round(x, 2), b: 3}\n",
			`a.yaml:1:10: inside {} or [] YAML ends the value at the comma: "=round(x" is all that is left; write the value in quotes`},
		{"a formula split in brackets", "a: [=round(x, 2)]\n",
			`a.yaml:1:5: inside {} or [] YAML ends the value at the comma: "=round(x" is all that is left; write the value in quotes`},
		{"an index in braces", "a: {x: =items[0]}\n",
			`a.yaml:1:4: what { opens here YAML cannot read to its end; close it, and put values that contain any of , : { } [ ] in quotes`},
		{"a template at the start", "a: 1\nurl: {settings.endpoint}/collect\n",
			`a.yaml:2:6: the value starts with {, which opens a YAML map, and goes on after the closing }; write the whole value in quotes: '{settings.endpoint}/collect'`},
		{"a list at the start of a formula", "when: [1, 2][0] == 1\n",
			`a.yaml:1:7: what [ opens here YAML cannot read to its end; close it, and put values that contain any of , : { } [ ] in quotes`},
		{"a star", "in: *.example\n", `a.yaml:1:5: a value cannot start with *; write the whole value in quotes: '*.example'`},
		{"an at sign", "a: @x\n", `a.yaml:1:4: a value cannot start with @; write the whole value in quotes: '@x'`},
		{"duplicate keys", "a: 1\nb: 2\na: 3\n", `a.yaml:3:1: key "a" is written twice; it also stands in line 1; keep one`},
		{"a tab", "a:\n\tb: 1\n", `a.yaml:2:1: a tab indents this line; indent with spaces`},
		{"a tab after spaces", "a:\n  x: 1\n \tb: 1\n", `a.yaml:3:2: a tab indents this line; indent with spaces`},
		{"indentation that fits nothing", "a:\n   b: 1\n  c: 2\n",
			`a.yaml:3:3: the indentation does not fit the lines above; indent it by 3 spaces, like "b" in line 2`},
		{"a line without a key", "a: 1\njust words\nb: 2\n",
			`a.yaml:2:1: there is no key on this line; write "key: value", or indent it below the key it belongs to`},
		{"an unclosed list long before the end", "a: 1\nb: [x,\nc: 2\n" + strings.Repeat("d: 1\n", 100),
			`a.yaml:2:4: what [ opens here YAML cannot read to its end; close it, and put values that contain any of , : { } [ ] in quotes`},
		{"a mistake after a list over several lines", "a: [\n 1,\n 2\n]\nb: \"x\" y\n",
			`a.yaml:5:4: the value starts with the quote " and goes on after the closing one; write the whole value in quotes: '"x" y'`},
		{"an alias of nothing", "a: *base\n", `a.yaml:1:4: a value cannot start with *; write the whole value in quotes: '*base'`},
		{"an alias inside itself", "a: &x [*x]\n", `a.yaml:1:8: *x stands inside what it repeats`},
		{"a second document", "a: 1\n---\nb: 2\n", `a.yaml:2:1: a second document starts here; remove the line "---", or put it into a file of its own`},
		{"a key that is a list", "[1]: 2\n", `a.yaml:1:1: a key must be text; put it in quotes`},
		{"a merge of text", "a: {<<: x}\n", `a.yaml:1:9: "<<" takes a map or a list of maps`},
		{"columns of characters", "ä: {ü: é, ü: x}\n", `a.yaml:1:11: key "ü" is written twice; it also stands in line 1; keep one`},
		{"bytes that are no text", "a: \xff\n", `a.yaml:1:4: is not UTF-8 text; save the file as UTF-8`},
		{"a control character", "a: 1\nb: x\x00\n", `a.yaml:2:5: has the control character U+0000; remove it`},
		{"everything at once", "a: 1\na: 2\nb: !x\n",
			"a.yaml:2:1: key \"a\" is written twice; it also stands in line 1; keep one\n" +
				`a.yaml:3:4: YAML takes "!x" for a tag, not for a part of the value; write the value in quotes: '!x', or write "not" instead of "!"`},
		{"nothing at all", "# only a comment\n", ``},
		{"a byte order mark", "\ufeffa: 1\n", ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ms := document.Parse("a.yaml", []byte(c.text))
			if diff := cmp.Diff(c.want, text(ms)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func text(ms document.Mistakes) string {
	if err := ms.Err(); err != nil {
		return err.Error()
	}
	return ""
}

// TestAFileIsBounded reads files that are made to take long.
func TestAFileIsBounded(t *testing.T) {
	bomb := "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10))
	}
	for _, c := range []struct{ name, text, want string }{
		{"aliases of aliases", bomb, "a.yaml:6:14: holds more than 200000 values, counting what aliases repeat; make it simpler"},
		{"depth", strings.Repeat("[", 200) + strings.Repeat("]", 200), "a.yaml:1:66: is nested deeper than 64 levels; make it simpler"},
		{"depth that YAML itself gives up on", strings.Repeat("[", 20_000),
			"a.yaml:1:1: what [ opens here YAML cannot read to its end; close it, and put values that contain any of , : { } [ ] in quotes"},
		{"a mistake at the end of a long file", strings.Repeat("a: [\n1,\n2\n]\n", 5_000) + "x: \"a\" b\n",
			`a.yaml:20001:4: the value starts with the quote " and goes on after the closing one; write the whole value in quotes: '"a" b'`},
		{"bytes", strings.Repeat("# 23456\n", 1<<18), "a.yaml: is 2MiB, more than 1MiB; split it into several files in one folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ms := document.Parse("a.yaml", []byte(c.text))
			if diff := cmp.Diff(c.want, text(ms)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMergeKeysBringWhatIsNotSaid(t *testing.T) {
	n, ms := document.Parse("a.yaml", []byte("base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nx:\n  a: own\n  <<: [*base, *more]\n"))
	if ms != nil {
		t.Fatal(ms.Err())
	}
	want := map[string]any{"a": "own", "b": 2.0, "c": 4.0}
	if diff := cmp.Diff(want, n.Get("x").Any()); diff != "" {
		t.Error(diff)
	}
}

func TestPlacesInsideWordsAreThoseOfTheFile(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"plain", "a: 1\nwhen: name == @x\n"},
		{"double quotes with escapes", `when: "\"a\" == @x"` + "\n"},
		{"single quotes with quotes", "when: 'it''s ''a'' == @x'\n"},
		{"characters of two bytes", "when: \"\\u00fcber\" + ü == @x\n"},
		{"block", "when: |\n  name == 1\n    and @x\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "characters of two bytes" {
				c.text = "when: ü == @x\n"
			}
			n, ms := document.Parse("a.yaml", []byte(c.text))
			if ms != nil {
				t.Fatal(ms.Err())
			}
			w := n.Get("when").Words()
			offset := len([]rune(w.Value[:strings.Index(w.Value, "@")]))
			got := w.Place(offset)
			line := []rune(strings.Split(c.text, "\n")[got.Line-1])
			if got.File != "a.yaml" || got.Column > len(line) || line[got.Column-1] != '@' {
				t.Errorf("the @ of %q was found at %v", c.text, got)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1\n", "a: &x [*x]\n", "when: !bot\n", "a: {x: =f(1, 2)}\n", "- 'a\n", "? [a]\n: b\n", "<<: {a: 1}\n",
		"a: |\n  x\n y\n", "%YAML 1.1\n---\n", "a: \"\\u0041\n", "\ufeff", "a:\n\t- b", "--- >\n--- x\n", "!!map {a: b}", "&a a: *a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, ms := document.Parse("a.yaml", data)
		for _, m := range ms {
			if strings.Contains(m.Fact, "unmarshal") || m.At.File == "" {
				t.Errorf("mistake %q", m.Error())
			}
		}
		var e everything
		document.Decode(n, &e)
		n.Any()
	})
}
