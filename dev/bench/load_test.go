package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAHitThatIsRefusedIsNoFigure(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	if err := send(refusing.Client(), refusing.URL+hit); err == nil || !strings.Contains(err.Error(), "a hit was answered 404") {
		t.Errorf("got %v", err)
	}
}
