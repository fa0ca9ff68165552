-- What was decided of a day's events, and why: by destination, and by the rule of the visitor's region. The day is that of receipt.
SELECT
  {{.D.Day "received"}} AS day,
  destination,
  action,
  reason,
  coalesce(rule, 'unknown') AS region_rule,
  count(DISTINCT event_id) AS events
FROM {{.Events}}
GROUP BY {{.D.Day "received"}}, destination, action, reason, coalesce(rule, 'unknown')
