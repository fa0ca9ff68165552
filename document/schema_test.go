package document_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"headgate/document"
)

type described struct {
	Text   string                  `yaml:"text,required" help:"says | something" example:"hello"`
	Level  string                  `yaml:"level" choices:"low,high"`
	Count  int                     `yaml:"count"`
	Wait   document.Duration       `yaml:"wait" help:"how long"`
	List   []string                `yaml:"list" example:"[a, '1']"`
	Places document.Ordered[place] `yaml:"places" help:"Where it goes."`
	More   struct {
		Stops []place `yaml:"stops"`
	} `yaml:"more" help:"more of it"`
	Own  own         `yaml:"own"`
	Self []described `yaml:"self"`
}

func TestTheSchemaSaysWhatTheTagsSay(t *testing.T) {
	shape := document.Schema(described{Level: "low", Count: 3, Wait: document.Duration(10 * time.Second), List: []string{"x"}})
	got, err := json.MarshalIndent(shape, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(got, &schema); err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, valid := range map[string]bool{
		"text: a\n": true, "text: a\nlevel: high\ncount: 2\nwait: 7d\nlist: [a]\nplaces: {x: {name: a}}\nown: [q]\n": true,
		"level: low\n": false, "text: 1\n": false, "text: a\nlevel: mid\n": false, "text: a\nwait: soon\n": false, "text: a\nmore: 1\n": false,
		"text: a\ncount: x\n": false, "text: a\ncount: '${COUNT}'\n": true, "text: a\nwait: ${WAIT}\n": true, "text: a\nplaces: {x: {}}\n": false,
		"text: a\nown: c\n": false,
	} {
		n, ms := document.Parse("a.yaml", []byte(text))
		if ms != nil {
			t.Fatal(ms.Err())
		}
		if err := s.Validate(n.Any()); (err == nil) != valid {
			t.Errorf("%s: %v", text, err)
		}
	}
	if !strings.Contains(string(got), `"default": "10s"`) || !strings.Contains(string(got), `"examples": [
    "hello"`) {
		t.Errorf("defaults or examples are missing in %s", got)
	}
}

func TestTheReferenceListsEveryKey(t *testing.T) {
	shape := document.Schema(described{Level: "low", Count: 3, Wait: document.Duration(10 * time.Second), List: []string{"x"}})
	want := strings.ReplaceAll(`| key | takes | default | example | what it says |
|---|---|---|---|---|
| 'text' | text |  | 'hello' | Required. Says \| something. |
| 'level' | 'low' or 'high' | 'low' |  |  |
| 'count' | whole number | '3' |  |  |
| 'wait' | time span | '10s' |  | How long. |
| 'list' | list of text | '[x]' | '[a, "1"]' |  |
| 'own' | 'a' or 'b' or list of text |  |  |  |
| 'self' | list of anything |  |  |  |

## places

Where it goes.

| key | takes | default | example | what it says |
|---|---|---|---|---|
| 'places.<name>.name' | text |  |  | Required. What it is called. |
| 'places.<name>.wait' | time span | '1s' |  |  |

## more

More of it.

| key | takes | default | example | what it says |
|---|---|---|---|---|
| 'more.stops' | list |  |  | Its keys are those of 'places.<name>'. |
`, "'", "`")
	if diff := cmp.Diff(want, string(shape.Docs())); diff != "" {
		t.Error(diff)
	}
}
