-- A table that is read where the files are. A scheduled query may copy new days out of it.
CREATE EXTERNAL TABLE IF NOT EXISTS analytics.events{{if .Dated}} WITH PARTITION COLUMNS{{end}}
OPTIONS (format = '{{if .Parquet}}PARQUET{{else}}JSON{{end}}', uris = ['{{.Address}}/{{if .Dated}}date=*{{else}}*{{end}}']{{if .Dated}}, hive_partition_uri_prefix = '{{.Address}}'{{end}});
