package formula

import (
	"regexp"
	"strings"

	"headgate/event"
	"headgate/rules/advice"
)

// equality compiles == and !=. What is of different kinds is not equal, which is a mistake when it can be seen beforehand.
func (c *Compiler) equality(op string, at int, a, b Expression) Expression {
	if a.Kind == AnEvent && b.Kind == Text && b.Constant {
		return c.Mistake(a.Offset, "event is the whole event; its name is called name", "write name "+op+" "+advice.Quote(b.Fixed.Text()))
	}
	if !a.Kind.fits(b.Kind) && !b.Kind.fits(a.Kind) {
		return c.Mistake(at, a.Called()+" is "+a.Kind.String()+" and "+b.Called()+" is "+b.Kind.String()+": they are never equal", convert(a, b))
	}
	equal := func(m *Machine) bool {
		v, w := a.Value(m), b.Value(m)
		return m.compares(at, v) && v.Equal(w)
	}
	switch {
	case (a.Kind == Moment || b.Kind == Moment) && a.Kind != Nothing && b.Kind != Nothing:
		if x, ok := noTime(a, b); ok {
			return c.Mistake(x.Offset, advice.Quote(x.Fixed.Text())+" is not a time", timeCure)
		}
		equal = func(m *Machine) bool {
			s, oka := a.AsMoment(m)
			t, okb := b.AsMoment(m)
			return oka && okb && s.Equal(t)
		}
	case a.text != nil && b.Kind == Text && b.Constant:
		s, want := a.text, b.Fixed.Text()
		equal = func(m *Machine) bool { return s(m) == want }
	case a.Kind == Text && b.Kind == Text:
		equal = func(m *Machine) bool {
			s, _ := a.AsText(m)
			t, _ := b.AsText(m)
			return s == t
		}
	case a.truth != nil && b.truth != nil:
		equal = func(m *Machine) bool { return a.truth(m) == b.truth(m) }
	}
	if op == "!=" {
		is := equal
		equal = func(m *Machine) bool { return !is(m) }
	}
	x := TruthExpression(at, "", equal)
	switch {
	case b.Constant:
		x.bound = a.bound.Equal(b.Fixed)
	case a.Constant:
		x.bound = b.bound.Equal(a.Fixed)
	}
	if op == "!=" {
		x.bound = x.bound.Not()
	}
	return c.Fold(x, a, b)
}

// convert suggests how a text and a number can be compared.
func convert(a, b Expression) string {
	switch {
	case a.Kind == Text && b.Kind == Number && !a.Constant:
		return "write number(" + a.Called() + ")"
	case b.Kind == Text && a.Kind == Number && !b.Constant:
		return "write number(" + b.Called() + ")"
	case a.Kind == Text && b.Kind == Number || a.Kind == Number && b.Kind == Text:
		return "write numbers without quotes"
	}
	return ""
}

// order compiles <, <=, > and >=, of two numbers, two texts or two times. Nil is neither less nor more than anything.
func (c *Compiler) order(op string, at int, a, b Expression) Expression {
	for _, x := range []Expression{a, b} {
		if !x.Kind.fits(Number) && !x.Kind.fits(Text) && x.Kind != Moment {
			return c.Mistake(x.Offset, op+" compares numbers, texts or times, and "+x.Called()+" is "+x.Kind.String(), "")
		}
	}
	if !a.Kind.fits(b.Kind) && !b.Kind.fits(a.Kind) {
		return c.Mistake(at, op+" cannot compare "+a.Kind.String()+" with "+b.Kind.String(), convert(a, b))
	}
	if fact, cure := mismatch(&a, &b); fact != "" {
		return c.Mistake(at, fact, cure)
	}
	holds := map[string]func(int) bool{"<": func(i int) bool { return i < 0 }, "<=": func(i int) bool { return i <= 0 },
		">": func(i int) bool { return i > 0 }, ">=": func(i int) bool { return i >= 0 }}[op]
	if a.Kind == Moment || b.Kind == Moment {
		if x, ok := noTime(a, b); ok {
			return c.Mistake(x.Offset, advice.Quote(x.Fixed.Text())+" is not a time", timeCure)
		}
		return TruthExpression(at, "", func(m *Machine) bool {
			s, oka := a.AsMoment(m)
			t, okb := b.AsMoment(m)
			return oka && okb && holds(s.Compare(t))
		})
	}
	return c.Fold(TruthExpression(at, "", func(m *Machine) bool {
		v, w := a.Value(m), b.Value(m)
		if v.IsNull() || w.IsNull() {
			return false
		}
		if !m.compares(at, v) {
			return false
		}
		i, ok := Compare(v, w)
		if !ok {
			wrong, value := &a, v
			if v.Kind() != event.Text {
				wrong, value = &b, w
			}
			m.Fail(at, op+" cannot compare "+KindOf(v).String()+" with "+KindOf(w).String()+": "+wrong.describe(value),
				"number(...) makes a number of a text")
			return false
		}
		return holds(i)
	}), a, b)
}

// noTime returns the one that is written out and cannot be read as a time.
func noTime(xs ...Expression) (Expression, bool) {
	for _, x := range xs {
		if _, ok := readTime(x.Fixed); x.Constant && !ok && !x.Fixed.IsNull() {
			return x, true
		}
	}
	return Expression{}, false
}

// Compare orders two numbers or two texts.
func Compare(v, w event.Value) (i int, ok bool) {
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

func (c *Compiler) textTest(op string, at int, a, b Expression) Expression {
	for _, x := range []Expression{a, b} {
		if !x.Kind.fits(Text) {
			cure := ""
			if op == "contains" && x.Kind.fits(List) {
				cure = "whether something is in a list is asked the other way round: ... in " + x.Called()
			}
			return c.Mistake(x.Offset, op+" expects texts, but "+x.Called()+" is "+x.Kind.String(), cure)
		}
	}
	test := map[string]func(s, part string) bool{"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix}[op]
	return c.Fold(TruthExpression(at, "", func(m *Machine) bool {
		s, oka := a.AsText(m)
		part, okb := b.AsText(m)
		return oka && okb && test(s, part)
	}), a, b)
}

// matches compiles a regular expression once, at load: that is why it has to be written out.
func (c *Compiler) matches(at int, a, b Expression) Expression {
	if !a.Kind.fits(Text) {
		return c.Mistake(a.Offset, "matches expects text, but "+a.Called()+" is "+a.Kind.String(), "")
	}
	if !b.Constant || b.Kind != Text {
		return c.Mistake(b.Offset, "the pattern of matches has to be a text in quotes", "")
	}
	re, err := regexp.Compile(b.Fixed.Text())
	if err != nil {
		return c.Mistake(b.Offset, "the pattern cannot be read: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "),
			"the syntax is RE2's, which has no look-around and no back-references")
	}
	return c.Fold(TruthExpression(at, "", func(m *Machine) bool {
		s, ok := a.AsText(m)
		return ok && re.MatchString(s)
	}), a, b)
}

// in compiles "an element of a list" and "a key of an object".
func (c *Compiler) in(at int, a, b Expression) Expression {
	switch {
	case b.Kind == Text:
		return c.Mistake(b.Offset, "in expects a list or an object on the right, but "+b.Called()+" is text", "write "+b.Called()+" contains ...")
	case !b.Kind.fits(List) && !b.Kind.fits(Object):
		return c.Mistake(b.Offset, "in expects a list or an object on the right, but "+b.Called()+" is "+b.Kind.String(), "")
	}
	if b.Constant && b.Kind == List {
		all := b.Fixed.List()
		if a.Kind == Text {
			return c.Fold(TruthExpression(at, "", func(m *Machine) bool {
				s, _ := a.AsText(m)
				for i := range all {
					if all[i].Kind() == event.Text && all[i].Text() == s {
						return true
					}
				}
				return false
			}), a, b)
		}
	}
	return c.Fold(TruthExpression(at, "", func(m *Machine) bool {
		v := a.Value(m)
		if b.Object != nil {
			_, there := b.Object(m).Find(v.Text())
			return there
		}
		w := b.Value(m)
		if w.Kind() == event.Object {
			_, there := w.Object().Find(v.Text())
			return there && v.Kind() == event.Text
		}
		each := 0 // a few numbers or short texts are compared in no time
		if v.Kind() >= event.List || len(v.Text()) >= longText {
			each = m.Weight(v)
		}
		if !m.Spend(at, len(w.List())/BytesPerSteps+len(w.List())*each) {
			return false
		}
		for _, one := range w.List() {
			if one.Equal(v) {
				return true
			}
		}
		if w.Kind() != event.List && !w.IsNull() {
			m.Fail(b.Offset, b.describe(w)+", not a list", "")
		}
		return false
	}), a, b)
}

// parameterOf returns the name of a parameter that GA4 recommends, "" for everything else.
func parameterOf(x *Expression) string {
	name, ok := strings.CutPrefix(x.source, "params.")
	if !ok || !advice.IsAmount(name) && !advice.IsWord(name) {
		return ""
	}
	return name
}

// mismatch is what is wrong with comparing two parts by size, as far as the names of parameters tell; "" for nothing.
func mismatch(a, b *Expression) (fact, cure string) {
	for _, pair := range [][2]*Expression{{a, b}, {b, a}} {
		field, other := pair[0], pair[1]
		name := parameterOf(field)
		if name == "" || !other.Constant {
			continue
		}
		switch other.Kind {
		case Number:
			if advice.IsWord(name) {
				return field.Called() + " is text, and " + other.Fixed.Text() + " is a number", "compare a number, such as params.value"
			}
		case Text:
			if _, ok := event.NumberText(other.Fixed.Text()); ok && advice.IsAmount(name) {
				return field.Called() + " is a number, and " + advice.Quote(other.Fixed.Text()) + " is text", "write " + other.Fixed.Text() + " without quotes"
			}
		}
	}
	return "", ""
}
