import type { JobOutcome, JobView } from '../define/jobs.ts';
import type { ErrorInfo } from '../events.ts';
import type { JobRow } from '../services/engine/job-rows.ts';
import { payloadOf } from './new-job.ts';

/** What is stored of a job, for people and programs. */
export function viewOf(row: JobRow): JobView {
  const { key, idempotencyKey, workspaceId, dueAt, startedAt, endedAt, holder, reason } = row;
  return {
    ...row,
    payload: payloadOf(row.payload),
    key: key ?? undefined,
    idempotencyKey: idempotencyKey ?? undefined,
    workspaceId: workspaceId ?? undefined,
    dueAt: dueAt ?? undefined,
    startedAt: startedAt ?? undefined,
    endedAt: endedAt ?? undefined,
    holder: holder ?? undefined,
    progress: parsed(row.progress),
    result: parsed(row.result),
    error: parsed(row.error),
    reason: reason ?? undefined,
  };
}

/** undefined: it has not ended. */
export function outcomeOf(row: JobRow): JobOutcome | undefined {
  const error = parsed<ErrorInfo>(row.error);
  switch (row.state) {
    case 'completed':
      return { state: 'completed', result: parsed(row.result) };
    case 'dead':
      return { state: 'dead', reason: row.reason ?? 'exhausted', error };
    case 'cancelled':
      return { state: 'cancelled', error };
    default:
      return undefined;
  }
}

function parsed<Value>(text: string | null): Value | undefined {
  return text === null ? undefined : (JSON.parse(text) as Value);
}
