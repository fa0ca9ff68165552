// Package parquet is the driver that keeps events as Parquet files, for DuckDB, ClickHouse, Spark, BigQuery and the like: a typed
// row for each event. Where the files are and what they are called is package files'.
package parquet

import (
	"headgate/destinations"
	"headgate/destinations/files"
	"headgate/destinations/rows"
	"headgate/document"
)

// NewDriver judges the settings of parquet.yaml.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	return files.NewDriver(o, files.Format{
		Extension: ".parquet", ContentType: "application/vnd.apache.parquet",
		Events: NewWriter[destinations.Sending], Decisions: NewWriter[rows.Decision], Mentions: mentions, Read: readRows,
	})
}
