// Package tests_test tests the real program from outside: stories, faults, clusters, memory. It also holds the rules of the
// source tree itself (imports_test.go).
package tests_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestStories runs the scripts of testdata against the real program.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireUniqueNames: true})
}
