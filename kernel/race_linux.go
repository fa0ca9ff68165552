//go:build race

package kernel

// raced: the race detector learns from Go's own calls what comes before what.
const raced = true
