import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Engine, EngineError } from '../../src/services/engine/engine.ts';
import { FileEngine } from '../../src/services/engine/file-engine.ts';
import { type LastingPlace, move } from '../../src/services/engine/move/move.ts';
import { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';
import { root } from '../docs/pages.ts';
import { Desk, dead, failed } from '../services/engine/desk.ts';
import { freshFile } from '../services/storage/keeper.ts';
import { freshSchema, postgresUrl } from './postgres.ts';

function filePlace(): LastingPlace {
  return { kind: 'file', file: freshFile(), busyTimeoutMs: 1_000 };
}

async function postgresPlace(): Promise<LastingPlace> {
  const url = await postgresUrl();
  return { kind: 'postgres', url, schema: freshSchema(), connectWithinMs: 5_000 };
}

function engineOf(place: LastingPlace): Engine {
  const limits = { maxPendingBytes: 1e8 };
  return place.kind === 'file'
    ? new FileEngine({ ...place, ...limits })
    : new PostgresEngine({ ...place, ...limits });
}

async function on<Result>(
  place: LastingPlace,
  use: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = engineOf(place);
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

const query = { prefix: '', after: '', limit: 1_000, now: 5 };

/** Some of everything. Returns the queue. */
async function fill(place: LastingPlace): Promise<string> {
  return await on(place, async (engine) => {
    for (let index = 0; index < 120; index++) {
      const entry = { owner: 'app/ü', store: 's', key: `🙂 ${index}`, value: '{"a":"\\u0000"}' };
      await engine.submit([
        ['entries.set', { ...entry, now: 0, expiresAt: index === 0 ? 1 : null }],
      ]);
    }
    const at = new Desk(engine);
    await at.add({ key: 'k', payload: '{"b":"\\ud800"}', idempotencyKey: 'once' });
    await at.add({ key: 'k' });
    await at.add({ dueAt: at.now + 10_000 });
    await at.add({ priority: 9 });
    const [urgent, first] = await at.claim({ perKey: 1, limit: 2 });
    await at.claim({ perKey: 1 });
    await at.settle(urgent as NonNullable<typeof urgent>, dead);
    await at.do('jobs.cancel', { now: at.now, queue: at.queue, id: first?.id ?? '', keepMs: 9 });
    await at.do('queues.pause', { queue: 'paused', isPaused: true });
    const lease = { name: 'app/held', holder: 'me', now: 0, ttlMs: 1_000 };
    await engine.submit([
      ['leases.acquire', lease],
      ['leases.acquire', { ...lease, name: 'app/free' }],
      ['leases.release', { name: 'app/free', token: 1 }],
      ['ticks.claim', { schedule: 'app/nightly', dueAt: 7, now: 7, keepMs: 1_000 }],
    ]);
    const entries = [{ at: 1, path: 'app', event: '{}' }];
    await engine.submit([
      ['history.append', { system: 'app', run: 'r', entries, forgetBefore: null }],
    ]);
    return at.queue;
  });
}

/** Everything that can be asked. */
async function contentOf(place: LastingPlace, queue: string): Promise<unknown> {
  return await on(place, async (engine) => {
    const states = ['scheduled', 'ready', 'held', 'active', 'dead'] as const;
    const lists = states.map((state) =>
      engine.submit([['jobs.list', { queue, state, offset: 0, limit: 100 }]]),
    );
    const rest = engine.submit([
      ['entries.list', { owner: 'app/ü', store: 's', ...query }],
      ['revision.read', { owner: 'app/ü' }],
      ['jobs.counts', { now: 5, queue: null }],
      ['leases.read', { name: 'app/held' }],
      ['leases.read', { name: 'app/free' }],
      ['ticks.last', { schedule: 'app/nightly' }],
      ['history.read', { system: 'app', path: 'app', before: null, limit: 9 }],
    ]);
    return await Promise.all([...lists, rest]);
  });
}

it.each([
  ['a file to PostgreSQL', filePlace, postgresPlace],
  ['PostgreSQL to a file', postgresPlace, filePlace],
])('copies everything from %s, and goes on from there', async (_name, fromOf, toOf) => {
  const [from, to] = [await fromOf(), await toOf()];
  const queue = await fill(from);
  const moved = await move(from, to);

  expect(moved).toMatchObject([
    { table: 'entry', rows: 120 },
    { table: 'revision', rows: 1 },
    { table: 'job', rows: 4 },
    { table: 'paused_queue', rows: 1 },
    { table: 'lease', rows: 2 },
    { table: 'tick', rows: 1 },
    { table: 'history', rows: 1 },
  ]);
  expect(await contentOf(to, queue)).toEqual(await contentOf(from, queue));
  await on(to, async (engine) => {
    const at = Object.assign(new Desk(engine), { queue });
    const old = await at.do('jobs.list', { queue, state: 'active', offset: 0, limit: 9 });
    const job = { id: old[0]?.id as string, fence: 1 } as Parameters<typeof at.settle>[0];
    expect(await at.settle(job, failed())).toBe('cancelled');
    expect(await at.claimIds({ perKey: 1 })).toHaveLength(1);
    expect(await at.add({ idempotencyKey: 'once' })).toBe(job.id);
    const last = await at.add({ id: 'new' });
    expect((await at.claim()).at(-1)?.id).toBe(last);
    const free = { name: 'app/free', holder: 'you', now: 0, ttlMs: 1_000 };
    expect(await at.do('leases.acquire', free)).toMatchObject({ token: 2 });
  });
});

it('refuses a place that is not empty, and one that does not exist', async () => {
  const [from, to, missing] = [filePlace(), await postgresPlace(), filePlace()];
  await fill(from);
  await fill(to);
  const failureOf = async (source: LastingPlace, target: LastingPlace) =>
    ((await move(source, target).catch((error: unknown) => error)) as EngineError).failure;

  expect(await failureOf(from, to)).toMatchObject({
    code: 'DARUMA_STORAGE_FOREIGN',
    message: expect.stringMatching(/is not empty: 120 rows in entry\. Nothing was written\.$/),
  });
  expect((await failureOf(missing, to)).message).toMatch(/app\.sqlite does not exist\.$/);
  expect(missing.kind === 'file' && existsSync(missing.file)).toBe(false);
});

it('is a command', async () => {
  const [from, schema] = [filePlace(), freshSchema()];
  await fill(from);
  const args = ['--from', (from as { file: string }).file, '--to', await postgresUrl()];
  const run = () =>
    spawnSync(
      process.execPath,
      [join(root, 'bin/daruma.js'), 'move', ...args, '--to-schema', schema],
      { encoding: 'utf8' },
    );

  const [first, second] = [run(), run()];
  expect(first.stdout).toMatch(/Copied:\n {2}entry +120\n/);
  expect(second.status).toBe(2);
  expect(second.stderr).toContain('is not empty');
});
