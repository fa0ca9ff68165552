-- The steps of a shop within a visit, in this order: how many visits of a day came how far.
WITH viewed AS (
  SELECT user_client_id AS client_id, session_id AS session, min(time) AS reached
  FROM {{call .View "once"}} WHERE name = 'view_item' AND session_id IS NOT NULL AND user_client_id IS NOT NULL
  GROUP BY user_client_id, session_id
), added AS (
  SELECT v.client_id AS client_id, v.session AS session, min(e.time) AS reached
  FROM viewed AS v JOIN {{call .View "once"}} AS e ON e.user_client_id = v.client_id AND e.session_id = v.session
  WHERE e.name = 'add_to_cart' AND e.time >= v.reached GROUP BY v.client_id, v.session
), checked AS (
  SELECT a.client_id AS client_id, a.session AS session, min(e.time) AS reached
  FROM added AS a JOIN {{call .View "once"}} AS e ON e.user_client_id = a.client_id AND e.session_id = a.session
  WHERE e.name = 'begin_checkout' AND e.time >= a.reached GROUP BY a.client_id, a.session
), bought AS (
  SELECT c.client_id AS client_id, c.session AS session, min(e.time) AS reached
  FROM checked AS c JOIN {{call .View "once"}} AS e ON e.user_client_id = c.client_id AND e.session_id = c.session
  WHERE e.name = 'purchase' AND e.time >= c.reached GROUP BY c.client_id, c.session
), steps AS (
  SELECT 1 AS step, 'view_item' AS event, {{.D.Day "reached"}} AS day FROM viewed
  UNION ALL SELECT 2, 'add_to_cart', {{.D.Day "reached"}} FROM added
  UNION ALL SELECT 3, 'begin_checkout', {{.D.Day "reached"}} FROM checked
  UNION ALL SELECT 4, 'purchase', {{.D.Day "reached"}} FROM bought
)
SELECT day, step, event, count(*) AS sessions FROM steps GROUP BY day, step, event
