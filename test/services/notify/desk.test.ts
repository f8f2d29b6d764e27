import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Desk, type DeskPolicy } from '../../../src/services/notify/desk.ts';
import type { Notification } from '../../../src/services/notify/notification.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

const about = (key: string): Notification => ({
  level: 'info',
  title: `about ${key}`,
  message: '',
  path: 'app',
  key,
  time: 0,
  heldBack: 0,
  data: {},
});

function desk(policy: Partial<DeskPolicy> = {}) {
  const clock = new VirtualClock();
  const told: { at: number; title: string; heldBack: number }[] = [];
  const all = { dedupeMs: 0, limit: 1_000, perMs: 1_000, ...policy };
  const made = new Desk(clock, all, ({ title, heldBack }) => {
    told.push({ at: clock.monotonic(), title, heldBack });
  });
  return { clock, told, desk: made };
}

describe('the notification desk', () => {
  it('tells one of a key in a time, and then how many there were beside it', async () => {
    const { clock, told, desk: own } = desk({ dedupeMs: 60_000 });

    for (let nth = 0; nth < 4; nth++) {
      own.take(about('disk'));
      await clock.advance(10_000);
    }
    await clock.advance(120_000);
    own.take(about('disk'));

    expect(told).toEqual([
      { at: 0, title: 'about disk', heldBack: 0 },
      { at: 60_000, title: 'about disk', heldBack: 2 },
      { at: 160_000, title: 'about disk', heldBack: 0 },
    ]);
  });

  it('tells another key at once', () => {
    const { told, desk: own } = desk({ dedupeMs: 60_000 });

    for (const key of ['disk', 'net', 'disk']) own.take(about(key));

    expect(told.map(({ title }) => title)).toEqual(['about disk', 'about net']);
  });

  it('tells what is above the limit as one summary, when there is room again', async () => {
    const { clock, told, desk: own } = desk({ limit: 2, perMs: 60_000 });

    for (const key of ['a', 'b', 'c', 'd', 'e']) own.take(about(key));
    await clock.advance(60_000);
    const within = told.length;
    await clock.advance(1);

    expect(within).toBe(2);
    expect(told.at(-1)).toMatchObject({ title: '3 notifications were held back', heldBack: 3 });
  });

  it('tells what is held back when the system leaves, and leaves no timer', () => {
    const { clock, told, desk: own } = desk({ dedupeMs: 60_000, limit: 1, perMs: 60_000 });

    for (const key of ['a', 'a', 'b']) own.take(about(key));
    own.close();

    expect(told.map(({ title }) => title)).toEqual(['about a', 'about a', 'about b']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never tells more than the limit in any window, and loses none', async () => {
    const steps = fc.array(
      fc.record({ key: fc.constantFrom('a', 'b', 'c'), waitMs: fc.integer({ min: 0, max: 900 }) }),
      { maxLength: 60 },
    );
    const policy = fc.record({
      dedupeMs: fc.constantFrom(0, 500, 3_000),
      limit: fc.integer({ min: 1, max: 5 }),
      perMs: fc.constantFrom(100, 1_000, 5_000),
    });
    await fc.assert(
      fc.asyncProperty(steps, policy, async (taken, rule) => {
        const { clock, told, desk: own } = desk(rule);
        for (const { key, waitMs } of taken) {
          own.take(about(key));
          await clock.advance(waitMs);
        }
        const inTime = told.length;
        own.close();

        for (const { at } of told.slice(0, inTime)) {
          const within = told
            .slice(0, inTime)
            .filter((one) => one.at >= at && one.at - at <= rule.perMs);
          expect(within.length).toBeLessThanOrEqual(rule.limit);
        }
        // A summary stands for all that it counts, a notification for itself too.
        const counted = told.reduce(
          (sum, one) => sum + one.heldBack + (one.title.includes('held back') ? 0 : 1),
          0,
        );
        expect(counted).toBe(taken.length);
        expect(clock.pendingTimers).toBe(0);
      }),
    );
  });
});
