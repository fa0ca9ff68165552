-- Figures of a day by source and device, of visits by the day they began.
SELECT
  {{.D.Day "started"}} AS day,
  coalesce(source, 'direct') AS came_from,
  coalesce(medium, 'none') AS came_by,
  coalesce(device, 'unknown') AS device_type,
  count(DISTINCT client_id) AS users,
  count(*) AS sessions,
  sum(page_views) AS views,
  sum(engaged) AS engaged_sessions,
  sum(purchases) AS orders,
  sum(revenue) AS total_revenue
FROM {{call .View "sessions"}}
GROUP BY {{.D.Day "started"}}, coalesce(source, 'direct'), coalesce(medium, 'none'), coalesce(device, 'unknown')
