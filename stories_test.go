package main_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestStories runs the scripts of testdata against the real program.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireUniqueNames: true})
}
