import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OverflowPolicy } from '../../../src/index.ts';
import { Hall, tick } from './hall.ts';

/** What a test does next: emits so many, or lets so much time pass. */
const move = fc.oneof(
  fc.record({ kind: fc.constant('emit' as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 }) }),
);
const subscription = fc.record({
  buffer: fc.integer({ min: 1, max: 5 }),
  overflow: fc.constantFrom<OverflowPolicy>('drop-oldest', 'drop-newest'),
  keys: fc.integer({ min: 0, max: 3 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  tookMs: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 }),
});

interface Handling {
  readonly value: number;
  readonly from: number;
  to: number | undefined;
}

describe('a mailbox', () => {
  it('invariant 2: begins in order, of one key one at a time, and counts all that it drops', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 20 }), subscription, async (moves, given) => {
        const { buffer, overflow, keys, concurrency, tookMs } = given;
        const hall = await new Hall().open();
        const { clock } = hall.lab;
        const handled: Handling[] = [];
        const keyOf = (value: number) => value % Math.max(1, keys);
        hall.hearing.on(
          tick,
          async (value) => {
            const handling: Handling = { value, from: clock.monotonic(), to: undefined };
            handled.push(handling);
            await hall.lab.wait(tookMs[value % tookMs.length] ?? 0);
            handling.to = clock.monotonic();
          },
          { buffer, overflow, concurrency, ...(keys > 0 && { orderBy: keyOf }) },
        );

        let emitted = 0;
        for (const each of moves) {
          if (each.kind === 'wait') await clock.advance(each.ms);
          else for (let left = each.count; left > 0; left--) hall.speaking.emit(tick, emitted++);
        }
        await clock.advance(20_000);

        const dropped = hall.lab.all('events-dropped').reduce((sum, { count }) => sum + count, 0);
        expect(handled.length + dropped, 'nothing is lost without a word').toBe(emitted);
        for (const [index, one] of handled.entries()) {
          const later = handled.slice(index + 1);
          const isOfItsLane = ({ value }: Handling) =>
            keys === 0 || keyOf(value) === keyOf(one.value);
          const lane = later.filter(isOfItsLane);
          expect(lane.every(({ value }) => value > one.value)).toBe(true);
          if (keys > 0 || concurrency === 1) {
            expect(lane.every(({ from }) => from >= (one.to ?? Number.POSITIVE_INFINITY))).toBe(
              true,
            );
          }
          const atOnce = handled.filter(
            ({ from, to = Number.POSITIVE_INFINITY }) => from <= one.from && to > one.from,
          );
          expect(atOnce.length, 'never more at once than allowed').toBeLessThanOrEqual(concurrency);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('invariant 3: whenever its service ends, nothing is begun from then on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { maxLength: 12 }),
        fc.nat({ max: 12 }),
        fc.boolean(),
        async (moves, endsAfter, isCrash) => {
          const hall = await new Hall().open();
          let isOver = false;
          let late = 0;
          hall.hearing.on(tick, async () => {
            if (isOver) late++;
            await hall.lab.wait(10);
          });
          let emitted = 0;
          for (const [index, each] of [...moves, { kind: 'emit' as const, count: 3 }].entries()) {
            if (index === Math.min(endsAfter, moves.length)) {
              isOver = true;
              if (isCrash) hall.listener.life.fail(new Error('crash'));
              else void hall.lab.system.ref('app/listener').stop();
              // A body that rejects is known to have by the next turn.
              if (isCrash) await hall.lab.clock.settle();
              late = 0;
            }
            if (each.kind === 'wait') await hall.lab.clock.advance(each.ms);
            else for (let left = each.count; left > 0; left--) hall.speaking.emit(tick, emitted++);
          }
          await hall.lab.clock.advance(1_000);

          expect(late).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
