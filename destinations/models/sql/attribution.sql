-- For each purchase the visits of the same browser in the 30 days before it, its own included, that have a source; and the share of
-- the purchase that each gets by four rules. A purchase without such a visit is not here: it is direct.
WITH visits AS (
  SELECT
    p.id AS purchase, p.time AS purchased, coalesce({{.D.Number "p.params" "value"}}, 0) AS revenue,
    s.session AS session, s.started AS touched, s.source AS source, s.medium AS medium, s.campaign AS campaign
  FROM {{call .View "once"}} AS p JOIN {{call .View "sessions"}} AS s ON s.client_id = p.user_client_id
  WHERE p.name = 'purchase' AND s.source IS NOT NULL AND s.started <= p.time AND s.started >= {{.D.Before "p.time" 30}}
), placed AS (
  SELECT t.*,
    row_number() OVER (PARTITION BY purchase ORDER BY touched) AS place,
    count(*) OVER (PARTITION BY purchase) AS touches
  FROM visits AS t
)
SELECT purchase, purchased, revenue, session, touched, source, medium, campaign, place, touches,
  CASE WHEN place = 1 THEN 1.0 ELSE 0.0 END AS first_touch,
  CASE WHEN place = touches THEN 1.0 ELSE 0.0 END AS last_touch,
  1.0 / touches AS linear_share,
  CASE WHEN touches = 1 THEN 1.0 WHEN touches = 2 THEN 0.5 WHEN place = 1 OR place = touches THEN 0.4 ELSE 0.2 / (touches - 2) END AS by_position
FROM placed
