package queue_test

import (
	"testing"
	"time"
)

// until asks again and again whether something holds that other goroutines or processes bring about. After 90 seconds the test fails
// with what there is then.
func until(t *testing.T, holds func() bool, is func() string) {
	t.Helper()
	for limit := time.Now().Add(90 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal(is())
		}
	}
}
