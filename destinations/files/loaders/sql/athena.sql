-- Partitions follow from the names of folders: none has to be registered.
CREATE EXTERNAL TABLE IF NOT EXISTS events (
{{.Columns}}
)
PARTITIONED BY (`date` string{{if .Hour}}, `hour` string{{end}}) STORED AS PARQUET LOCATION '{{.Address}}/'
TBLPROPERTIES ('projection.enabled' = 'true',
  'projection.date.type' = 'date', 'projection.date.format' = 'yyyy-MM-dd', 'projection.date.range' = '2026-01-01,NOW',
{{- if .Hour}}
  'projection.hour.type' = 'integer', 'projection.hour.range' = '0,23', 'projection.hour.digits' = '2',
{{- end}}
  'storage.location.template' = '{{.Address}}/date=${date}{{if .Hour}}/hour=${hour}{{end}}/');
