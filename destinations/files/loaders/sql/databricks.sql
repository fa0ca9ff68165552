CREATE TABLE IF NOT EXISTS events (
{{.Columns}}
);
-- Loads each file once, however often it runs: let a job run it.
COPY INTO events FROM '{{.Address}}' FILEFORMAT = PARQUET PATTERN = '{{.Glob}}' COPY_OPTIONS ('mergeSchema' = 'true');
