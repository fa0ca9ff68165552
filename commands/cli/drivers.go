package cli

import (
	"headgate/destinations"
	"headgate/destinations/bigquery"
	"headgate/destinations/clickhouse"
	"headgate/destinations/databricks"
	"headgate/destinations/jsonl"
	"headgate/destinations/kafka"
	"headgate/destinations/mysql"
	"headgate/destinations/nats"
	"headgate/destinations/parquet"
	"headgate/destinations/postgres"
	"headgate/destinations/snowflake"
	"headgate/destinations/sqlite"
)

// Drivers are the destinations that are written in Go.
func Drivers() map[string]destinations.NewDriver {
	return map[string]destinations.NewDriver{"bigquery": bigquery.NewDriver, "clickhouse": clickhouse.NewDriver, "databricks": databricks.NewDriver, "jsonl": jsonl.NewDriver,
		"kafka": kafka.NewDriver, "mysql": mysql.NewDriver, "nats": nats.NewDriver, "parquet": parquet.NewDriver, "postgres": postgres.NewDriver, "snowflake": snowflake.NewDriver,
		"sqlite": sqlite.NewDriver}
}
