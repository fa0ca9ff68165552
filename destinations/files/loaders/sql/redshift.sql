-- Columns are taken by their place, so the table has them in the order of the files. A new column makes a new table.
CREATE TABLE IF NOT EXISTS events (
{{.Columns}}
) SORTKEY (time);
COPY events FROM '{{.Address}}/{{if .Dated}}date={{end}}' IAM_ROLE default FORMAT AS PARQUET SERIALIZETOJSON
JOB CREATE headgate_events AUTO ON;
