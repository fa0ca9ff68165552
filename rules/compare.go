package rules

import (
	"regexp"
	"strings"

	"headgate/event"
)

// equality compiles == and !=. What is of different kinds is not equal, which is a mistake when it can be seen beforehand.
func (c *compiler) equality(op string, at int, a, b expression) expression {
	if !a.kind.fits(b.kind) && !b.kind.fits(a.kind) {
		return c.mistake(at, a.called()+" is "+a.kind.String()+" and "+b.called()+" is "+b.kind.String()+": they are never equal", convert(a, b))
	}
	equal := func(m *Machine) bool {
		v, w := a.value(m), b.value(m)
		return m.compares(at, v) && v.Equal(w)
	}
	switch {
	case (a.kind == moment || b.kind == moment) && a.kind != nothing && b.kind != nothing:
		if x, ok := noTime(a, b); ok {
			return c.mistake(x.offset, quote(x.fixed.Text())+" is no time", timeCure)
		}
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
	x := truthExpression(at, "", equal)
	switch {
	case b.constant:
		x.bound = a.bound.equal(b.fixed)
	case a.constant:
		x.bound = b.bound.equal(a.fixed)
	}
	if op == "!=" {
		x.bound = x.bound.not()
	}
	return c.fold(x, a, b)
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
		if x, ok := noTime(a, b); ok {
			return c.mistake(x.offset, quote(x.fixed.Text())+" is no time", timeCure)
		}
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
		if !m.compares(at, v) {
			return false
		}
		i, ok := compare(v, w)
		if !ok {
			wrong, value := &a, v
			if v.Kind() != event.Text {
				wrong, value = &b, w
			}
			m.fail(at, op+" cannot compare "+kindOf(v).String()+" with "+kindOf(w).String()+": "+wrong.describe(value),
				"number(...) makes a number of a text")
			return false
		}
		return holds(i)
	}), a, b)
}

// noTime returns the one that is written out and cannot be read as a time.
func noTime(xs ...expression) (expression, bool) {
	for _, x := range xs {
		if _, ok := readTime(x.fixed); x.constant && !ok && !x.fixed.IsNull() {
			return x, true
		}
	}
	return expression{}, false
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
		each := 0 // a few numbers or short texts are compared in no time
		if v.Kind() >= event.List || len(v.Text()) >= longText {
			each = weight(v, m.steps)
		}
		if !m.spend(at, len(w.List())/bytesPerSteps+len(w.List())*each) {
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
