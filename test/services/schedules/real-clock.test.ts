import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at, createSystem, cron, every, supervisor } from '../../../src/index.ts';

const longestTimeoutMs = 2 ** 31 - 1;

describe('a schedule on the clock of this process', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs on time what is due later than a timer of Node can be armed for', async () => {
    const runs: string[] = [];
    const begin = Date.now();
    const note = (name: string) => () => void runs.push(`${name} after ${Date.now() - begin}`);
    const system = createSystem(
      supervisor('app', [
        every('month', longestTimeoutMs + 1, note('month')),
        at('date', begin + longestTimeoutMs + 2, note('date')),
        cron('march', '0 0 1 3 *', note('march')),
      ]),
      { logger: pino({ level: 'silent' }), env: {} },
    );
    const started = system.start();
    await vi.advanceTimersByTimeAsync(1);
    await started;

    await vi.advanceTimersByTimeAsync(longestTimeoutMs - 2);
    expect(runs).toEqual([]);
    await vi.advanceTimersByTimeAsync(60 * 86_400_000 - longestTimeoutMs);

    expect(runs.slice(0, 2).map((run) => run.split(' ')[0])).toEqual(['month', 'date']);
    expect(runs.slice(2)).toEqual([
      expect.stringMatching(/^month/),
      `march after ${59 * 86_400_000}`,
    ]);
    const stopped = system.stop();
    await vi.advanceTimersByTimeAsync(10);
    expect((await stopped).exitCode).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
