package document_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"headgate/document"
	"headgate/document/shape"
)

type everything struct {
	Text    string                  `yaml:"text" help:"says something" example:"hello"`
	Level   string                  `yaml:"level" choices:"low,high"`
	Flag    bool                    `yaml:"flag"`
	Whole   int                     `yaml:"whole"`
	Small   uint8                   `yaml:"small"`
	Float   float64                 `yaml:"float"`
	Pointer *int                    `yaml:"pointer"`
	List    []string                `yaml:"list" example:"[a, b]"`
	Map     map[string]int          `yaml:"map"`
	Raw     *document.Node          `yaml:"raw"`
	Words   document.Words          `yaml:"words"`
	Places  document.Ordered[place] `yaml:"places"`
	Stops   []place                 `yaml:"stops"`
	Wait    document.Duration       `yaml:"wait"`
	Size    document.Size           `yaml:"size"`
	Rate    document.Rate           `yaml:"rate"`
	Share   document.Percent        `yaml:"share"`
	Secret  document.Secret         `yaml:"secret"`
	Any     any                     `yaml:"any"`
	Own     own                     `yaml:"own"`
	Shared  `yaml:",inline"`

	Untagged string
}

type place struct {
	At   document.Place    `yaml:"-"`
	Name string            `yaml:"name,required" help:"what it is called"`
	Wait document.Duration `yaml:"wait"`
}

func (p *place) SetDefaults() { p.Wait = document.Duration(time.Second) }

// Shared is a struct whose keys stand beside those of the struct around it.
type Shared struct {
	Inner string `yaml:"inner"`
}

// own reads itself.
type own string

func (o *own) DecodeDocument(n *document.Node) (ms document.Mistakes) {
	if n.Kind != document.Text {
		ms.Add(n.At, "no", "yes")
	}
	*o = own("<" + n.Text + ">")
	return ms
}

func (own) DocumentShape() *shape.Shape {
	return shape.AnyOf(shape.Choice("a", "b"), shape.ListOf(shape.Text()))
}

func decode(t *testing.T, text string, into any) document.Mistakes {
	t.Helper()
	n, ms := document.Parse("a.yaml", []byte(text))
	if ms != nil {
		t.Fatal(ms.Err())
	}
	return document.Decode(n, into)
}

func TestEveryKindOfFieldIsFilled(t *testing.T) {
	got := everything{Untagged: "kept", Text: "kept", List: []string{"replaced"}}
	ms := decode(t, `
level: high
flag: true
whole: -12
small: 0x1F
float: 1.5
pointer: 3
list: [a, b]
map: {x: 1}
words: "a == \"b\""
places:
  z: {name: last}
  a: {name: first, wait: 2m}
stops:
  - name: one
wait: 7d
size: 1MiB
rate: 600/m
share: 12.5%
secret: short
any: {k: [1, true, null, x]}
own: x
inner: here
`, &got)
	if ms != nil {
		t.Fatal(ms.Err())
	}
	three := 3
	want := everything{Untagged: "kept", Text: "kept", Level: "high", Flag: true, Whole: -12, Small: 31, Float: 1.5, Pointer: &three,
		List: []string{"a", "b"}, Map: map[string]int{"x": 1},
		Words: document.Words{At: document.Place{File: "a.yaml", Line: 10, Column: 9}, Value: `a == "b"`},
		Places: document.Ordered[place]{
			{Key: "z", At: at(12, 3), Value: place{at(12, 6), "last", document.Duration(time.Second)}},
			{Key: "a", At: at(13, 3), Value: place{at(13, 6), "first", document.Duration(2 * time.Minute)}},
		},
		Stops: []place{{at(15, 5), "one", document.Duration(time.Second)}},
		Wait:  document.Duration(7 * 24 * time.Hour), Size: 1 << 20, Rate: 10, Share: 0.125,
		Any: map[string]any{"k": []any{1.0, true, nil, "x"}}, Own: "<x>", Shared: Shared{Inner: "here"}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(document.Words{}, document.Secret{})); diff != "" {
		t.Error(diff)
	}
	if got.Secret.Reveal() != "short" || got.Secret.Where() != at(20, 9) {
		t.Errorf("secret %q at %v", got.Secret.Reveal(), got.Secret.Where())
	}
}

func at(line, column int) document.Place {
	return document.Place{File: "a.yaml", Line: line, Column: column}
}

func TestWhatDoesNotFitIsSaid(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key that is nearly one", "txet: a", `a.yaml:1:1: unknown key "txet"; did you mean "text"?`},
		{"unknown key that is nothing like one", "zzzzzzzz: a", `a.yaml:1:1: unknown key "zzzzzzzz"`},
		{"unknown key of a small map", "stops: [{name: x, zzz: 1}]", `a.yaml:1:19: unknown key "zzz"; there is name, wait`},
		{"unknown key of an inlined struct", "iner: a", `a.yaml:1:1: unknown key "iner"; did you mean "inner"?`},
		{"number for text", "text: 0123", `a.yaml:1:7: "text" takes text, not the number 0123; write it in quotes: "0123"`},
		{"boolean for text", "text: true", `a.yaml:1:7: "text" takes text, not the boolean true; write it in quotes: "true"`},
		{"null for text", "text: ~", `a.yaml:1:7: "text" takes text, not nothing; write it in quotes: "~"`},
		{"nothing for text", "text:", `a.yaml:1:6: "text" has no value; write one, or leave the key out`},
		{"nothing for a formula", "words:\nflag: true", `a.yaml:1:7: "words" has no value; write one, or leave the key out`},
		{"map for text", "text: {a: b}", `a.yaml:1:7: "text" takes text, not a map`},
		{"hole for text", "text: {settings.x}", `a.yaml:1:7: "text" takes text, not a map; write it in quotes: '{settings.x}'`},
		{"list for text", "text: [a]", `a.yaml:1:7: "text" takes text, not a list`},
		{"word not in the list", "level: hihg", `a.yaml:1:8: "level" takes low or high, not "hihg"; did you mean "high"?`},
		{"text for truth", "flag: yes", `a.yaml:1:7: "flag" takes true or false, not "yes"; write true`},
		{"quoted truth", `flag: "true"`, `a.yaml:1:7: "flag" takes true or false, not "true"; write it without quotes`},
		{"text for a number", "whole: many", `a.yaml:1:8: "whole" takes a whole number, not "many"`},
		{"octal", "whole: 010", `a.yaml:1:8: "whole" takes a whole number, not the number 010`},
		{"fraction", "whole: 1.5", `a.yaml:1:8: "whole" takes a whole number, not the number 1.5`},
		{"too large", "small: 256", `a.yaml:1:8: "small" takes a whole number, 0 or more, not the number 256`},
		{"below zero", "small: -1", `a.yaml:1:8: "small" takes a whole number, 0 or more, not the number -1`},
		{"infinity", "float: .inf", `a.yaml:1:8: "float" takes a number, not the number .inf`},
		{"one for a list", "list: a", `a.yaml:1:7: "list" takes a list, not "a"; write [a]`},
		{"map for a list", "list: {a: b}", `a.yaml:1:7: "list" takes a list, not a map; write each item on a line of its own, after a dash`},
		{"number in a list of text", "list: [a, 1]", `a.yaml:1:11: an item of "list" takes text, not the number 1; write it in quotes: "1"`},
		{"list for a map", "map: [a]", `a.yaml:1:6: "map" takes a map, not a list; write names with what belongs to them: "a: {}"`},
		{"text in a map of numbers", "map: {x: a}", `a.yaml:1:10: "x" takes a whole number, not "a"`},
		{"list for an ordered map", "places: [a]", `a.yaml:1:9: "places" takes a map, not a list; write names with what belongs to them: "a: {}"`},
		{"text for a struct", "stops: [x]", `a.yaml:1:9: an item of "stops" takes a map, not "x"; it has the keys name, wait`},
		{"list for a struct", "places: {x: [a]}", `a.yaml:1:13: "x" takes a map, not a list; write "name: ..." without the dash`},
		{"a key that must be", "places: {x: {}}", `a.yaml:1:13: "x" lacks "name"`},
		{"number without a unit", "wait: 10", `a.yaml:1:7: "wait" takes a time span such as 300ms, 10s, 72h or 7d, not the number 10`},
		{"size", "size: 1 MegaByte", `a.yaml:1:7: "size" takes a size such as 512KiB, 1MiB or 20GiB, not "1 MegaByte"`},
		{"rate", "rate: 50", `a.yaml:1:7: "rate" takes a rate such as 50/s or 1000/h, not the number 50`},
		{"share", "share: 101%", `a.yaml:1:8: "share" takes a share such as 10%, not "101%"`},
		{"share without its sign", "share: 0.1", `a.yaml:1:8: "share" takes a share such as 10%, not the number 0.1; write 10%`},
		{"own", "own: 1", `a.yaml:1:6: no; yes`},
		{"secret in the open", "secret: EAAGm0PX4ZCpsBA1234567", `a.yaml:1:9: "secret" is a secret, and it stands here for all to read; ` +
			`move it into the environment and write ${SECRET}, or into a file and write ${file:/run/secrets/secret}`},
		{"number for a secret is not repeated", "secret: 123456789", `a.yaml:1:9: "secret" takes text; write it in quotes`},
		{"the whole document", "[a]", `a.yaml:1:1: the document takes a map, not a list; write "text: ..." without the dash`},
		{"a very long text is cut", "flag: " + fmt.Sprintf("%050d", 0) + "x",
			`a.yaml:1:7: "flag" takes true or false, not "0000000000000000000000000000000000000000..."`},
		{"everything at once, by place", "zzzzzzzz: 1\nflag: 1\nlist: [1]\n", "a.yaml:1:1: unknown key \"zzzzzzzz\"\n" +
			"a.yaml:2:7: \"flag\" takes true or false, not the number 1\n" +
			`a.yaml:3:8: an item of "list" takes text, not the number 1; write it in quotes: "1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e everything
			if diff := cmp.Diff(c.want, text(decode(t, c.text, &e))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoValueKeepsTheDefault(t *testing.T) {
	e := everything{List: []string{"a"}, Places: document.Ordered[place]{{Key: "x"}}, Map: map[string]int{"y": 1}}
	if ms := decode(t, "list:\nplaces:\nmap:\nstops:\npointer:\n", &e); ms != nil {
		t.Fatal(ms.Err())
	}
	if len(e.List) != 1 || len(e.Places) != 1 || len(e.Map) != 1 || e.Pointer != nil {
		t.Errorf("got %+v", e)
	}
	if ms := document.Decode(nil, &e); ms != nil {
		t.Error("a document that is not there has mistakes")
	}
}

type street struct {
	First place   `yaml:"first"`
	All   []place `yaml:"all"`
}

func TestDefaultsReachTheStructsInsideAFreshOne(t *testing.T) {
	var streets map[string]street
	if ms := decode(t, "x: {all: [{name: a}]}", &streets); ms != nil {
		t.Fatal(ms.Err())
	}
	second := document.Duration(time.Second)
	if x := streets["x"]; x.First.Wait != second || x.All[0].Wait != second {
		t.Errorf("got %+v", x)
	}
}

func TestWhatComesFromOutsideIsReadAsNeeded(t *testing.T) {
	n, _ := document.Parse("a.yaml", []byte("whole: a\nflag: a\ntext: a\nfloat: a\nsmall: a\nlevel: a\nwords: ${W}\n"))
	for i, s := range []string{"12", "true", "007", "1e3", "many", "mid"} {
		f := n.Fields[i].Value
		f.Text, f.From = s, []string{"V"}
	}
	n.Get("small").Missing = []string{"SMALL"}
	var e everything
	ms := document.Decode(n, &e)
	if want := `a.yaml:6:8: "level" takes low or high, not what ${V} holds`; text(ms) != want {
		t.Errorf("got %s\nwant %s", text(ms), want)
	}
	if e.Whole != 12 || !e.Flag || e.Text != "007" || e.Float != 1000 || e.Words.Value != "${W}" {
		t.Errorf("got %+v", e)
	}
}

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	s := document.NewSecret("hunter2")
	in := struct {
		S document.Secret
		P *document.Secret
	}{s, &s}
	asJSON, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v %+v %#v", in, in, in),
		string(asJSON), s.LogValue().String()} {
		for _, leak := range []string{"hunter2", "68756e74657232"} {
			if strings.Contains(got, leak) {
				t.Errorf("%q shows it", got)
			}
		}
	}
	if got := fmt.Sprint(document.Secret{}); got != "" {
		t.Errorf("no secret prints as %q", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"text: a\nwhole: 1\n", "places: {a: {name: b}}\n", "wait: 1h30m\nsize: 1MiB\nrate: 5/s\nshare: 1%\n", "any: [1, {a: b}]\n",
		"list: &l [a]\nstops: [{name: *l}]\n", "wait: 9999999999999y", "size: 99999999999TiB", "small: -0x1"} {
		f.Add([]byte(s))
	}
	f.Add([]byte("any:\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, _ := document.Parse("a.yaml", data)
		e := everything{}
		if ms := document.Decode(n, &e); ms == nil && (e.Wait < 0 || e.Size < 0 || e.Rate < 0 || e.Share < 0 || e.Share > 1) {
			t.Errorf("negative values: %+v", e)
		}
	})
}
