-- Each event once, the first that came; without bots.
SELECT * FROM (
  SELECT e.*, row_number() OVER (PARTITION BY id ORDER BY received) AS copy
  FROM {{.Events}} AS e
  WHERE NOT device_bot
) AS numbered
WHERE copy = 1
