package proxy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/proxy/door"
)

const ofTheTill = "a secret that the till knows"

// startTill runs a server that takes what a till signs.
func startTill(t *testing.T, folder string, s *sink) *running {
	t.Helper()
	secret := filepath.Join(folder, "till.secret")
	if err := os.WriteFile(secret, []byte(ofTheTill), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, folder, s, "")
	text, err := os.ReadFile(r.config)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "sources: {", `sources: {till: {use: webhook, secret: "${file:`+secret+`}", verify: {header: X-Signature}}, `, 1))
	if err := os.WriteFile(r.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// sold walks one delivery of the till.
func (r *running) sold(body string) (status int, retryAfter, said string) {
	mac := hmac.New(sha256.New, []byte(ofTheTill))
	mac.Write([]byte(body))
	h := event.Hit{Method: "POST", Path: "/hooks/till", Body: []byte(body), Received: time.Now(), Peer: netip.MustParseAddr("192.0.2.9"),
		Headers: event.Headers{{Name: "x-signature", Value: hex.EncodeToString(mac.Sum(nil))}}}
	in := &door.Incoming{Hit: h, Lease: r.reading.Lease()}
	defer in.Lease.Release()
	a := r.answer(in)
	return a.Status, a.Headers.Get("retry-after"), string(a.Body)
}

// What the log did not take is asked for again, and then taken; what it took is not taken a second time.
func TestADeliveryThatTheLogCannotTakeMayComeAgain(t *testing.T) {
	folder, s := t.TempDir(), newSink(t)
	r := startTill(t, folder, s)
	const sale = `{"name":"purchase","id":"T-1","consent":{"analytics":true}}`
	if err := r.log.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if status, after, said := r.sold(sale); status != 503 || after == "" {
		t.Fatalf("answered %d, Retry-After %q, %s", status, after, said)
	}
	if status, _, said := r.sold(sale); status != 503 {
		t.Fatalf("it is taken for a repeated one: %d %s", status, said)
	}
	r.stop()
	r = startTill(t, folder, s)
	for _, want := range []string{`{"accepted":1}`, `{"accepted":0,"why":"it was taken before"}`} {
		if status, _, said := r.sold(sale); status != 200 || said != want {
			t.Errorf("answered %d %s, want %s", status, said, want)
		}
	}
	r.stop()
	r = startTill(t, folder, s)
	if status, _, said := r.sold(sale); status != 200 || said != `{"accepted":0,"why":"it was taken before"}` {
		t.Errorf("after a restart: %d %s", status, said)
	}
	s.await(t, 1)
}

// A sender that signs is no stranger: some of them never send again. What is forged leaves no trace in the log.
func TestSendersThatSignAreLetInWhileTheLogIsNearlyFull(t *testing.T) {
	r := startTill(t, t.TempDir(), newSink(t))
	r.nearlyFull = func() bool { return true }
	if status, _, said := r.sold(`{"name":"purchase","id":"T-1"}`); status != 200 {
		t.Errorf("answered %d %s", status, said)
	}
	h := event.Hit{Method: "POST", Path: "/hooks/till", Body: []byte(`{}`), Received: time.Now(), Peer: netip.MustParseAddr("192.0.2.9")}
	in := &door.Incoming{Hit: h, Lease: r.reading.Lease()}
	defer in.Lease.Release()
	if a := r.answer(in); a.Status != 401 {
		t.Errorf("a forged one is answered %d", a.Status)
	}
	if s, err := r.Status(t.Context()); err != nil || s.Accepted != 1 {
		t.Errorf("%d events accepted, %v", s.Accepted, err)
	}
}

// A delivery that is signed is a server's word about its customer, and a silent one is no customer's word at all.
func TestWhoseWordADeliveryIs(t *testing.T) {
	folder := t.TempDir()
	r := startTill(t, folder, newSink(t))
	for i, said := range []string{`,"consent":{"analytics":true}`, ``, `,"consent":{"analytics":false}`} {
		if status, _, answer := r.sold(`{"name":"purchase","id":"T-` + string(rune('1'+i)) + `","user":{"client_id":"1.2"}` + said + `}`); status != 200 {
			t.Fatal(status, answer)
		}
	}
	if all := awaitReceipts(t, folder, 2); len(all) != 2 || all[0].KnownBy != people.KnownByServer {
		t.Errorf("%d receipts: %+v", len(all), all)
	}
}
