package count

import (
	"strings"
	"testing"
	"unsafe"
)

func TestASymbolHoldsNothingButItsText(t *testing.T) {
	event := "/product/1" + strings.Repeat(" and much more", 1000)
	page := event[:len("/product/1")]
	s := NewSymbols()
	kept := s.Text(s.ID(page))
	if kept != page || unsafe.StringData(kept) == unsafe.StringData(page) {
		t.Errorf("%q keeps the whole event in memory", kept)
	}
	if again := s.ID("/product/1"); s.Text(again) != kept || len(s.Texts()) != len(NewSymbols().Texts())+1 {
		t.Error("a text has two numbers")
	}
}
