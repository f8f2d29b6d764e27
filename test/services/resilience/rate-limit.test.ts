import { describe, expect, it } from 'vitest';
import { RateWindow } from '../../../actors/rules/rate-window.ts';
import { stage } from './stage.ts';

describe('a rate limit', () => {
  it('lets calls wait for their turn, in their order', async () => {
    const it = await stage({ rateLimit: { limit: 2, per: '1s' } });
    const at: [number, number][] = [];
    const calls = [1, 2, 3, 4, 5].map((nth) => it.api.run(it.ctx, () => at.push([nth, it.now])));
    expect(it.api.state(it.ctx).rateLimit).toEqual({ used: 2, waiting: 3, waitMs: 2_000 });
    await it.advance(5_000);
    await Promise.all(calls);

    expect(at).toEqual([
      [1, 0],
      [2, 0],
      [3, 1_000],
      [4, 1_000],
      [5, 2_000],
    ]);
    expect(it.lab.clock.pendingTimers).toBe(0);
  });

  it('refuses at once who would wait too long, and says how long', async () => {
    const it = await stage({ rateLimit: { limit: 1, per: '1s', maxWait: '1500ms' } });
    const calls = [it.begin(), it.begin(), it.begin()];

    expect(await it.outcome(calls[2] as Promise<unknown>)).toBe('DARUMA_RATE_LIMITED');
    await expect(calls[2]).rejects.toMatchObject({ path: 'app/caller', retryAfterMs: 2_000 });
    expect(await it.outcome(calls[1] as Promise<unknown>)).toBe('pending');
  });

  it('with a maxWait of 0 nobody waits', async () => {
    const it = await stage({ rateLimit: { limit: 1, per: '1s', maxWait: 0 } });
    await it.succeed();
    expect(await it.outcome(it.succeed())).toBe('DARUMA_RATE_LIMITED');
    await it.advance(1_000);

    expect(await it.outcome(it.succeed())).toBe('yes');
  });

  it('is waited for by a retry as long as it says', async () => {
    const it = await stage({
      rateLimit: { limit: 1, per: '7s', maxWait: 0 },
      retry: { maxAttempts: 2, backoff: { first: '1s', jitter: 'none' } },
    });
    await it.succeed();

    expect(await it.lab.until(it.succeed())).toBe('yes');
    expect(it.now).toBe(7_000);
  });

  it('gives the turn of who is stopped while waiting to the next', async () => {
    const it = await stage({ rateLimit: { limit: 1, per: '10s' } });
    await it.succeed();
    const waiting = it.begin();
    const restarted = it.lab.system.ref('app/caller').restart();
    expect(await it.outcome(waiting)).toBe('DARUMA_CANCELLED');
    await it.lab.until(restarted);
    const next = it.succeed();
    await it.advance(10_000);

    expect(await it.outcome(next)).toBe('yes');
    expect(it.now).toBe(10_000);
  });
});

describe('the line of a rate limit', () => {
  it('is not jumped by who comes when its timer is late', async () => {
    const it = await stage({ rateLimit: { limit: 2, per: '1s' } });
    const order: string[] = [];
    const call = (name: string) => it.api.run(it.ctx, () => order.push(name));
    const calls = ['a', 'b', 'c'].map(call);
    await it.lab.clock.settle();
    it.lab.clock.stall(5_000);
    calls.push(call('d'));
    await it.advance(2_000);
    await Promise.all(calls);

    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('leaves no timer when the last one in it is stopped', async () => {
    const it = await stage({ rateLimit: { limit: 1, per: '10s' } });
    await it.succeed();
    it.begin();
    await it.lab.stop();

    expect(it.lab.clock.pendingTimers).toBe(0);
  });
});

describe('the rate window', () => {
  it('knows when the next may go behind others that wait', () => {
    const window = new RateWindow(2, 1_000);
    expect([0, 1, 2, 3, 4].map((ahead) => window.freeAt(0, ahead))).toEqual([
      0, 0, 1_000, 1_000, 2_000,
    ]);
    window.take(0);
    expect([0, 1, 2, 3].map((ahead) => window.freeAt(500, ahead))).toEqual([
      500, 1_000, 1_500, 2_000,
    ]);
    window.take(400);

    expect([0, 1, 2].map((ahead) => window.freeAt(500, ahead))).toEqual([1_000, 1_400, 2_000]);
    expect([window.used(999), window.used(1_000), window.used(1_400)]).toEqual([2, 1, 0]);
  });
});
