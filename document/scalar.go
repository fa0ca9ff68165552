package document

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

func (d *decoder) scalar(n *Node, v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		if d.text(n, name) {
			v.SetString(n.Text)
		}
	case reflect.Bool:
		if d.filled(n, Bool, name, "true or false") {
			switch strings.ToLower(n.Text) {
			case "true", "false":
				v.SetBool(strings.EqualFold(n.Text, "true"))
			default:
				d.wrong(n, name, "true or false", truthCure(n.Text))
			}
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if d.filled(n, Number, name, "a whole number") {
			i, err := parseInt(n.Text)
			if err != nil || v.OverflowInt(i) {
				d.wrong(n, name, "a whole number", "")
				return
			}
			v.SetInt(i)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if d.filled(n, Number, name, "a whole number") {
			i, err := parseInt(n.Text)
			if err != nil || i < 0 || v.OverflowUint(uint64(i)) {
				d.wrong(n, name, "a whole number, 0 or more", "")
				return
			}
			v.SetUint(uint64(i))
		}
	case reflect.Float32, reflect.Float64:
		if d.filled(n, Number, name, "a number") {
			f, ok := n.Float()
			if !ok {
				d.wrong(n, name, "a number", "")
				return
			}
			v.SetFloat(f)
		}
	default:
		panic(fmt.Sprintf("BUG: a configuration field of the type %s", v.Type()))
	}
}

// text reports whether n may fill a text field, and notes the mistake when not.
func (d *decoder) text(n *Node, name string) bool {
	switch n.Kind {
	case Text:
		return true
	case Number, Bool:
		form := d.tag.Get("number")
		if form == "" || n.Kind != Number {
			form = `"%s"`
			d.wrong(n, name, "text", "write it in quotes: "+fmt.Sprintf(form, n.Text))
			break
		}
		d.wrong(n, name, "text", "write "+fmt.Sprintf(form, n.Text))
	case Null:
		if n.Text == "" {
			d.empty(n, name)
			break
		}
		d.wrong(n, name, "text", `write it in quotes: "`+n.Text+`"`)
	case Map:
		cure := ""
		if len(n.Fields) == 1 && n.flow && n.Fields[0].Value.Kind == Null {
			cure = "write it in quotes: '{" + n.Fields[0].Key + "}'"
		}
		d.wrong(n, name, "text", cure)
	default:
		d.wrong(n, name, "text", "")
	}
	return false
}

// filled reports whether n may fill a field of another kind of scalar.
func (d *decoder) filled(n *Node, kind Kind, name, takes string) bool {
	switch {
	case len(n.Missing) > 0:
		return false
	case n.Kind == kind, n.Kind == Text && len(n.From) > 0:
		return true
	case n.Kind == Null && n.Text == "":
		d.empty(n, name)
	case n.Kind == Text && n.Quoted:
		d.wrong(n, name, takes, "write it without quotes")
	case kind == Bool:
		d.wrong(n, name, takes, truthCure(n.Text))
	default:
		d.wrong(n, name, takes, "")
	}
	return false
}

// truthCure writes yes and no as YAML 1.2 does.
func truthCure(said string) string {
	switch strings.ToLower(said) {
	case "yes", "y", "on":
		return "write true"
	case "no", "n", "off":
		return "write false"
	}
	return ""
}

func (d *decoder) empty(n *Node, name string) {
	d.mistakes.Add(n.At, name+" has no value", "write one, or leave the key out")
}

func (d *decoder) wrong(n *Node, name, takes, cure string) {
	d.mistakes.Add(n.At, fmt.Sprintf("%s takes %s, not %s", name, takes, n.describe()), cure)
}

// describe says what n is, for a person. What was filled in from outside may be a secret and is not repeated.
func (n *Node) describe() string {
	switch n.Kind {
	case Null:
		return "nothing"
	case List:
		return "a list"
	case Map:
		return "a map"
	}
	if len(n.From) > 0 {
		return "what ${" + strings.Join(n.From, "} and ${") + "} holds"
	}
	s := n.Text
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "..."
	}
	if n.Kind == Text {
		return strconv.Quote(s)
	}
	return "the " + map[Kind]string{Number: "number ", Bool: "boolean "}[n.Kind] + s
}

// Float returns the number that a scalar says.
func (n *Node) Float() (float64, bool) {
	if n.Kind != Number && (n.Kind != Text || len(n.From) == 0) {
		return 0, false
	}
	if i, err := parseInt(n.Text); err == nil {
		return float64(i), true
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(n.Text, "_", ""), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, false
	}
	return f, true
}

// parseInt reads what YAML calls an integer, but not 0123: nobody means an octal number by it.
func parseInt(s string) (int64, error) {
	digits := strings.TrimLeft(s, "+-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(strings.TrimPrefix(s, "+"), 0, 64)
}
