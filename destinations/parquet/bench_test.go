package parquet_test

import (
	"fmt"
	"testing"

	"headgate/destinations/conformance"
)

// BenchmarkRowsIntoParquet writes files of 5,000 rows.
func BenchmarkRowsIntoParquet(b *testing.B) {
	conformance.Rows(b, destination(b, fmt.Sprintf("{to: %q}", b.TempDir())), 5000, 2)
}
