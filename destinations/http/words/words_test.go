package words

import (
	"strings"
	"testing"

	"headgate/event"
)

func TestAnAnswerNestedTooDeepIsText(t *testing.T) {
	deep := strings.Repeat("[", 500_000)
	if v := ReadBody([]byte(deep)); v.Kind() != event.Text {
		t.Fatalf("kind %d", v.Kind())
	}
	if v := ReadBody([]byte(`{"a":"[[[[","b":[{"c":1}]}`)); v.Kind() != event.Object {
		t.Fatalf("kind %d", v.Kind())
	}
}
