package google

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"headgate/event"
	"headgate/event/wire"
)

func TestPutIsSetHoweverManyNamesShareABit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var fast, slow event.Map
	var seen names
	for i := range 2000 {
		name := fmt.Sprintf("p%d", random.IntN(400))
		if i%10 == 0 {
			name = ""
		}
		v := event.Float(float64(i))
		put(&fast, &seen, name, v)
		slow.Set(name, v)
	}
	if got, want := string(fast.AppendJSON(nil)), string(slow.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAPairIsCutAsEverywhere(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		b := make([]byte, random.IntN(12))
		for i := range b {
			b[i] = "ab&=%+&=1"[random.IntN(9)]
		}
		query := string(b)
		pair, name, value, rest := wire.CutPair(query)
		escaped := wire.FindEscape(pair) >= 0
		if p, n, v, e, r := cutPair(query); p != pair || n != name || v != value || e != escaped || r != rest {
			t.Fatalf("%q is cut to %q, %q, %q, %v, %q", query, p, n, v, e, r)
		}
	}
}

func TestALineRepeatsWhatTheQuerySaidInItsPlace(t *testing.T) {
	var common, own event.Event
	shared, why := newGA4Params(&common, "v=2&tid=G-1&gcs=G100&ep.a=1&ep.b=2&cu=EUR&up.plan=free", new(event.Arena))
	if why != "" {
		t.Fatal(why)
	}
	p, why := shared.with(&own, "en=x&gcs=G111&ep.b=3&ep.c=4&cu=USD&up.plan=pro&ep.ga4=mine&ep.ga4=theirs")
	if why != "" {
		t.Fatal(why)
	}
	p.finish()
	want := `{"name":"x","user":{"traits":{"plan":"pro"}},"params":{"a":"1","b":"3","currency":"USD","c":"4","ga4":{"v":"2","tid":"G-1","gcs":"G111","ep.ga4":"theirs"}}}`
	if got := string(own.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := common.Params.Text("b"); got != "2" {
		t.Errorf("what the lines share was changed: b is %s", got)
	}
}

func TestHashesBecomeHexadecimal(t *testing.T) {
	t.Parallel()
	const hash = "fuHajdqfF-U1dsvhrjKZeo3dF7FgZCnHSjjuQU4gUf4"
	const want = "7ee1da8dda9f17e53576cbe1ae32997a8ddd17b1606429c74a38ee414e2051fe"
	if got := hexHash(hash); got != want {
		t.Errorf("%s", got)
	}
	for _, other := range []string{want, "jane", "", "AAAA"} {
		if got := hexHash(other); got != other {
			t.Errorf("%s became %s", other, got)
		}
	}
}
