import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/services/engine/database.ts';
import type { NewJob } from '../../src/services/engine/job-rows.ts';
import { openFile } from '../../src/services/engine/open-file.ts';
import { operations } from '../../src/services/engine/operations.ts';
import { expect, type Figures } from '../bench.ts';
import { queueName } from './broker.ts';
import { percentile } from './speed.ts';

/** What one claim takes of the thread of the storage while so many jobs wait, its commit left out. */
export async function claimsInBacklog(waiting: number, claims: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'daruma-bench-'));
  try {
    const database = openFile({ file: join(folder, 'bench.sqlite'), busyTimeoutMs: 5_000 });
    fill(database, waiting);
    const times = Array.from({ length: claims }, () => timeOfClaim(database));
    database.close();
    return { 'claim ms': percentile(times, 50) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(database: Database, waiting: number): void {
  const atOnce = Math.min(waiting, 10_000);
  for (let from = 0; from < waiting; from += atOnce) {
    database.run('BEGIN IMMEDIATE');
    const jobs = Array.from({ length: atOnce }, (_, index) => waitingJob(from + index));
    operations['jobs.add'](database, { now: from, jobs });
    database.run('COMMIT');
  }
}

function waitingJob(nth: number): NewJob {
  return {
    id: `job-${nth}`,
    queue: queueName,
    payload: JSON.stringify({ nth }),
    priority: 0,
    key: null,
    idempotencyKey: null,
    workspaceId: null,
    trigger: 'enqueue',
    traceparent: null,
    maxAttempts: 5,
    dueAt: null,
  };
}

function timeOfClaim(database: Database): number {
  database.run('BEGIN IMMEDIATE');
  const begun = performance.now();
  const { jobs } = operations['jobs.claim'](database, {
    queue: queueName,
    now: Date.now(),
    holder: 'bench',
    leaseMs: 60_000,
    limit: 1,
    perKey: null,
    rate: null,
    keepDeadMs: null,
  });
  const ms = performance.now() - begun;
  database.run('COMMIT');
  expect(jobs.length === 1, 'a job was claimed');
  return ms;
}
