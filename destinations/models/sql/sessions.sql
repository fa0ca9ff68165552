-- A row per visit that has an id: how it began, what it brought. Sources are those of its first event that names one.
SELECT
  user_client_id AS client_id,
  session_id AS session,
  min(time) AS started,
  max(time) AS ended,
  {{.D.Seconds "min(time)" "max(time)"}} AS seconds,
  {{.D.Last "user_user_id"}} AS user_id,
  {{.D.First "page_url"}} AS landing_page,
  {{.D.Last "page_url"}} AS exit_page,
  {{.D.First "campaign_source"}} AS source,
  {{.D.First "campaign_medium"}} AS medium,
  {{.D.First "campaign_name"}} AS campaign,
  {{.D.First "device_type"}} AS device,
  {{.D.First "geo_country"}} AS country,
  count(*) AS events,
  sum(CASE WHEN name = 'page_view' THEN 1 ELSE 0 END) AS page_views,
  sum(CASE WHEN name = 'purchase' THEN 1 ELSE 0 END) AS purchases,
  sum(CASE WHEN name = 'purchase' THEN coalesce({{.D.Number "params" "value"}}, 0) ELSE 0 END) AS revenue,
  max(CASE WHEN session_engaged OR name = 'purchase' THEN 1 ELSE 0 END) AS engaged
FROM {{call .View "once"}}
WHERE session_id IS NOT NULL AND user_client_id IS NOT NULL
GROUP BY user_client_id, session_id
