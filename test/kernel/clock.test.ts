import { describe, expect, it } from 'vitest';
import { realClock } from '../../src/kernel/clock.ts';

describe('the real clock', () => {
  it('calls back with 0 after everything that is due now, promises included', async () => {
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      realClock.setTimeout(() => {
        order.push('timer');
        resolve();
      }, 0);
    });
    void Promise.resolve()
      .then(() => order.push('promise'))
      .then(() => order.push('promise of a promise'));
    process.nextTick(() => order.push('tick'));

    await done;

    expect(order.at(-1)).toBe('timer');
    expect(order).toHaveLength(4);
  });

  it('calls back after at least the time', async () => {
    const before = realClock.monotonic();

    await new Promise<void>((resolve) => realClock.setTimeout(resolve, 10));

    expect(realClock.monotonic() - before).toBeGreaterThanOrEqual(9);
  });

  it.each([0, 5, 2 ** 31 + 5])('does not call back what was cleared: %d ms', async (ms) => {
    const calls: string[] = [];
    const handle = realClock.setTimeout(() => calls.push('called'), ms);

    realClock.clearTimeout(handle);
    await new Promise<void>((resolve) => realClock.setTimeout(resolve, 15));

    expect(calls).toEqual([]);
  });

  it('waits longer than Node can', async () => {
    const calls: string[] = [];
    const handle = realClock.setTimeout(() => calls.push('at once'), 30 * 86_400_000);

    await new Promise<void>((resolve) => realClock.setTimeout(resolve, 10));
    realClock.clearTimeout(handle);

    expect(calls).toEqual([]);
  });

  it('tells the time of people in milliseconds since the epoch', () => {
    expect(Math.abs(realClock.now() - Date.now())).toBeLessThan(1_000);
  });
});
