-- A storage integration and the bucket's notifications are made once by who administers both:
-- https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3
CREATE TABLE IF NOT EXISTS events (
{{.Columns}}
);
CREATE STAGE IF NOT EXISTS headgate_files URL = '{{if eq .Scheme "gs"}}gcs{{slice .Address 2}}{{else}}{{.Address}}{{end}}/' STORAGE_INTEGRATION = headgate;
CREATE PIPE IF NOT EXISTS headgate_events AUTO_INGEST = TRUE{{if eq .Scheme "gs"}} INTEGRATION = 'HEADGATE_NOTIFICATIONS'{{end}} AS
COPY INTO events FROM @headgate_files PATTERN = '{{if .Dated}}.*date={{end}}.*[.]{{.Extension}}.*'
FILE_FORMAT = (TYPE = {{if .Parquet}}PARQUET{{else}}JSON{{end}}) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;
