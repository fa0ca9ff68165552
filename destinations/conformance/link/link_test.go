package link_test

import (
	"io"
	"net"
	"testing"

	"headgate/destinations/conformance/link"
)

func TestNothingGetsThroughButWhatMay(t *testing.T) {
	store, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l := link.New(t)
	client, err := net.Dial("tcp", l.To(t, store.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	there, err := store.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	exchange := func(send, arrives string) {
		t.Helper()
		if _, err := io.WriteString(client, send); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(arrives))
		if _, err := io.ReadFull(there, got); err != nil || string(got) != arrives {
			t.Errorf("%q arrives, want %q: %v", got, arrives, err)
		}
	}
	exchange("open", "open")
	l.Shut()
	before := l.Waits()
	if _, err := io.WriteString(client, "shut"); err != nil {
		t.Fatal(err)
	}
	l.Await(before)
	l.Pass(2)
	exchange("", "sh")
	if _, err := io.WriteString(there, "answers get through"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(client, make([]byte, 19)); err != nil {
		t.Fatal(err)
	}
	l.Open()
	exchange("!", "ut!")
}
