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
  over AS (SELECT seq FROM moved WHERE next IN ('completed', 'dead', 'cancelled')),
  forgotten AS (
    DELETE FROM $schema.job USING moved
    WHERE job.seq = moved.seq AND moved.keep_ms = 0 AND job.seq IN (SELECT seq FROM over)
  ),
  changed AS (
    UPDATE $schema.job SET
      state = moved.next, attempt = moved.attempt, lease_until = NULL, due_at = moved.due_at,
      holder = CASE WHEN over.seq IS NULL THEN NULL ELSE job.holder END,
      ready_at = CASE moved.next WHEN 'ready' THEN moved.now WHEN 'scheduled' THEN NULL
                 ELSE job.ready_at END,
      ended_at = CASE WHEN over.seq IS NULL THEN NULL ELSE moved.now END,
      forget_at = CASE WHEN over.seq IS NULL THEN NULL ELSE moved.now + moved.keep_ms END,
      result = moved.result, error = coalesce(moved.error, job.error), reason = moved.reason
    FROM moved LEFT JOIN over ON over.seq = moved.seq
    WHERE job.seq = moved.seq AND (over.seq IS NULL OR moved.keep_ms IS DISTINCT FROM 0)
  ),
  ${letIn}`;
