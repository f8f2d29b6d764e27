import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipeline, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';

/** What is done with a pipeline, and how long everything in it takes. */
interface Plan {
  readonly producers: readonly (readonly number[])[];
  readonly handlerMs: readonly number[];
  readonly consumerMs: readonly number[];
  readonly concurrency: number;
  readonly buffer: number;
  readonly maxInFlight: number;
  readonly stopAfterMs: number;
}

const millis = fc.integer({ min: 0, max: 20 });
const plans: fc.Arbitrary<Plan> = fc.record({
  // Each number: how long the producer takes to make that item.
  producers: fc.array(fc.array(millis, { maxLength: 12 }), { minLength: 1, maxLength: 3 }),
  handlerMs: fc.array(millis, { minLength: 1, maxLength: 4 }),
  consumerMs: fc.array(millis, { minLength: 1, maxLength: 3 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  buffer: fc.integer({ min: 1, max: 5 }),
  maxInFlight: fc.integer({ min: 1, max: 6 }),
  stopAfterMs: fc.integer({ min: 0, max: 200 }),
});

/** Runs a plan; what has failed `breaks` times goes well after that. */
async function run(plan: Plan, breaks: (consumer: number, call: number) => boolean = () => false) {
  const made: string[] = [];
  const handled: string[] = [];
  const forwarded: string[] = [];
  const consumed = plan.consumerMs.map((): string[] => []);
  const calls = plan.consumerMs.map(() => 0);
  let most = 0;
  let busiest = 0;
  let busy = 0;
  let inFlight = () => 0;
  const look = () => {
    most = Math.max(most, inFlight());
  };
  let definition = pipeline('p', { maxInFlight: plan.maxInFlight });
  for (const [index, items] of plan.producers.entries()) {
    definition = definition.producer(`p${index}`, async function* (ctx): AsyncGenerator<string> {
      for (const [number, ms] of items.entries()) {
        await ctx.sleep(ms);
        made.push(`${index}.${number}`);
        yield `${index}.${number}`;
        look();
      }
    }) as never;
  }
  let whole = (definition as never as ReturnType<typeof pipeline<'p'>>).always(
    'h0',
    { concurrency: plan.concurrency },
    handler(0),
  );
  for (const index of plan.handlerMs.keys()) {
    if (index === 0) continue;
    // One of them is only for some.
    whole = whole.when(
      `h${index}`,
      (id: string) => index % 2 === 1 || id.endsWith('0'),
      handler(index) as never,
    ) as never;
  }
  let last = whole as never as { consumer(...given: unknown[]): typeof last };
  for (const [index, ms] of plan.consumerMs.entries()) {
    last = last.consumer(
      `c${index}`,
      { buffer: plan.buffer, retry: { maxAttempts: 1_000 } },
      async (result: string, ctx: { sleep(ms: number): Promise<void> }) => {
        look();
        await ctx.sleep(ms);
        const call = (calls[index] ?? 0) + 1;
        calls[index] = call;
        if (breaks(index, call)) throw new Error('consumer broke');
        consumed[index]?.push(result);
      },
    );
  }

  function handler(index: number) {
    return async (id: string, ctx: { sleep(ms: number): Promise<void> }) => {
      look();
      if (index === 0) {
        busy++;
        busiest = Math.max(busiest, busy);
      }
      await ctx.sleep(plan.handlerMs[index] ?? 0);
      if (index === 0) busy--;
      handled.push(`${id} h${index}`);
      forwarded.push(`${id} h${index}`);
      return `${id} h${index}`;
    };
  }

  const lab = new Lab(supervisor('app', [last as never]), { grace: '10m' });
  lab.system.events$.subscribe(look);
  inFlight = () => {
    const state = lab.system.find('app/p/router')?.value() as { inFlight: number } | undefined;
    return state?.inFlight ?? 0;
  };
  await lab.start();
  await lab.clock.advance(plan.stopAfterMs);
  await lab.stop();
  const expected = made.flatMap((id) =>
    plan.handlerMs.flatMap((_, index) =>
      index === 0 || index % 2 === 1 || id.endsWith('0') ? [`${id} h${index}`] : [],
    ),
  );
  return { lab, made, handled, forwarded, consumed, expected, most, busiest };
}

describe('whatever flows through a pipeline', () => {
  it('is handled exactly once by each handler that it is for, and consumed once by each consumer, also when it is stopped on the way', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { lab, handled, consumed, expected } = await run(plan);

        expect(handled.toSorted()).toEqual(expected.toSorted());
        for (const results of consumed) expect(results.toSorted()).toEqual(expected.toSorted());
        expect(lab.all('item')).toEqual([]);
        expect(lab.all('unstopped')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is never more at a time than maxInFlight, and than the concurrency of a handler', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { most, busiest } = await run(plan);

        expect(most).toBeLessThanOrEqual(plan.maxInFlight);
        expect(busiest).toBeLessThanOrEqual(plan.concurrency);
      }),
      { numRuns: 60 },
    );
  });

  it('comes to every consumer in the order in which it came about, also over restarts', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.array(fc.nat(30), { maxLength: 6 }), async (plan, broken) => {
        const breaks = (consumer: number, call: number) => consumer === 0 && broken.includes(call);
        const { forwarded, consumed } = await run({ ...plan, stopAfterMs: 600_000 }, breaks);

        for (const results of consumed) expect(results).toEqual(forwarded);
      }),
      { numRuns: 60 },
    );
  });

  it('comes to exactly one end, whatever fails, is dropped, or is on its way when it stops', async () => {
    const fates = fc.record({
      items: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 }),
      handlerMs: millis,
      consumerMs: millis,
      maxInFlight: fc.integer({ min: 1, max: 6 }),
      overflow: fc.constantFrom('wait', 'drop-oldest', 'drop-newest', 'fail'),
      stopAfterMs: fc.integer({ min: 0, max: 60 }),
      stopWithin: fc.constantFrom<'brutal' | number>('brutal', 5, 5_000),
    });
    await fc.assert(
      fc.asyncProperty(fates, async (fate) => {
        let taken = 0;
        const { handlerMs, consumerMs, maxInFlight, overflow, stopWithin } = fate;
        const definition = pipeline('p', { maxInFlight })
          .producer('list', { stopWithin }, fate.items)
          .router((n) => {
            taken++;
            if (n === 9) throw new Error('no route');
            return n < 7 ? 'known' : 'unknown';
          })
          .on('known', { stopWithin }, async (n, ctx) => {
            await ctx.sleep(handlerMs);
            if (n === 0) throw new Error('no zero');
            return n;
          })
          .consumer('slow', { buffer: 1, overflow, stopWithin }, (_n, ctx) => ctx.sleep(consumerMs))
          .consumer('picky', { stopWithin, onError: 'report', retry: { maxAttempts: 1 } }, (n) => {
            if (n === 1) throw new Error('no one');
          });
        const lab = new Lab(supervisor('app', [definition]), {});
        await lab.start();
        await lab.clock.advance(fate.stopAfterMs);
        // Without a drain, which would let everything through.
        await lab.until(lab.system.ref('app/p').stop());
        await lab.stop();

        const counters = lab.system.metrics.text().matchAll(/^daruma_items_total\{.*\} (\d+)$/gm);
        const over = [...counters].reduce((sum, [, count]) => sum + Number(count), 0);
        expect(over).toBe(taken);
        expect(lab.system.metrics.text()).toMatch(/daruma_items_in_flight\{[^}]*\} 0$/m);
        expect(lab.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 80 },
    );
  });
});
