package loaders_test

import (
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/destinations/files/loaders"
	"headgate/destinations/rows"
)

func columns() (list []loaders.Column) {
	for _, c := range rows.Events([]destinations.Column{{Name: "margin", Type: destinations.NumberColumn}, {Name: destinations.RejectedColumn, Type: destinations.JSONColumn}}) {
		list = append(list, loaders.Column{Name: c.Name, Type: c.Type})
	}
	return list
}

func TestTheStatementsOfAStoreHaveOurColumnsAndFolders(t *testing.T) {
	for _, c := range []struct {
		store, address, partition string
		parquet                   bool
		statements                int
		want                      []string
	}{
		{"snowflake", "s3://b/events", "date", true, 3, []string{"    id VARCHAR,\n    name VARCHAR,\n    time TIMESTAMP_NTZ(3),", "    params VARCHAR", "    items VARIANT", "    margin DOUBLE,\n    _rejected VARCHAR\n)",
			"URL = 's3://b/events/' STORAGE_INTEGRATION", "PATTERN = '.*date=.*[.]parquet.*'\nFILE_FORMAT = (TYPE = PARQUET)"}},
		{"snowflake", "gs://b/events", "none", false, 3, []string{"    params VARIANT", "URL = 'gcs://b/events/'", "AUTO_INGEST = TRUE INTEGRATION = 'HEADGATE_NOTIFICATIONS' AS", "PATTERN = '.*[.]jsonl.*'\nFILE_FORMAT = (TYPE = JSON)"}},
		{"bigquery", "gs://b/events", "date", true, 1, []string{"WITH PARTITION COLUMNS\nOPTIONS (format = 'PARQUET', uris = ['gs://b/events/date=*'], hive_partition_uri_prefix = 'gs://b/events')"}},
		{"bigquery", "gs://b/events", "none", false, 1, []string{"analytics.events\nOPTIONS (format = 'JSON', uris = ['gs://b/events/*'])"}},
		{"redshift", "s3://b/events", "hour", true, 2, []string{`    "time" TIMESTAMP`, `    "items" SUPER`, `    "params" VARCHAR(65535)`, "COPY events FROM 's3://b/events/date=' IAM_ROLE default FORMAT AS PARQUET SERIALIZETOJSON\nJOB CREATE headgate_events AUTO ON"}},
		{"databricks", "s3://b/events", "hour", true, 2, []string{"    `items` ARRAY<STRUCT<`id`: STRING, ", "`price`: DOUBLE", "PATTERN = 'date=*/hour=*/*.parquet*'"}},
		{"athena", "s3://b/events", "hour", true, 1, []string{"    `items` array<struct<id:string, ", "price:double", "    `session_engaged` boolean", "PARTITIONED BY (`date` string, `hour` string)", "'projection.hour.digits' = '2',",
			"'storage.location.template' = 's3://b/events/date=${date}/hour=${hour}/'"}},
		{"athena", "s3://b/events", "date", true, 1, []string{"PARTITIONED BY (`date` string) STORED", "'2026-01-01,NOW',\n  'storage.location.template' = 's3://b/events/date=${date}/'"}},
		{"duckdb", "/data/archive", "site={site}/date={date}", false, 1, []string{"read_json('/data/archive/**/*.jsonl*', union_by_name = true)"}},
	} {
		got, err := loaders.Statements(c.store, loaders.Files{Address: c.address, Parquet: c.parquet, Partition: c.partition, Columns: columns()})
		if err != nil || len(got) != c.statements {
			t.Fatalf("%s: %d statements, %v", c.store, len(got), err)
		}
		all := strings.Join(got, "\n")
		for _, want := range c.want {
			if !strings.Contains(all, want) {
				t.Errorf("%s\nlacks %s", all, want)
			}
		}
		for _, one := range got {
			if strings.Contains(one, ";") || strings.Contains(one, "%!") || strings.Contains(one, "<no value>") {
				t.Errorf("not one statement: %s", one)
			}
		}
	}
}

func TestEveryStoreHasStatements(t *testing.T) {
	for _, store := range loaders.Stores() {
		address := "s3://b/events"
		if store == "bigquery" {
			address = "gs://b/events"
		}
		if got, err := loaders.Statements(store, loaders.Files{Address: address, Parquet: true, Partition: "date", Columns: columns()}); err != nil || len(got) == 0 {
			t.Errorf("%s: %v", store, err)
		}
	}
}

func TestWhatAStoreCannotLoadIsSaid(t *testing.T) {
	for _, c := range []struct {
		store string
		files loaders.Files
		want  string
	}{
		{"oracle", loaders.Files{Address: "s3://b"}, "one of athena, bigquery, databricks, duckdb, redshift, snowflake"},
		{"snowflake", loaders.Files{Address: "./data"}, "does not reach a local folder"},
		{"bigquery", loaders.Files{Address: "s3://b"}, "Google Cloud Storage"},
		{"redshift", loaders.Files{Address: "gs://b"}, "Amazon S3"},
		{"athena", loaders.Files{Address: "s3://b", Partition: "date"}, "use: parquet"},
		{"athena", loaders.Files{Address: "s3://b", Parquet: true, Partition: "none"}, "partition: date or hour"},
		{"duckdb", loaders.Files{Address: "it's"}, "a quote"},
	} {
		if _, err := loaders.Statements(c.store, c.files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.store, err, c.want)
		}
	}
}
