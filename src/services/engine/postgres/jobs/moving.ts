/** Lets in as many held jobs of each key as have left it. To be put behind `moved`. */
const letIn = `let_in AS (
  UPDATE $schema.job SET state = 'ready', ready_at = freed.now
  FROM (SELECT queue, key, max(now) AS now, count(*) AS places FROM moved
        WHERE key IS NOT NULL GROUP BY queue, key) AS freed
  CROSS JOIN LATERAL (
    SELECT held.seq FROM $schema.job AS held
    WHERE held.queue = freed.queue AND held.key = freed.key AND held.state = 'held'
    ORDER BY held.priority DESC, held.seq LIMIT freed.places) AS next
  WHERE job.seq = next.seq
)`;

/**
 * What becomes of jobs that were active, or are over: they are kept, forgotten, or wait again, and
 * others with their keys take their places. To be put behind a `moved` with the columns seq, queue,
 * key, next (the state), now, attempt, due_at, keep_ms, result, error and reason.
 */
export const moving = `
  ending AS (SELECT *, next IN ('completed', 'dead', 'cancelled') AS is_over FROM moved),
  forgotten AS (
    DELETE FROM $schema.job USING ending
    WHERE job.seq = ending.seq AND ending.is_over AND ending.keep_ms = 0
  ),
  changed AS (
    UPDATE $schema.job SET
      state = next, attempt = ending.attempt, lease_until = NULL, due_at = ending.due_at,
      holder = CASE WHEN is_over THEN job.holder END,
      ready_at = CASE next WHEN 'ready' THEN now WHEN 'scheduled' THEN NULL ELSE job.ready_at END,
      ended_at = CASE WHEN is_over THEN now END,
      forget_at = CASE WHEN is_over THEN now + keep_ms END,
      result = ending.result, error = coalesce(ending.error, job.error), reason = ending.reason
    FROM ending
    WHERE job.seq = ending.seq AND NOT (is_over AND keep_ms IS NOT DISTINCT FROM 0)
  ),
  ${letIn}`;
