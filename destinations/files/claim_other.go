//go:build !unix

package files

import "os"

// claim has nothing to do where an open file cannot be removed anyway.
func claim(*os.File) error { return nil }
