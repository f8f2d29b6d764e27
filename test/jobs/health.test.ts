import { describe, expect, it } from 'vitest';
import { jobsBelow, queue, service, supervisor } from '../../src/index.ts';
import { Lab } from '../kernel/lab.ts';

const items = queue('items');

describe('jobsBelow()', () => {
  it('finds a queue degraded when more wait than it may hold', async () => {
    const watch = service('watch', {
      start: () => undefined,
      health: { backlog: { check: jobsBelow(1_000, items), every: '10s', failures: 1 } },
    });
    const lab = await new Lab(supervisor('app', [watch]), { storage: 'memory' }).start();
    const { jobs } = lab.system;
    await jobs.enqueueMany(
      items,
      Array.from({ length: 1_000 }, () => ({ payload: 1 })),
    );
    await jobs.enqueue(items, 1, { delay: '1h' });
    await lab.clock.advance(10_000);
    expect(lab.system.health().status).toBe('healthy');
    await jobs.enqueue(items);
    await lab.clock.advance(10_000);

    expect(lab.system.health()).toMatchObject({
      status: 'degraded',
      reasons: [
        { path: 'app/watch', reason: 'backlog: 1001 jobs of 1000 wait, the oldest for 20s' },
      ],
    });
    expect(() => jobsBelow(0, items)).toThrow('jobsBelow() needs a limit above 0');
  });
});
