package document

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Decoder is a type that reads itself. DecodeDocument is called with a node that was written, never with nil; the value it
// is called on holds the defaults.
type Decoder interface {
	DecodeDocument(n *Node) Mistakes
}

// Defaulter is a type whose fresh values are not zero: SetDefaults is called before an item of a list, a value of a map or
// the target of a pointer is decoded, first on the structs inside it and then on itself.
type Defaulter interface {
	SetDefaults()
}

// filler is how the types of this package read themselves; name says what is being read.
type filler interface {
	fill(d *decoder, n *Node, name string)
}

// Decode fills the value that into points to from a node, strictly and as far as it goes:
//
//   - Struct fields carry yaml:"name"; `yaml:"name,required"` must be written; choices:"a,b" lists the words a text may be;
//     `yaml:",inline"` shares its keys with the struct around it; fields without a tag and with "-" are left alone, except `At Place`, which gets the struct's place, and
//     `Broken bool`, which is set when something in it could not be read.
//   - A key that no field has is a mistake. A field whose key is not written, or written with no value, keeps what it had.
//   - Lists and maps that are written replace what was there as a whole.
//   - A text field refuses unquoted numbers and booleans. A value filled in from ${...} is text, number or boolean as needed.
//   - Scalars whose variable is Missing fill only text fields, with the unfilled text; reporting them is the caller's part.
//
// A nil node decodes to nothing.
func Decode(n *Node, into any) Mistakes {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("BUG: Decode into a %T", into))
	}
	var d decoder
	if n != nil {
		d.value(n, v.Elem(), wholeDocument)
	}
	return d.mistakes
}

// DecodeKey is Decode for what stands behind a key, which mistakes name.
func DecodeKey(f Field, into any) Mistakes {
	var d decoder
	d.value(f.Value, reflect.ValueOf(into).Elem(), strconv.Quote(f.Key))
	return d.mistakes
}

// wholeDocument is what the outermost node is called in a message.
const wholeDocument = "the document"

type decoder struct {
	mistakes Mistakes
	column   int               // of the key whose value is decoded, 0 for none
	tag      reflect.StructTag // of the field that is decoded
}

var (
	placeType = reflect.TypeFor[Place]()
	nodeType  = reflect.TypeFor[*Node]()
)

// value decodes n into v, which must be addressable.
func (d *decoder) value(n *Node, v reflect.Value, name string) {
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
		return
	}
	switch x := v.Addr().Interface().(type) {
	case filler:
		x.fill(d, n, name)
		return
	case Decoder:
		for _, m := range x.DecodeDocument(n) {
			if rest, ok := strings.CutPrefix(m.Fact, wholeDocument+" "); ok {
				m.Fact = name + " " + rest
			}
			d.mistakes = append(d.mistakes, m)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if n.Kind == Null {
			return
		}
		p := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			p.Elem().Set(v.Elem())
		} else {
			setDefaults(p)
		}
		before := len(d.mistakes)
		d.value(n, p.Elem(), name)
		if n.Kind == Map || n.Kind == List || len(d.mistakes) == before {
			v.Set(p)
		}
	case reflect.Struct:
		d.structure(n, v, name)
	case reflect.Slice:
		d.list(n, v, name)
	case reflect.Map:
		d.dictionary(n, v, name)
	case reflect.Interface:
		v.SetZero()
		if x := n.Any(); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	default:
		d.scalar(n, v, name)
	}
}

// fresh decodes into a value that holds nothing yet but its defaults.
func (d *decoder) fresh(n *Node, into any, name string) {
	p := reflect.ValueOf(into)
	setDefaults(p)
	d.value(n, p.Elem(), name)
}

func setDefaults(p reflect.Value) {
	if v := p.Elem(); v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Struct && f.CanSet() {
				setDefaults(f.Addr())
			}
		}
	}
	if x, ok := p.Interface().(Defaulter); ok {
		x.SetDefaults()
	}
}

func (d *decoder) structure(n *Node, v reflect.Value, name string) {
	fields := map[string]reflect.Value{}
	required := map[string]bool{}
	choices := map[string]string{}
	var order []string
	eachField(v, func(f reflect.StructField, v reflect.Value, key string, must bool) {
		if key == "" {
			v.Set(reflect.ValueOf(n.At))
			return
		}
		fields[key], required[key], choices[key] = v, must, f.Tag.Get("choices")
		order = append(order, key)
	})
	if n.Kind != Map {
		if n.Kind != Null {
			d.wrong(n, name, "a map", d.mapCure(n, order))
			return
		}
	}
	k, before := keysOf(v.Type()), len(d.mistakes)
	n = d.straighten(n, k, d.column)
	for _, f := range n.Fields {
		target, known := fields[f.Key]
		if !known {
			cure := k.alias(f)
			if cure == "" {
				cure = DidYouMean(f.Key, order)
			}
			d.mistakes.Add(f.At, fmt.Sprintf("unknown key %q", f.Key), cure)
			continue
		}
		d.column, d.tag = f.At.Column, k.tags[f.Key]
		if words := choices[f.Key]; words != "" && !d.chosen(f.Value, f.Key, strings.Split(words, ",")) {
			continue
		}
		d.value(f.Value, target, strconv.Quote(f.Key))
	}
	if broken := v.FieldByName("Broken"); broken.IsValid() && len(d.mistakes) > before {
		broken.SetBool(true)
	}
	for _, key := range order {
		if required[key] && n.Get(key) == nil {
			d.mistakes.Add(n.At, fmt.Sprintf("%s lacks %q", name, key), "")
		}
	}
}

// chosen reports whether a text, where it is one, is among the words that its field allows.
func (d *decoder) chosen(n *Node, key string, words []string) bool {
	if n.Kind != Text || len(n.Missing) > 0 || slices.Contains(words, n.Text) {
		return true
	}
	d.wrong(n, strconv.Quote(key), Enumerate(words, "or"), Suggestion(n.Text, words))
	return false
}

var glued = regexp.MustCompile(`^[a-z_]+:[^\s:/]\S*$`)

// mapCure says how a map is written where n is none.
func (d *decoder) mapCure(n *Node, keys []string) string {
	switch {
	case n.Kind == Text && glued.MatchString(n.Text):
		return fmt.Sprintf("write a space after the colon: %q", strings.Replace(n.Text, ":", ": ", 1))
	case n.Kind == Text && d.tag.Get("lone") != "":
		return fmt.Sprintf("write {%s: %s}", d.tag.Get("lone"), n.Text)
	case n.Kind == List && len(n.Items) > 0 && n.Items[0].Kind == Map && len(n.Items[0].Fields) > 0:
		return fmt.Sprintf(`write "%s: ..." without the dash`, n.Items[0].Fields[0].Key)
	case len(keys) == 0 && n.Kind == List && len(n.Items) > 0 && n.Items[0].Kind == Text:
		return fmt.Sprintf(`write names with what belongs to them: "%s: {}"`, n.Items[0].Text)
	case len(keys) == 0:
		return ""
	case n.Kind == List:
		return `write "` + keys[0] + `: ..." without the dash`
	}
	return fmt.Sprintf("it has the keys %s", strings.Join(keys[:min(len(keys), 8)], ", "))
}

// eachField visits the fields that take part in decoding; key is "" for the field that takes the place.
func eachField(v reflect.Value, visit func(f reflect.StructField, v reflect.Value, key string, required bool)) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("yaml")
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Name == "At" && f.Type == placeType && (!tagged || tag == "-") {
			visit(f, v.Field(i), "", false)
			continue
		}
		key, options, _ := strings.Cut(tag, ",")
		switch {
		case options == "inline":
			eachField(v.Field(i), visit)
		case key != "" && key != "-":
			visit(f, v.Field(i), key, options == "required")
		}
	}
}

func (d *decoder) list(n *Node, v reflect.Value, name string) {
	if n.Kind == Null {
		return
	}
	if n.Kind != List {
		cure := "write each item on a line of its own, after a dash"
		if n.Kind != Map {
			cure = "write [" + n.Text + "]"
		}
		d.wrong(n, name, "a list", cure)
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items))
	for i, item := range n.Items {
		d.fresh(item, items.Index(i).Addr().Interface(), "an item of "+name)
	}
	v.Set(items)
}

func (d *decoder) dictionary(n *Node, v reflect.Value, name string) {
	if n.Kind == Null {
		return
	}
	if n.Kind != Map {
		d.wrong(n, name, "a map", d.mapCure(n, nil))
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.Fields))
	for _, f := range n.Fields {
		p := reflect.New(v.Type().Elem())
		d.fresh(f.Value, p.Interface(), strconv.Quote(f.Key))
		m.SetMapIndex(reflect.ValueOf(f.Key).Convert(v.Type().Key()), p.Elem())
	}
	v.Set(m)
}
