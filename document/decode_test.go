package document_test

import (
	"testing"
	"time"

	"headgate/document"
)

type place struct {
	At   document.Place    `yaml:"-"`
	Name string            `yaml:"name,required"`
	Wait document.Duration `yaml:"wait"`
}

func (p *place) SetDefaults() { p.Wait = document.Duration(time.Second) }

type everything struct {
	Text    string                  `yaml:"text"`
	Flag    bool                    `yaml:"flag"`
	Whole   int                     `yaml:"whole"`
	Float   float64                 `yaml:"float"`
	Pointer *int                    `yaml:"pointer"`
	List    []string                `yaml:"list"`
	Map     map[string]int          `yaml:"map"`
	Raw     *document.Node          `yaml:"raw"`
	Words   document.Words          `yaml:"words"`
	Places  document.Ordered[place] `yaml:"places"`
	Wait    document.Duration       `yaml:"wait"`
	Size    document.Size           `yaml:"size"`
	Rate    document.Rate           `yaml:"rate"`
	Share   document.Percent        `yaml:"share"`
	Secret  document.Secret         `yaml:"secret"`
	Any     any                     `yaml:"any"`
	Shared  `yaml:",inline"`
}

// Shared is a struct whose keys stand beside those of the struct around it.
type Shared struct {
	Inner string `yaml:"inner"`
}

func TestEveryKindOfFieldIsFilled(t *testing.T) {
	n, ms := document.Parse("a.yaml", []byte(`
text: hello
flag: true
whole: 12
float: 1.5
pointer: 3
list: [a, b]
map: {x: 1}
raw: {y: [1]}
words: "a == \"b\""
places:
  z: {name: last}
  a: {name: first, wait: 2m}
wait: 7d
size: 1MiB
rate: 600/m
share: 10%
secret: short
any: {k: [1, true, null, x]}
inner: here
`))
	if ms != nil {
		t.Fatal(ms.Err())
	}
	var e everything
	if ms := document.Decode(n, &e); ms != nil {
		t.Fatal(ms.Err())
	}
	t.Logf("%+v", e)
}
