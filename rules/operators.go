package rules

import (
	"math"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/ast"

	"headgate/event"
)

func (c *compiler) unary(n *ast.UnaryNode) expression {
	at, x := n.Location().From, c.compile(n.Node)
	switch n.Operator {
	case "not", "!":
		if !x.kind.fits(truth) {
			return c.mistake(at, n.Operator+" wants true or false, and "+x.called()+" is "+x.kind.String(), "")
		}
		return c.fold(truthExpression(at, "", func(m *Machine) bool { return !x.asTruth(m) }), x)
	}
	if !x.kind.fits(number) {
		return c.mistake(at, n.Operator+" wants a number, and "+x.called()+" is "+x.kind.String(), "")
	}
	sign := 1.0
	if n.Operator == "-" {
		sign = -1
	}
	return c.fold(expression{kind: number, offset: at, value: func(m *Machine) event.Value {
		f, ok := operand(m, &x)
		if !ok {
			return event.Value{}
		}
		return computed(sign * f)
	}}, x)
}

func (c *compiler) binary(n *ast.BinaryNode) expression {
	at := n.Location().From
	a, b := c.compile(n.Left), c.compile(n.Right)
	switch op := n.Operator; op {
	case "and", "&&", "or", "||":
		return c.logic(op, at, a, b)
	case "==", "!=":
		return c.equality(op, at, a, b)
	case "<", "<=", ">", ">=":
		return c.order(op, at, a, b)
	case "+", "-", "*", "/", "%", "**", "^":
		return c.arithmetic(op, at, a, b)
	case "contains", "startsWith", "endsWith":
		return c.textTest(op, at, a, b)
	case "matches":
		return c.matches(at, a, b)
	case "in":
		return c.in(at, a, b)
	case "??":
		return expression{kind: common(a.kind, b.kind), offset: a.offset, value: func(m *Machine) event.Value {
			if v := a.value(m); !v.IsNull() {
				return v
			}
			return b.value(m)
		}}
	case "..":
		return c.span(at, a, b)
	}
	return c.mistake(at, "the operator "+n.Operator+" is not known here", "")
}

func (c *compiler) logic(op string, at int, a, b expression) expression {
	for _, x := range []expression{a, b} {
		if !x.kind.fits(truth) {
			return c.mistake(x.offset, op+" wants true or false on both sides, and "+x.called()+" is "+x.kind.String(), "compare it with something: ... == ...")
		}
	}
	if op == "and" || op == "&&" {
		return c.fold(truthExpression(at, "", func(m *Machine) bool { return a.asTruth(m) && b.asTruth(m) }), a, b)
	}
	return c.fold(truthExpression(at, "", func(m *Machine) bool { return a.asTruth(m) || b.asTruth(m) }), a, b)
}

// equality compiles == and !=. What is of different kinds is not equal, which is a mistake when it can be seen beforehand.
func (c *compiler) equality(op string, at int, a, b expression) expression {
	if !a.kind.fits(b.kind) && !b.kind.fits(a.kind) {
		return c.mistake(at, a.called()+" is "+a.kind.String()+" and "+b.called()+" is "+b.kind.String()+": they are never equal", convert(a, b))
	}
	equal := func(m *Machine) bool {
		v, w := a.value(m), b.value(m)
		return (v.Kind() < event.List || m.spend(at, weight(v, m.steps))) && v.Equal(w)
	}
	switch {
	case a.kind == moment && b.kind != nothing || b.kind == moment && a.kind != nothing:
		equal = func(m *Machine) bool {
			s, oka := a.asMoment(m)
			t, okb := b.asMoment(m)
			return oka && okb && s.Equal(t)
		}
	case a.text != nil && b.kind == text && b.constant:
		s, want := a.text, b.fixed.Text()
		equal = func(m *Machine) bool { return s(m) == want }
	case a.kind == text && b.kind == text:
		equal = func(m *Machine) bool {
			s, _ := a.asText(m)
			t, _ := b.asText(m)
			return s == t
		}
	case a.truth != nil && b.truth != nil:
		equal = func(m *Machine) bool { return a.truth(m) == b.truth(m) }
	}
	if op == "!=" {
		is := equal
		equal = func(m *Machine) bool { return !is(m) }
	}
	return c.fold(truthExpression(at, "", equal), a, b)
}

// convert suggests how a text and a number can be compared.
func convert(a, b expression) string {
	switch {
	case a.kind == text && b.kind == number && !a.constant:
		return "write number(" + a.called() + ")"
	case b.kind == text && a.kind == number && !b.constant:
		return "write number(" + b.called() + ")"
	case a.kind == text && b.kind == number || a.kind == number && b.kind == text:
		return "a number stands without quotes"
	}
	return ""
}

// order compiles <, <=, > and >=, of two numbers, two texts or two times. Nil is neither less nor more than anything.
func (c *compiler) order(op string, at int, a, b expression) expression {
	for _, x := range []expression{a, b} {
		if !x.kind.fits(number) && !x.kind.fits(text) && x.kind != moment {
			return c.mistake(x.offset, op+" compares numbers, texts or times, and "+x.called()+" is "+x.kind.String(), "")
		}
	}
	if !a.kind.fits(b.kind) && !b.kind.fits(a.kind) {
		return c.mistake(at, op+" cannot compare "+a.kind.String()+" with "+b.kind.String(), convert(a, b))
	}
	holds := map[string]func(int) bool{"<": func(i int) bool { return i < 0 }, "<=": func(i int) bool { return i <= 0 },
		">": func(i int) bool { return i > 0 }, ">=": func(i int) bool { return i >= 0 }}[op]
	if a.kind == moment || b.kind == moment {
		return truthExpression(at, "", func(m *Machine) bool {
			s, oka := a.asMoment(m)
			t, okb := b.asMoment(m)
			return oka && okb && holds(s.Compare(t))
		})
	}
	return c.fold(truthExpression(at, "", func(m *Machine) bool {
		v, w := a.value(m), b.value(m)
		if v.IsNull() || w.IsNull() {
			return false
		}
		i, ok := compare(v, w)
		if !ok {
			text, other := &a, v
			if v.Kind() != event.Text {
				text, other = &b, w
			}
			m.fail(at, op+" cannot compare "+kindOf(v).String()+" with "+kindOf(w).String()+": "+text.describe(other),
				"number(...) makes a number of a text")
			return false
		}
		return holds(i)
	}), a, b)
}

// compare orders two numbers or two texts.
func compare(v, w event.Value) (i int, ok bool) {
	switch {
	case v.Kind() == event.Numeric && w.Kind() == event.Numeric:
		f, _ := v.Float()
		g, _ := w.Float()
		switch {
		case f < g:
			return -1, true
		case f > g:
			return 1, true
		}
		return 0, true
	case v.Kind() == event.Text && w.Kind() == event.Text:
		return strings.Compare(v.Text(), w.Text()), true
	}
	return 0, false
}

func (c *compiler) arithmetic(op string, at int, a, b expression) expression {
	if op == "+" && a.kind.fits(text) && b.kind.fits(text) && (a.kind == text || b.kind == text) {
		return c.fold(expression{kind: text, offset: at, value: func(m *Machine) event.Value { return join(m, at, a.value(m), b.value(m), &a, &b) }}, a, b)
	}
	for _, x := range []expression{a, b} {
		if !x.kind.fits(number) {
			cure := ""
			if x.kind == text && op == "+" {
				cure = "text(...) makes a text of a number, number(...) a number of a text"
			} else if x.kind == text {
				cure = "write number(" + x.called() + ")"
			}
			return c.mistake(x.offset, op+" wants numbers, and "+x.called()+" is "+x.kind.String(), cure)
		}
	}
	work := map[string]func(a, b float64) float64{"+": func(a, b float64) float64 { return a + b }, "-": func(a, b float64) float64 { return a - b },
		"*": func(a, b float64) float64 { return a * b }, "/": func(a, b float64) float64 { return a / b }, "%": math.Mod, "**": math.Pow, "^": math.Pow}[op]
	k := number
	if op == "+" && a.kind != number && b.kind != number {
		k = anything
	}
	return c.fold(expression{kind: k, offset: at, value: func(m *Machine) event.Value {
		if k == anything {
			v, w := a.value(m), b.value(m)
			if v.Kind() == event.Text || w.Kind() == event.Text {
				return join(m, at, v, w, &a, &b)
			}
		}
		f, oka := operand(m, &a)
		g, okb := operand(m, &b)
		if !oka || !okb {
			return event.Value{}
		}
		if g == 0 && (op == "/" || op == "%") {
			return m.fail(at, "division by zero", "")
		}
		r := work(f, g)
		if math.IsNaN(r) || math.IsInf(r, 0) {
			return m.fail(at, "the result of "+op+" is no number", "")
		}
		return computed(r)
	}}, a, b)
}

// computed is a number as a result: there is no minus zero, which JSON would show.
func computed(f float64) event.Value {
	if f == 0 {
		f = 0
	}
	return event.Float(f)
}

// operand reads a number that is calculated with; there is no calculating with nil.
func operand(m *Machine, x *expression) (float64, bool) {
	v := x.value(m)
	f, ok := v.Float()
	if !ok {
		switch v.Kind() {
		case event.Null:
			m.fail(x.offset, x.called()+" is nil, and there is no calculating with that", "write default("+x.called()+", 0)")
		case event.Text:
			m.fail(x.offset, x.describe(v)+", not a number", "write number("+x.called()+")")
		default:
			m.fail(x.offset, x.describe(v)+", not a number", "")
		}
	}
	return f, ok
}

// join appends one text to another; nil is no text.
func join(m *Machine, at int, v, w event.Value, a, b *expression) event.Value {
	for _, side := range []struct {
		v event.Value
		x *expression
	}{{v, a}, {w, b}} {
		switch side.v.Kind() {
		case event.Text:
		case event.Null:
			return m.fail(side.x.offset, side.x.called()+" is nil, and + appends only texts", "write default("+side.x.called()+`, "")`)
		default:
			return m.fail(side.x.offset, side.x.describe(side.v)+", and + appends only texts", "write text("+side.x.called()+")")
		}
	}
	if !m.room(at, len(v.Text())+len(w.Text())) {
		return event.Value{}
	}
	return event.String(v.Text() + w.Text())
}

// room reports whether a text of so many bytes may be built.
func (m *Machine) room(at, n int) bool {
	if n > maxText {
		m.fail(at, "the text gets longer than 1 MiB", "")
		return false
	}
	return m.spend(at, 1+n/bytesPerSteps)
}

func (c *compiler) textTest(op string, at int, a, b expression) expression {
	for _, x := range []expression{a, b} {
		if !x.kind.fits(text) {
			cure := ""
			if op == "contains" && x.kind.fits(list) {
				cure = "whether something is in a list is asked the other way round: ... in " + x.called()
			}
			return c.mistake(x.offset, op+" wants texts, and "+x.called()+" is "+x.kind.String(), cure)
		}
	}
	test := map[string]func(s, part string) bool{"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix}[op]
	return c.fold(truthExpression(at, "", func(m *Machine) bool {
		s, oka := a.asText(m)
		part, okb := b.asText(m)
		return oka && okb && test(s, part)
	}), a, b)
}

// matches compiles a regular expression once, at load: that is why it has to be written out.
func (c *compiler) matches(at int, a, b expression) expression {
	if !a.kind.fits(text) {
		return c.mistake(a.offset, "matches wants text, and "+a.called()+" is "+a.kind.String(), "")
	}
	if !b.constant || b.kind != text {
		return c.mistake(b.offset, "the pattern of matches has to be written out, as a text in quotes", "")
	}
	re, err := regexp.Compile(b.fixed.Text())
	if err != nil {
		return c.mistake(b.offset, "the pattern cannot be read: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "),
			"the syntax is RE2's, which has no look-around and no back-references")
	}
	return c.fold(truthExpression(at, "", func(m *Machine) bool {
		s, ok := a.asText(m)
		return ok && re.MatchString(s)
	}), a, b)
}

// in compiles "an element of a list" and "a key of an object".
func (c *compiler) in(at int, a, b expression) expression {
	switch {
	case b.kind == text:
		return c.mistake(b.offset, "in wants a list or an object on the right, and "+b.called()+" is text", "write "+b.called()+" contains ...")
	case !b.kind.fits(list) && !b.kind.fits(object):
		return c.mistake(b.offset, "in wants a list or an object on the right, and "+b.called()+" is "+b.kind.String(), "")
	}
	if b.constant && b.kind == list {
		all := b.fixed.List()
		if a.kind == text {
			return c.fold(truthExpression(at, "", func(m *Machine) bool {
				s, _ := a.asText(m)
				for i := range all {
					if all[i].Kind() == event.Text && all[i].Text() == s {
						return true
					}
				}
				return false
			}), a, b)
		}
	}
	return c.fold(truthExpression(at, "", func(m *Machine) bool {
		v := a.value(m)
		if b.object != nil {
			_, there := b.object(m).Find(v.Text())
			return there
		}
		w := b.value(m)
		if w.Kind() == event.Object {
			_, there := w.Object().Find(v.Text())
			return there && v.Kind() == event.Text
		}
		if len(w.List()) > longText && !m.spend(at, len(w.List())) {
			return false
		}
		for _, one := range w.List() {
			if one.Equal(v) {
				return true
			}
		}
		if w.Kind() != event.List && !w.IsNull() {
			m.fail(b.offset, b.describe(w)+", not a list", "")
		}
		return false
	}), a, b)
}

// span compiles 1..n.
func (c *compiler) span(at int, a, b expression) expression {
	if !a.kind.fits(number) || !b.kind.fits(number) {
		return c.mistake(at, ".. wants numbers on both sides", "")
	}
	return c.fold(expression{kind: list, offset: at, value: func(m *Machine) event.Value {
		f, oka := operand(m, &a)
		g, okb := operand(m, &b)
		if !oka || !okb {
			return event.Value{}
		}
		f, g = math.Floor(f), math.Floor(g)
		if g-f >= maxRange {
			return m.fail(at, "the range has more than 10000 numbers", "")
		}
		vs := make([]event.Value, 0, int(max(g-f+1, 0)))
		for ; f <= g && m.spend(at, 1); f++ {
			vs = append(vs, event.Float(f))
		}
		return event.ListOf(vs...)
	}}, a, b)
}
