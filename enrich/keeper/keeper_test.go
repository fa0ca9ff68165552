package keeper_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/enrich/keeper"
)

var start = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

// browser is Safari with the cookies of one site, which it keeps across visits.
type browser struct {
	t       *testing.T
	keeper  *keeper.Keeper
	cookies map[string]string
	order   []string
	refused map[string]bool // purposes
	life    map[string]time.Duration
}

func newBrowser(t *testing.T, names ...string) *browser {
	return &browser{t: t, keeper: keeper.New("_k", names), cookies: map[string]string{}, refused: map[string]bool{}, life: map[string]time.Duration{}}
}

func (b *browser) has(name, value string) {
	if _, there := b.cookies[name]; !there {
		b.order = append(b.order, name)
	}
	b.cookies[name] = value
}

func (b *browser) header() string {
	var pairs []string
	for _, name := range b.order {
		if value, there := b.cookies[name]; there {
			pairs = append(pairs, name+"="+value)
		}
	}
	return strings.Join(pairs, "; ")
}

// visit sends a request so long after the start, and takes what the answer sets. It returns the names of what was set and
// removed, but for the cookie that remembers.
func (b *browser) visit(after time.Duration) (set, removed []string) {
	b.t.Helper()
	clear(b.life)
	granted := slices.DeleteFunc(keeper.Purposes(), func(purpose string) bool { return b.refused[purpose] })
	for _, s := range b.keeper.Keep(&keeper.Visit{Cookies: b.header(), Now: start.Add(after), Granted: granted}) {
		switch {
		case s.MaxAge == 0:
			delete(b.cookies, s.Name)
			if s.Name != "_k" {
				removed = append(removed, s.Name)
			}
		default:
			b.has(s.Name, s.Value)
			b.life[s.Name] = s.MaxAge
			if s.Name != "_k" {
				set = append(set, s.Name)
			}
		}
	}
	return set, removed
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

const (
	day   = 24 * time.Hour
	ga    = "GA1.1.1309730329.1709757290"
	fbp   = "fb.1.1795341600000.1098115397"
	gclAw = "GCL.1795341600.Cj0KCQ-abc_1"
)

func TestWhatSafariRemovedIsSetAgainAsItWas(t *testing.T) {
	b := newBrowser(t)
	b.has("_ga", ga)
	b.has("_gcl_aw", gclAw)
	set, _ := b.visit(0)
	expect(t, "the first visit sets", set)
	delete(b.cookies, "_ga")
	delete(b.cookies, "_gcl_aw")
	set, _ = b.visit(8 * day)
	expect(t, "after 8 days it sets", set, "_ga", "_gcl_aw")
	if b.cookies["_ga"] != ga || b.cookies["_gcl_aw"] != gclAw {
		t.Errorf("set again: %v", b.cookies)
	}
	if b.life["_gcl_aw"] != 82*day || b.life["_ga"] != 392*day {
		t.Errorf("it lives %v", b.life)
	}
}

func TestALifeCountsFromTheFirstSight(t *testing.T) {
	b := newBrowser(t)
	b.has("_gcl_aw", gclAw)
	b.visit(0)
	for week := 1; week <= 12; week++ {
		delete(b.cookies, "_gcl_aw")
		set, _ := b.visit(time.Duration(week) * 7 * day)
		expect(t, "set", set, "_gcl_aw")
		if want := 90*day - time.Duration(week)*7*day; b.life["_gcl_aw"] != want {
			t.Fatalf("week %d: it lives %v, want %v", week, b.life["_gcl_aw"], want)
		}
	}
	delete(b.cookies, "_gcl_aw")
	set, _ := b.visit(91 * day)
	expect(t, "set after its life", set)
}

func TestTheSameValueDoesNotBeginAnewAfterItsLife(t *testing.T) {
	b := newBrowser(t)
	b.has("_fbp", fbp)
	for d := time.Duration(0); d <= 95*day; d += 5 * day { // the tag writes it each time
		b.visit(d)
	}
	delete(b.cookies, "_fbp")
	set, _ := b.visit(100 * day)
	expect(t, "set", set)
}

func TestAValueThatATagRewritesStaysTheSameCookie(t *testing.T) {
	b := newBrowser(t)
	b.has("_ga_ABC", "GS2.1.s1$o1$g0$t1")
	b.visit(0)
	b.has("_ga_ABC", "GS2.1.s2$o2$g0$t2")
	b.visit(300 * day)
	delete(b.cookies, "_ga_ABC")
	set, _ := b.visit(310 * day)
	expect(t, "set", set, "_ga_ABC")
	if b.cookies["_ga_ABC"] != "GS2.1.s2$o2$g0$t2" || b.life["_ga_ABC"] != 90*day {
		t.Errorf("%v lives %v", b.cookies, b.life)
	}
}

func TestACookieThatSomebodyDeletedStaysDeleted(t *testing.T) {
	b := newBrowser(t)
	b.has("_ga", ga)
	b.has("_fbp", fbp)
	b.visit(0)
	delete(b.cookies, "_ga") // sooner than Safari removes any
	set, _ := b.visit(5 * time.Hour)
	expect(t, "set", set)
	set, _ = b.visit(10 * day)
	expect(t, "set later", set)
	if strings.Contains(b.cookies["_k"], "1309730329") {
		t.Errorf("it is still remembered: %s", b.cookies["_k"])
	}
}

func TestWhatIsThereIsNeverReplaced(t *testing.T) {
	b := newBrowser(t)
	b.has("_ga", ga)
	b.visit(0)
	b.has("_ga", "GA1.1.5.1795860000") // the tag has made another before us
	set, _ := b.visit(8 * day)
	expect(t, "set", set)
	delete(b.cookies, "_ga")
	b.visit(16 * day)
	if b.cookies["_ga"] != "GA1.1.5.1795860000" {
		t.Errorf("set again: %s", b.cookies["_ga"])
	}
}

func TestARefusedPurposeIsForgottenAndTakenBack(t *testing.T) {
	b := newBrowser(t)
	b.has("_ga", ga)
	b.has("_fbp", fbp)
	b.visit(0)
	delete(b.cookies, "_fbp")
	b.visit(8 * day)
	b.refused["ads"] = true
	set, removed := b.visit(9 * day)
	expect(t, "set", set)
	expect(t, "removed", removed, "_fbp")
	if strings.Contains(b.cookies["_k"], "1098115397") || !strings.Contains(b.cookies["_k"], "1309730329") {
		t.Errorf("remembered: %s", b.cookies["_k"])
	}
	b.refused["analytics"] = true
	_, removed = b.visit(10 * day)
	expect(t, "removed, where the tag's own is still there", removed)
	if b.cookies["_k"] != "" || b.cookies["_ga"] != ga {
		t.Errorf("the browser has %v", b.cookies)
	}
}

func TestNothingIsRememberedOfAVisitorWhoRefused(t *testing.T) {
	b := newBrowser(t)
	b.refused["ads"], b.refused["analytics"] = true, true
	b.has("_ga", ga)
	b.has("_fbp", fbp)
	b.visit(0)
	if b.cookies["_k"] != "" {
		t.Errorf("remembered: %s", b.cookies["_k"])
	}
}

func TestOnlyTheNamedCookiesAreKept(t *testing.T) {
	b := newBrowser(t, "_fbp", "_ga_*")
	b.has("_ga", ga)
	b.has("_fbp", fbp)
	b.has("_ga_X", "GS1.1.1.2.0.3.0")
	b.visit(0)
	clear(b.cookies)
	b.has("_k", "1!_ga:"+ga+":tqpzk0:tqpzk0")
	if set, _ := b.visit(8 * day); len(set) > 0 {
		t.Errorf("set: %v", set)
	}
}

// Each format has what it takes and what it does not.
func TestOnlyValuesOfTheTagsFormatAreSetAgain(t *testing.T) {
	const id = "0a1b2c3d-1111-4222-8333-444455556666"
	const hex = "0123456789abcdef0123456789abcdef"
	for name, values := range map[string][2][]string{
		"_ga":              {{ga, "GA1.2-3.5.6"}, {"GA1.1.x.6", "GA1.1.5", "GA2.1.5.6", "GA1.1.5.6.7", ""}},
		"_ga_X1":           {{"GS2.1.s1746500000$o3$g1$t1746538151$j0$l0$h596000001", "GS1.1.1746500000.4.1.1746538151.0.0.0"}, {"GS3.1.s1", "GS2.1.o1", "GS1.1.x.1.2.3.4", "GS2.1.s1 x"}},
		"_fbp":             {{fbp, fbp + ".AQQCAQIB"}, {"fb.1.x.1", "fb1.1.1.1", "fb.1.1.", "fb.1.1.a.b.c", "fb.1.1.<a>"}},
		"_gcl_aw":          {{gclAw, "1.1795341600.abc", "2.1.kabc$i1795341600"}, {"GCL.x.abc", "GCL.1", "3.1.kabc", "2.1.abc", "GCL.1.a b"}},
		"_gcl_au":          {{"1.1.123.1795341600", "1.1.123.1795341600.5.6.7"}, {"1.1.x.1", "2.1.1.1", "1.1.1"}},
		"_ttp":             {{"2Kj3h4G5f6D7s8A9q0W1e2R3t4Y"}, {"short", "2Kj3h4G5f6D7s8A9q0W1e2R3 t4Y"}},
		"_scid":            {{id}, {"x", id + "!"}},
		"_pin_unauth":      {{"dWlkPU5qVXpORFUyTURZdE5EUTA="}, {"dWlkPQ==", "bm90aGluZw==", "%"}},
		"_uetmsclkid":      {{"_uet" + hex}, {hex, "_uetxyz"}},
		"_uetvid":          {{hex, hex + "%7Cabc%7C2%7Cg1a%7C0%7C9"}, {hex + "%7C<", "abc"}},
		"li_fat_id":        {{id}, {hex, id + "0", "0a1b2c3d-1111-4222-8333-44445555666g"}},
		"_rdt_uuid":        {{"1795341600000." + id}, {id, "x." + id}},
		"_twclid":          {{"%7B%22twclid%22%3A%22abcdefgh1%22%7D"}, {"{}", "%7B%22twclid%22%3A1%7D", "%zz"}},
		"hubspotutk":       {{hex}, {"abc"}},
		"__hstc":           {{"1." + hex + ".1.2.3.4"}, {"1." + hex + ".1.2.3", "x." + hex + ".1.2.3.4", "1.abc.1.2.3.4"}},
		"ajs_anonymous_id": {{id, `"` + id + `"`, "%22" + id + "%22"}, {"%22a%3Bb%22", "x"}},
		"rl_anonymous_id":  {{"RS_ENC_v3_ImY4YjEi", id}, {"RS_ENC_v3_", "RudderEncrypt%3AU2FsdGVk"}},
		"_sp_id.1fff":      {{id + ".1795341600.3.1795341700.1795341650." + id, id + ".1795341600.3.1795341700.." + id + "...."}, {id + ".1.2.3", "x.1.2.3.4." + id}},
		"_pk_id.1.1fff":    {{"0123456789abcdef.1700000000.", "0123456789abcdef.1700000000.1.2.3."}, {"0123456789abcdef", "xyz.1."}},
		"_clck":            {{"abc123%7C2%7Cfxo%7C0%7C1500", "abc123^2^fxo^0^1500"}, {"abc123", "a|b|c|d|<script>"}},
		"_epik":            {{"dj0yJnU9abc"}, {"<script>", "short"}},
		"__eventn_id":      {{"k3j4h5g6f7"}, {"k3", "k3j4h5g6f7!"}},
	} {
		for wrong, list := range values {
			for _, value := range list {
				b := newBrowser(t)
				b.has(name, value)
				b.visit(0)
				if kept := b.cookies["_k"] != ""; kept == (wrong == 1) {
					t.Errorf("%s=%s is kept: %v", name, value, kept)
				}
				delete(b.cookies, name)
				if b.visit(3 * day); wrong == 0 && b.cookies[name] != value {
					t.Errorf("%s=%s comes back as %q", name, value, b.cookies[name])
				}
			}
		}
	}
}

func TestWhatWeDidNotWriteIsIgnored(t *testing.T) {
	for _, value := range []string{"", "1", "2!_ga:" + ga + ":tnt0g0:tnt0g0", "1!_ga:x:tnt0g0:tnt0g0", "1!session:secret:tnt0g0:tnt0g0", "1!_ga:" + ga + ":tnt0g0",
		"1!_ga:" + ga + ":-5:tnt0g0", "1!_ga:" + ga + ":zzzzzzz:zzzzzzz", "1!_ga:" + ga + ":tnt0g0:tn", "1!%zz:" + ga + ":tnt0g0:tnt0g0", "1!!!:::::"} {
		b := newBrowser(t)
		b.has("_k", value)
		if set, _ := b.visit(8 * day); len(set) > 0 {
			t.Errorf("%s: sets %v", value, set)
		}
	}
}

func TestTheMostValuableFitFirst(t *testing.T) {
	b := newBrowser(t)
	for c := byte('A'); c <= 'Z'; c++ {
		b.has("_ga_"+string(c), "GS2.1.s1746500000$o3$g1$"+strings.Repeat("t", 150))
	}
	b.has("_ga", ga)
	b.visit(0)
	if value := b.cookies["_k"]; len(value) > 3500 || !strings.HasPrefix(value, "1!_ga:"+ga+":") {
		t.Errorf("%d bytes: %s", len(value), value)
	}
}

func TestAnAnswerCarriesNothingWhenNothingChanges(t *testing.T) {
	b := newBrowser(t)
	b.has("_ga", ga)
	b.visit(0)
	if b.visit(10 * time.Minute); len(b.life) > 0 {
		t.Errorf("set: %v", b.life)
	}
	if b.visit(2 * time.Hour); len(b.life) != 1 {
		t.Errorf("after two hours the last sight is noted: %v", b.life)
	}
}

func FuzzKeep(f *testing.F) {
	f.Add("_ga="+ga+"; _k=1!_fbp:fb.1.2.3:tnt0g0:tnt0g0:r; _gcl_aw="+gclAw, true, false)
	f.Add("_k=1!_ga:%47A1.1.5.6:0:0!;_pin_unauth=dWlkPQ==;_twclid=%7B", true, true)
	k := keeper.New("_k", nil)
	f.Fuzz(func(t *testing.T, cookies string, analytics, ads bool) {
		var granted []string
		if analytics {
			granted = append(granted, "analytics")
		}
		if ads {
			granted = append(granted, "ads")
		}
		for _, s := range k.Keep(&keeper.Visit{Cookies: cookies, Now: start, Granted: granted}) {
			if strings.ContainsAny(s.Name+s.Value, ";\r\n\x00 ,") || s.MaxAge > 400*day || s.MaxAge < 0 || len(s.Value) > 3500 {
				t.Fatalf("%q sets %+v", cookies, s)
			}
			if s.MaxAge > 0 && !analytics && !ads {
				t.Fatalf("%q: refused, and yet it sets %+v", cookies, s)
			}
		}
	})
}
