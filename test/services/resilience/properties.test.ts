import fc from 'fast-check';
import { describe, it } from 'vitest';
import { backoffDelay } from '../../../actors/rules/backoff.ts';
import { BreakerModel, type ModelOptions, optionsOf } from './breaker-model.ts';
import { codeOf, no, stage } from './stage.ts';

/** Times are multiples of this, so that a model need only look then. */
const tickMs = 100;
const ticks = (most: number) => fc.integer({ min: 1, max: most });
const times = (most: number) => ticks(most).map((count) => count * tickMs);

const counted: fc.Arbitrary<Partial<ModelOptions>> = fc.oneof(
  fc.record({ failures: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ failures: fc.integer({ min: 1, max: 4 }), windowMs: times(30) }),
  fc.record({ failureRate: fc.constantFrom(0.25, 0.5, 1), windowMs: times(30) }),
  fc.record({
    failureRate: fc.constantFrom(0.25, 0.5, 1),
    windowCalls: fc.integer({ min: 4, max: 9 }),
  }),
);

const breakers: fc.Arbitrary<ModelOptions> = fc
  .record({
    minimumCalls: fc.integer({ min: 1, max: 4 }),
    recoveryMs: times(20),
    probes: fc.integer({ min: 1, max: 3 }),
    successThreshold: fc.integer({ min: 1, max: 3 }),
    probeWithinMs: times(10),
  })
  .chain((common) => counted.map((own) => ({ ...common, ...own })));

type Command =
  | { readonly type: 'begin' }
  | { readonly type: 'advance'; readonly ticks: number }
  | {
      readonly type: 'end';
      readonly which: number;
      readonly how: 'succeeds' | 'fails' | 'is aborted';
    };

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ type: 'begin' } as const) },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('end' as const),
        which: fc.nat(9),
        how: fc.constantFrom('succeeds', 'fails', 'fails', 'is aborted'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('advance' as const), ticks: ticks(12) }),
    },
  ),
  { maxLength: 60, size: 'max' },
);

const aborted = () => Object.assign(new Error('aborted'), { name: 'AbortError' });

describe('a breaker', () => {
  it('does what its model does, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(breakers, commands, async (options, script) => {
        const run = await stage({ breaker: optionsOf(options) });
        const model = new BreakerModel(options);
        const open: number[] = [];
        let begun = 0;
        for (const command of script) {
          if (command.type === 'begin') {
            const before = run.pending.length;
            run.begin();
            const isAdmitted = run.pending.length > before;
            if (isAdmitted) open.push(begun);
            if (model.begins(begun, run.now) !== isAdmitted) {
              throw new Error(`call ${begun} is ${isAdmitted ? 'admitted' : 'refused'}`);
            }
            if (isAdmitted) begun++;
          } else if (command.type === 'end') {
            const [id] = open.splice(command.which % Math.max(1, open.length), 1);
            if (id === undefined) continue;
            if (command.how === 'succeeds') run.pending[id]?.succeed();
            else run.pending[id]?.fail(command.how === 'fails' ? no() : aborted());
            await run.lab.clock.settle();
            model.ends(id, command.how, run.now);
          } else {
            for (let tick = 0; tick < command.ticks; tick++) {
              await run.advance(tickMs);
              model.at(run.now);
            }
          }
          const changes = run.events('breaker').length;
          if (run.breaker !== model.status || changes !== model.changes) {
            throw new Error(
              `after ${command.type} at ${run.now} it is ${run.breaker} (${changes}), the model ${model.status} (${model.changes})`,
            );
          }
        }
        await run.lab.stop();
      }),
      { numRuns: 150 },
    );
  });
});

/** Calls that come at some time and take some time. */
const traffic = fc.array(
  fc.record({ at: fc.nat(5_000), takes: fc.nat(2_000), fails: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

describe('a bulkhead', () => {
  it('never lets more run than it has places, nor more wait than its queue holds', async () => {
    const places = { concurrency: fc.integer({ min: 1, max: 4 }), queue: fc.nat(4) };
    await fc.assert(
      fc.asyncProperty(fc.record(places), traffic, async (bulkhead, calls) => {
        const run = await stage({ bulkhead, timeout: { total: 3_000 } });
        let running = 0;
        let refused = 0;
        const settled = calls.map(async ({ at, takes, fails }) => {
          await run.lab.wait(at);
          try {
            await run.api.run(run.ctx, async () => {
              if (++running > bulkhead.concurrency) throw new Error(`${running} are running`);
              await run.lab.wait(takes);
              running--;
              if (fails) throw no();
            });
          } catch (error) {
            const { waiting } = run.api.state(run.ctx).bulkhead ?? { waiting: -1 };
            const code = codeOf(error);
            if (code === 'DARUMA_BULKHEAD_FULL') refused++;
            else if (code !== 'no' && code !== 'DARUMA_CALL_TIMEOUT') throw error;
            if (code === 'DARUMA_BULKHEAD_FULL' && waiting !== bulkhead.queue) {
              throw new Error(`refused while ${waiting} of ${bulkhead.queue} wait`);
            }
          }
        });
        await run.advance(60_000);
        await Promise.all(settled);
        const { bulkhead: left } = run.api.state(run.ctx);
        if (left?.running !== 0 || left.waiting !== 0) throw new Error('a place is lost');
        if (refused > calls.length) throw new Error('more are refused than came');
      }),
      { numRuns: 60 },
    );
  });
});

describe('a rate limit', () => {
  it('never lets more begin in any window than it allows, and keeps nobody longer than needed', async () => {
    const limits = {
      limit: fc.integer({ min: 1, max: 5 }),
      per: fc.integer({ min: 1, max: 3_000 }),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(limits), traffic, async (rateLimit, calls) => {
        const run = await stage({ rateLimit: { ...rateLimit, maxWait: 'infinity' } });
        const begun: number[] = [];
        const settled = calls.map(async ({ at }) => {
          await run.lab.wait(at);
          await run.api.run(run.ctx, () => begun.push(run.now));
        });
        await run.advance(200_000);
        await Promise.all(settled);
        if (begun.length !== calls.length)
          throw new Error(`${begun.length} of ${calls.length} ran`);
        const came = calls.map(({ at }) => at).sort((a, b) => a - b);
        for (const [nth, at] of begun.entries()) {
          const before = begun[nth - rateLimit.limit];
          if (before !== undefined && at < before + rateLimit.per) {
            throw new Error(`${rateLimit.limit + 1} begin within ${at - before} ms`);
          }
          const earliest = Math.max(
            came[nth] ?? 0,
            before === undefined ? 0 : before + rateLimit.per,
          );
          if (at !== earliest) throw new Error(`call ${nth} begins at ${at}, not at ${earliest}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a retry', () => {
  it('waits as its policy says, makes no more attempts than it may, and throws the last error', async () => {
    const backoffs = fc
      .record({
        first: fc.nat(2_000),
        more: fc.nat(5_000),
        factor: fc.double({ min: 1, max: 4, noNaN: true }),
        jitter: fc.constantFrom('full', 'equal', 'none'),
      })
      .map(({ more, ...backoff }) => ({ ...backoff, max: backoff.first + more }));
    await fc.assert(
      fc.asyncProperty(
        backoffs,
        fc.integer({ min: 1, max: 8 }),
        fc.nat(9),
        fc.nat(),
        async (backoff, maxAttempts, failures, seed) => {
          const run = await stage({ retry: { maxAttempts, backoff } }, { seed });
          const at: number[] = [];
          const outcome = await run.lab
            .until(
              run.api.run(run.ctx, ({ attempt }) => {
                at.push(run.now);
                if (attempt <= failures) throw new Error(`no ${attempt}`);
                return 'yes';
              }),
            )
            .catch(codeOf);
          const attempts = Math.min(maxAttempts, failures + 1);
          const expected = failures < maxAttempts ? 'yes' : `no ${maxAttempts}`;
          if (at.length !== attempts) throw new Error(`${at.length} attempts, not ${attempts}`);
          if (outcome !== expected) throw new Error(`${outcome}, not ${expected}`);
          const policy = {
            firstMs: backoff.first,
            maxMs: backoff.max,
            resetAfterMs: 0,
            ...backoff,
          };
          for (let nth = 1; nth < at.length; nth++) {
            const delayMs = (at[nth] ?? 0) - (at[nth - 1] ?? 0);
            const [least, most] = [0, 1].map((random) => backoffDelay(policy, nth - 1, random));
            if (delayMs < (least ?? 0) || delayMs > (most ?? 0)) {
              throw new Error(`delay ${nth} is ${delayMs}, not in [${least}, ${most}]`);
            }
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('the end of an incarnation', () => {
  it('leaves nothing waiting and no timer, whenever it comes', async () => {
    const policies = fc.record(
      {
        timeout: fc.record({ attempt: times(10), total: fc.constant('5s' as const) }),
        retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 4 }) }),
        breaker: fc.record({ failures: fc.integer({ min: 1, max: 4 }), recovery: times(20) }),
        bulkhead: fc.record({ concurrency: fc.integer({ min: 1, max: 3 }), queue: fc.nat(3) }),
        rateLimit: fc.record({ limit: fc.integer({ min: 1, max: 3 }), per: times(20) }),
        fallback: fc.constant(() => 'instead'),
      },
      { requiredKeys: ['retry'] },
    );
    await fc.assert(
      fc.asyncProperty(policies, traffic, fc.nat(8_000), async (options, calls, stopAt) => {
        const run = await stage(options);
        const { ctx } = run;
        let pending = 0;
        for (const { at, takes, fails } of calls) {
          run.lab.clock.setTimeout(() => {
            pending++;
            const work = async () => {
              await run.lab.wait(takes);
              if (fails) throw no();
            };
            const over = () => {
              pending--;
            };
            run.api.run(ctx, work).then(over, over);
          }, at);
        }
        await run.advance(stopAt);
        await run.lab.stop();
        const { bulkhead, rateLimit } = run.api.state(run.lab.system);
        if (pending > 0) throw new Error(`${pending} calls are pending after the end`);
        if (bulkhead && bulkhead.running + bulkhead.waiting > 0) throw new Error('a place is lost');
        if (rateLimit && rateLimit.waiting > 0) throw new Error('somebody waits for a turn');
        // What the test itself has armed is over by then.
        await run.advance(20_000);
        if (run.lab.clock.pendingTimers > 0) throw new Error('a timer is left');
      }),
      { numRuns: 80 },
    );
  });
});
