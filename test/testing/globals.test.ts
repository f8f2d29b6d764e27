import nodeCrypto, { randomUUID } from 'node:crypto';
import { setTimeout as importedTimeout } from 'node:timers';
import { scheduler, setInterval as ticks, setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Context, service, supervisor } from '../../src/index.ts';
import { interceptGlobals, type RunOptions, runPlan, simulate } from '../../src/testing/index.ts';
import { emptyPlan } from '../../src/testing/plan.ts';

const kept = { ...globalThis, Date, now: Date.now, random: Math.random };
const real = [setTimeout, setInterval, setImmediate, Date, Date.now, Math.random];

type Work = (ctx: Context) => unknown;

/** A tree of one service, whose body does something and says when it was done with it. */
const treeOf = (work: Work) => () =>
  supervisor('app', [
    service('a', async (ctx) => {
      const result = await work(ctx as Context);
      ctx.health('degraded', String(result));
      await ctx.sleep('1h');
    }),
  ]);

/** Virtual time at which the work was done, and its result. */
async function done(work: Work, options: RunOptions = {}) {
  const { trace } = await runPlan(treeOf(work), emptyPlan, { globals: true, ...options });
  const event = trace.events.find(({ type }) => type === 'health');
  if (event?.type !== 'health') throw new Error('It is never done.');
  return { at: event.at, result: event.reason, trace };
}

describe.each(['sync', 'macrotask'] as const)('with globals, drained by %s', (drain) => {
  it.each<[string, Work]>([
    ['setTimeout', () => new Promise((resolve) => setTimeout(resolve, 5_000))],
    ['an imported setTimeout', () => new Promise((resolve) => importedTimeout(resolve, 5_000))],
    ['setTimeout of node:timers/promises', () => wait(5_000)],
    ['scheduler.wait', () => scheduler.wait(5_000)],
    ['util.promisify(setTimeout)', () => promisify(setTimeout)(5_000)],
    [
      'AbortSignal.timeout',
      () => {
        const signal = AbortSignal.timeout(5_000);
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    ],
    [
      'setInterval',
      () =>
        new Promise<void>((resolve) => {
          let rounds = 0;
          const timer = setInterval(() => {
            if (++rounds < 5) return;
            clearInterval(timer);
            resolve();
          }, 1_000);
        }),
    ],
    [
      'an interval that is iterated',
      async () => {
        let rounds = 0;
        for await (const _ of ticks(1_000)) if (++rounds === 5) return;
      },
    ],
    [
      'a timer that is started again',
      () =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, 3_000);
          setTimeout(() => timer.refresh(), 2_000);
        }),
    ],
  ])('%s waits in virtual time', async (_name, work) => {
    const { at, trace } = await done(work, { drain });

    expect(at).toBe(5_000);
    expect(trace.header).toMatchObject({ deterministic: true });
  });

  it('a timer that was cleared does not fire, by its number neither', async () => {
    const { result } = await done(
      async () => {
        const fired: number[] = [];
        const timers = [1, 2, 3].map((number) => setTimeout(() => fired.push(number), 10));
        clearTimeout(timers[0]);
        clearTimeout(Number(timers[1]));
        await wait(20);
        return fired;
      },
      { drain },
    );

    expect(result).toBe('3');
  });

  it('the time of day and all clocks are those of the simulation', async () => {
    const { result } = await done(
      async () => {
        const clocks = () => [
          Date.now(),
          Date.parse(new Date().toISOString()),
          kept.Date.now(),
          performance.now(),
          process.uptime() * 1_000,
          Number(process.hrtime.bigint()) / 1e6,
        ];
        const before = clocks();
        const since = process.hrtime();
        await wait(5_000);
        const passed = clocks().map((ms, index) => ms - (before[index] ?? 0));
        return JSON.stringify([...passed, process.hrtime(since), new Date() instanceof kept.Date]);
      },
      { drain },
    );

    expect(JSON.parse(result ?? '')).toEqual([...Array(6).fill(5_000), [5, 0], true]);
  });
});

describe('chance', () => {
  const draw: Work = () =>
    [
      Math.random(),
      crypto.randomUUID(),
      randomUUID(),
      nodeCrypto.randomInt(1_000),
      nodeCrypto.randomBytes(4).toString('hex'),
      crypto.getRandomValues(new Uint32Array(1)),
    ].join(' ');

  it('is that of the seed', async () => {
    const [one, same] = [await done(draw), await done(draw)];
    const { trace } = await runPlan(treeOf(draw), { ...emptyPlan, seed: 2 }, { globals: true });
    const other = trace.events.find(({ type }) => type === 'health');

    expect(one.result).toBe(same.result);
    expect(other).not.toMatchObject({ reason: one.result });
    expect(one.result).toMatch(/^0\.\d+ [\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-/);
  });

  it('is not without globals', async () => {
    const [one, other] = [
      await done(draw, { globals: false }),
      await done(draw, { globals: false }),
    ];

    expect(one.result).not.toBe(other.result);
  });
});

const now = () => [setTimeout, setInterval, setImmediate, Date, Date.now, Math.random];

describe('what was replaced', () => {
  it('is put back after a run', async () => {
    await done(() => {});

    expect(now()).toEqual(real);
  });

  it('is put back after a run that failed', async () => {
    const broken = () => {
      throw new Error('no tree');
    };

    await expect(runPlan(broken, emptyPlan, { globals: true })).rejects.toThrow('no tree');
    await expect(
      simulate(
        treeOf(() => {}),
        broken,
        { globals: true },
      ),
    ).rejects.toThrow('no tree');
    await expect(
      simulate(
        treeOf(() => {}),
        async () => broken(),
        { globals: true },
      ),
    ).rejects.toThrow('no tree');
    expect(now()).toEqual(real);
  });

  it('is real for everybody else while a run is under way', async () => {
    const others = new Promise<number>((resolve) => {
      setTimeout(() => resolve(Date.now()), 1);
    });
    const run = simulate(
      treeOf(() => {}),
      async (sim) => {
        await others;
        await sim.advance('1d');
        return Date.now();
      },
      { globals: true },
    );

    expect(Math.abs((await others) - Date.now())).toBeLessThan(60_000);
    expect((await run).result).toBe(Date.UTC(2026, 0, 2));
  });
});

describe('interceptGlobals', () => {
  it('reaches what keeps a reference for itself, and is undone', async () => {
    const undo = interceptGlobals();
    const { setTimeout: keptTimeout } = globalThis;
    undo();
    const { at } = await done(() => new Promise((resolve) => keptTimeout(resolve, 5_000)));

    expect(at).toBe(5_000);
    expect(now()).toEqual(real);
    await new Promise((resolve) => keptTimeout(resolve, 1));
  });
});

describe('what a global timer does', () => {
  it('is blamed on its service when it throws', async () => {
    const make = () =>
      supervisor('app', [
        service('a', async (ctx) => {
          setTimeout(() => {
            throw new Error('from a timer');
          }, 100);
          await ctx.sleep('1h');
        }),
      ]);
    const { trace } = await runPlan(make, { ...emptyPlan, horizonMs: 150 }, { globals: true });

    expect(trace.of('app/a').find(({ type }) => type === 'ended')).toMatchObject({
      at: 100,
      error: { message: 'from a timer' },
    });
  });

  it('is a leak when it is still armed at the end, and named by its line', async () => {
    const leaking: Work = () => {
      setInterval(() => {}, 1_000);
      setInterval(() => {}, 1_000).unref();
    };
    const { violations } = await simulate(treeOf(leaking), () => {}, { globals: true });

    expect(violations).toMatchObject([{ invariant: 'noTimerLeak' }]);
    expect(violations[0]?.message).toMatch(
      /^1 timer is still armed after the end: setInterval at test\/testing\/globals\.test\.ts:\d+\.$/,
    );
  });
});
