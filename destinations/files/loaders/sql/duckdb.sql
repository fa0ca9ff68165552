CREATE OR REPLACE VIEW events AS
SELECT * FROM {{if .Parquet}}read_parquet{{else}}read_json{{end}}('{{.Address}}/{{.Glob}}', union_by_name = true{{if .Dated}}, hive_partitioning = true{{end}});
