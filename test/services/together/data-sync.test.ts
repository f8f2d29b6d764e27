import { describe, expect, it } from 'vitest';
import { every } from '../../../src/index.ts';
import { Stage } from '../schedules/stage.ts';

interface Settings {
  readonly interval: '1m' | '5m';
  readonly endpoint: string;
  readonly maxAttempts: number;
  readonly batchSize: number;
}

const settings: Settings = {
  interval: '1m',
  endpoint: 'http://api/rows',
  maxAttempts: 1,
  batchSize: 10,
};

interface Past {
  readonly history?: readonly string[];
  readonly lastSyncAt?: number;
}

/** The other side of a synchronisation: what it is asked, and how it answers. */
class Remote {
  readonly asked: string[] = [];
  readonly batches: number[][] = [];
  readonly rows = [1, 2, 3, 4, 5];
  /** What each synchronisation found stored when it began. */
  readonly found: unknown[] = [];
  /** Answers that fail before one succeeds. */
  failures = 0;
  answerMs = 0;
}

/** Synchronises with a remote, and stores when it did so last and what became of each time. */
function dataSync(remote: Remote, { interval, endpoint, maxAttempts, batchSize }: Settings) {
  const retry = { maxAttempts, backoff: { first: '1s', jitter: 'none' } } as const;
  return every('sync', interval, { immediately: true, retry }, async (ctx) => {
    const { history = [], lastSyncAt } = (await ctx.storage.get<Past>('past')) ?? {};
    remote.found.push({ history, lastSyncAt });
    try {
      remote.asked.push(endpoint);
      await ctx.sleep(remote.answerMs);
      if (remote.failures-- > 0) throw new Error('no network');
      for (let row = 0; row < remote.rows.length; row += batchSize) {
        remote.batches.push(remote.rows.slice(row, row + batchSize));
      }
      ctx.health('healthy');
      await ctx.storage.set('past', { history: [...history, 'synced'], lastSyncAt: ctx.now() });
    } catch (error) {
      ctx.health('unhealthy', (error as Error).message);
      await ctx.storage.set('past', {
        history: [...history, 'failed'],
        lastSyncAt: lastSyncAt ?? 0,
      });
      throw error;
    }
  });
}

async function syncing(remote: Remote, changes: Partial<Settings> = {}) {
  const sync = dataSync(remote, { ...settings, ...changes });
  const stage = await new Stage([sync], { storage: 'memory' }).start();
  return { stage, sync, status: () => stage.system.ref('app/sync').health().status };
}

describe('a service that synchronises data', () => {
  it('gives every one of its settings an effect', async () => {
    const remote = new Remote();
    remote.failures = 2;
    const { stage } = await syncing(remote, {
      interval: '5m',
      endpoint: 'http://other/rows',
      maxAttempts: 3,
      batchSize: 2,
    });

    await stage.clock.advance(5 * 60_000 - 1);

    expect(remote.asked).toEqual(Array(3).fill('http://other/rows'));
    expect(remote.batches).toEqual([[1, 2], [3, 4], [5]]);
    await stage.clock.advance(1);
    expect(remote.asked).toHaveLength(4);
    await stage.stop();
  });

  it('begins at once, and skips what comes due while it is at it', async () => {
    const remote = new Remote();
    remote.answerMs = 90_000;
    const { stage, sync } = await syncing(remote);
    const during = stage.handle(sync).status;

    await stage.clock.advance(100_000);

    expect(during).toBe('running');
    expect(stage.handle(sync).status).toBe('waiting');
    expect(stage.begun()).toEqual([0]);
    expect(stage.skips()).toEqual(['overlap 1']);
    await stage.clock.advance(20_000);
    expect(stage.begun()).toEqual([0, 120_000]);
    await stage.stop();
  });

  it('is unhealthy from a time that failed until one that succeeds, and free again after each', async () => {
    const remote = new Remote();
    remote.failures = 1;
    const { stage, sync, status } = await syncing(remote);
    const failed = [status(), stage.handle(sync).status, stage.handle(sync).last?.status];

    await stage.clock.advance(60_000);

    expect(failed).toEqual(['unhealthy', 'waiting', 'failed']);
    expect(stage.runs('failed').map(({ error }) => error?.message)).toEqual(['no network']);
    expect([status(), stage.handle(sync).status]).toEqual(['healthy', 'waiting']);
    const syncedAt = stage.clock.now();
    await stage.clock.advance(60_000);
    expect(remote.found).toEqual([
      { history: [], lastSyncAt: undefined },
      { history: ['failed'], lastSyncAt: 0 },
      { history: ['failed', 'synced'], lastSyncAt: syncedAt },
    ]);
    await stage.stop();
  });
});
