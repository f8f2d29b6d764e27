import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Dialer } from '../../src/services/engine/postgres/dialer.ts';

describe('tries to get a connection', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    // The longest that chance allows for.
    vi.spyOn(Math, 'random').mockReturnValue(1);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** The pauses between the first tries of a server that is not there, in milliseconds. */
  async function pausesOf(connectWithinMs: number): Promise<number[]> {
    const tries: number[] = [];
    const dialer = new Dialer({
      open: () => {
        tries.push(performance.now());
        return Promise.reject(new Error('nobody there'));
      },
      onOpen: () => {},
      onFailure: () => {},
      isWanted: () => true,
      isHeld: true,
      connectWithinMs,
    });
    dialer.dial();
    await vi.advanceTimersByTimeAsync(30_000);
    dialer.stop();
    return tries.slice(1, 10).map((at, index) => Math.round(at - (tries[index] as number)));
  }

  it('are made more and more seldom, up to every 5 s', async () => {
    expect(await pausesOf(10_000)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  it('are never further apart than half the time that is waited for one', async () => {
    expect(await pausesOf(300)).toEqual([100, ...Array(8).fill(150)]);
    expect(await pausesOf(80)).toEqual(Array(9).fill(40));
  });
});
