import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import {
  allFaults,
  checkTrace,
  defineFault,
  emptyPlan,
  type Fault,
  runPlan,
  supervisionInvariants,
  type TraceEvent,
} from '../../src/testing/index.ts';

function makeTree() {
  const database = service('database', { stopWithin: '2s', stop: () => {} }, async (ctx) => {
    await ctx.sleep('1h');
  });
  const web = service('web', { needs: { database }, decide: () => 'restart' }, async (ctx) => {
    await ctx.sleep('1h');
  });
  return supervisor('app', [database, web]);
}

async function eventsWith(...faults: Fault[]): Promise<readonly TraceEvent[]> {
  const { trace, simulation } = await runPlan(makeTree, { ...emptyPlan, faults });
  expect(simulation.report, 'it comes down in the end').toBeDefined();
  return trace.events;
}

/** What happened to a place, as `type at`. */
function log(events: readonly TraceEvent[], path: string, ...types: string[]): string[] {
  return events
    .filter((event) => event.path === path && types.includes(event.type))
    .map(({ type, at }) => `${type} ${at}`);
}

const listeners = process.listenerCount('unhandledRejection');
const first = { on: 'app/web', incarnation: 1 } as const;
const web = 'app/web';

describe('faults of a start', () => {
  it.each(['crashAtStart', 'throwSync', 'configReject'])('%s fails the boot', async (kind) => {
    const events = await eventsWith({ kind, trigger: first });

    expect(log(events, web, 'start-failed')).toEqual(['start-failed 0']);
  });

  it.each(['hangStart', 'neverReady'])('%s runs into the limit of a start', async (kind) => {
    const events = await eventsWith({ kind, trigger: first });

    expect(log(events, web, 'start-failed', 'ready')).toEqual(['start-failed 10000']);
  });

  it('slowReady delays it', async () => {
    const events = await eventsWith({ kind: 'slowReady', trigger: first, params: { ms: 700 } });

    expect(log(events, web, 'ready')).toEqual(['ready 700']);
  });

  it('readyFlap lets several incarnations fail soon after they were ready', async () => {
    const events = await eventsWith({
      kind: 'readyFlap',
      trigger: { at: 1_000 },
      target: web,
      params: { times: 3, ms: 10 },
    });

    const ready = events.filter(({ type, path }) => type === 'ready' && path === web);
    const ends = events.filter(({ type, path }) => type === 'ended' && path === web).slice(0, 3);
    expect(ready).toHaveLength(4);
    expect(ends.map(({ at }, nth) => at - (ready[nth]?.at ?? 0))).toEqual([1_010, 10, 10]);
  });

  it('waits for the next start when the body is up', async () => {
    const events = await eventsWith(
      { kind: 'slowReady', trigger: { at: 500 }, target: web, params: { ms: 700 } },
      { kind: 'crashAfter', trigger: { at: 1_000 }, target: web, params: { ms: 0 } },
    );

    const [backoff] = events.filter(({ type }) => type === 'backoff');
    const delayMs = backoff?.type === 'backoff' ? backoff.delayMs : 0;
    expect(log(events, web, 'ready')).toEqual(['ready 0', `ready ${1_000 + delayMs + 700}`]);
  });
});

describe('faults of a run', () => {
  it.each(['crashAfter', 'throwNonError', 'exitClean'])('%s ends the body', async (kind) => {
    const events = await eventsWith({ kind, trigger: first, params: { ms: 50 } });

    expect(log(events, web, 'ended')[0]).toBe('ended 50');
    expect(log(events, web, 'backoff')).toEqual(['backoff 50']);
  });

  it.each(['Error', 'string', 'undefined', 'null', 'frozen', 'circular', 'abort', 'bare'])(
    'a thrown %s is a failure like any other',
    async (error) => {
      const events = await eventsWith({ kind: 'crashAfter', trigger: first, params: { error } });

      expect(log(events, web, 'ended', 'backoff')).toContain('backoff 0');
    },
  );

  it.each(['unhandledRejection', 'uncaughtException'])('%s is blamed on the body', async (kind) => {
    const events = await eventsWith({ kind, trigger: first, params: { ms: 50 } });

    expect(log(events, web, 'backoff')).toEqual(['backoff 50']);
    expect(events.filter(({ type }) => type === 'uncaught')).toEqual([]);
  });

  it('lateRejection blames one that is over', async () => {
    const events = await eventsWith(
      { kind: 'lateRejection', trigger: first, params: { ms: 20 } },
      { kind: 'crashAfter', trigger: first, params: { ms: 100 } },
    );

    expect(log(events, web, 'stray-error')).toEqual(['stray-error 120']);
  });

  it.each(['decide', 'stop', 'cleanup', 'listener'])('throwInHook breaks a %s', async (hook) => {
    const target = hook === 'stop' ? 'app/database' : web;
    const events = await eventsWith(
      { kind: 'throwInHook', trigger: { at: 10 }, target, params: { hook } },
      { kind: 'crashAfter', trigger: { at: 20 }, target: web, params: { ms: 0 } },
    );

    const seen = events.filter(({ type }) =>
      ['decide-failed', 'stop-error', 'listener-failed'].includes(type),
    );
    expect(seen).toHaveLength(1);
  });

  it('eventLoopStall lets time pass unseen', async () => {
    const events = await eventsWith(
      { kind: 'eventLoopStall', trigger: { at: 100 }, params: { ms: 5_000 } },
      { kind: 'crashAfter', trigger: { at: 200 }, target: web, params: { ms: 0 } },
    );

    expect(log(events, web, 'backoff')).toEqual(['backoff 5100']);
  });
});

describe('faults of a stop', () => {
  const down = ['ended', 'unstopped'];

  it.each(['hangStop', 'ignoreAbort', 'lateSettle'])('%s runs into the limit', async (kind) => {
    const events = await eventsWith({ kind, trigger: first });

    expect(log(events, web, ...down)).toEqual(['unstopped 65000']);
  });

  it('slowStop takes its time', async () => {
    const events = await eventsWith({ kind: 'slowStop', trigger: first, params: { ms: 300 } });

    expect(log(events, web, ...down)).toEqual(['ended 60300']);
  });

  it('crashInStop is an error of the stop', async () => {
    const events = await eventsWith({ kind: 'crashInStop', trigger: first });

    expect(log(events, web, 'stop-error', 'ended')).toEqual(['stop-error 60000', 'ended 60000']);
  });

  it('doubleSettle is ignored', async () => {
    const events = await eventsWith(
      { kind: 'doubleSettle', trigger: first, params: { ms: 10 } },
      { kind: 'crashAfter', trigger: first, params: { ms: 100 } },
    );

    expect(log(events, web, 'ended')[0]).toBe('ended 100');
    expect(log(events, web, 'backoff')).toHaveLength(1);
  });
});

describe('faults of dependencies', () => {
  it('dependencyLoss keeps it down for a while', async () => {
    const target = 'app/database';
    const params = { ms: 5_000 };
    const events = await eventsWith({
      kind: 'dependencyLoss',
      trigger: { at: 100 },
      target,
      params,
    });

    expect(log(events, target, 'ready')).toEqual(['ready 0', 'ready 5100']);
    expect(log(events, web, 'suspended', 'ready')).toEqual([
      'ready 0',
      'suspended 100',
      'ready 5100',
    ]);
  });

  it('dependencyFlap takes it down several times', async () => {
    const target = 'app/database';
    const params = { times: 2, ms: 10_000 };
    const events = await eventsWith({
      kind: 'dependencyFlap',
      trigger: { at: 100 },
      target,
      params,
    });

    expect(log(events, target, 'backoff')).toEqual(['backoff 100', 'backoff 10100']);
  });

  it('swizzle stops by hand and starts again', async () => {
    const params = { count: 2, ms: 100, pick: 0 };
    const events = await eventsWith({ kind: 'swizzle', trigger: { at: 1_000 }, params });

    expect(events.filter(({ type }) => type === 'call').length).toBe(5);
    expect(log(events, 'app/database', 'ready')).toHaveLength(2);
  });
});

describe('faults of the system and of time', () => {
  it.each(['shutdown', 'shutdownTwice', 'restartDuringShutdown', 'signal'])(
    '%s takes it down',
    async (kind) => {
      const events = await eventsWith({ kind, trigger: { at: 5_000 }, target: web });

      expect(events.at(-1)?.at).toBeLessThanOrEqual(6_000);
      expect(log(events, web, 'ended')).toEqual(['ended 5000']);
    },
  );

  it('processKill ends it without a stop, and boots it again', async () => {
    const store: string[] = [];
    const make = () =>
      supervisor('app', [
        service('a', async (ctx) => {
          ctx.defer(() => store.push('cleanup'));
          store.push(`boot at ${ctx.now() - Date.UTC(2026, 0, 1)}`);
          ctx.signal.addEventListener('abort', () => store.push('abort'));
          await ctx.sleep('5s');
          store.push('not reached by the first');
          await ctx.sleep('1h');
        }),
      ]);
    const fault = { kind: 'processKill', trigger: { at: 2_000 }, params: { ms: 500 } };
    const { trace, simulation } = await runPlan(make, { ...emptyPlan, faults: [fault] });

    expect(store).toEqual([
      'boot at 0',
      'boot at 2500',
      'not reached by the first',
      'abort',
      'cleanup',
    ]);
    expect(log(trace.events, 'app', 'fault', 'killed', 'phase')).toEqual([
      'phase 0',
      'phase 0',
      'fault 2000',
      'killed 2000',
      'phase 2500',
      'phase 2500',
      'phase 60000',
      'phase 60000',
      'phase 60000',
    ]);
    expect(log(trace.events, 'app/a', 'starting', 'ended')).toEqual([
      'starting 0',
      'starting 2500',
      'ended 60000',
    ]);
    expect(checkTrace(simulation.tree, trace, supervisionInvariants)).toEqual([]);
    expect(process.listenerCount('unhandledRejection')).toBe(listeners);
  });

  it('processKill leaves a clock as late as it was', async () => {
    const faults: Fault[] = [
      { kind: 'timerJitter', trigger: { at: 0 }, params: { ms: 500 } },
      { kind: 'processKill', trigger: { at: 1_000 }, params: { ms: 0 } },
      // It is up: the next start is struck, which is that of the next life.
      { kind: 'hangStart', trigger: { at: 500 }, target: web },
    ];
    const { trace, simulation } = await runPlan(makeTree, { ...emptyPlan, faults });

    expect(log(trace.events, web, 'start-failed')).toHaveLength(1);
    expect(checkTrace(simulation.tree, trace, supervisionInvariants)).toEqual([]);
  });

  it('processKill owes nothing when the process is not booted again', async () => {
    const events = [{ when: 'stop-requested', of: 'app/web' } as const, { at: 59_900 }];
    for (const trigger of events) {
      const fault = { kind: 'processKill', trigger, params: { ms: 10_000 } };
      const { trace, simulation } = await runPlan(makeTree, { ...emptyPlan, faults: [fault] });

      expect(trace.events.at(-1)).toMatchObject({ type: 'finished', pendingTimers: 0 });
      expect(checkTrace(simulation.tree, trace, supervisionInvariants)).toEqual([]);
    }
  });

  it('a second signal leaves at once', async () => {
    const events = await eventsWith(
      { kind: 'hangStop', trigger: first },
      { kind: 'signal', trigger: { at: 5_000 } },
      { kind: 'signal', trigger: { when: 'signal', plus: 100 } },
    );

    expect(log(events, 'app', 'cut-off')).toEqual(['cut-off 5100']);
  });

  it.each(['clockJump', 'clockDrift'])('%s changes nothing but the time of day', async (kind) => {
    const crash = { kind: 'crashAfter', trigger: { at: 2_000 }, target: web } as const;
    const untimed = (events: readonly TraceEvent[]) =>
      events.filter(({ type }) => type !== 'fault').map(({ type, path, at }) => [type, path, at]);

    const plain = await eventsWith(crash);
    const moved = await eventsWith(crash, { kind, trigger: { at: 1_000 } });

    expect(untimed(moved)).toEqual(untimed(plain));
  });

  it('timerJitter lets timers fire late, never early', async () => {
    const options = { kind: 'timerJitter', trigger: { at: 0 }, params: { ms: 500 } } as const;
    const events = await eventsWith(options, {
      kind: 'crashAfter',
      trigger: { at: 1_000 },
      target: web,
    });

    const backoff = events.find(({ type }) => type === 'backoff');
    const delayMs = backoff?.type === 'backoff' ? backoff.delayMs : 0;
    const again = events.filter(({ type, path }) => type === 'starting' && path === web)[1];
    expect(again?.at).toBeGreaterThan(1_000 + delayMs);
    expect(again?.at).toBeLessThanOrEqual(1_000 + delayMs + 500);
  });
});

describe('the catalogue', () => {
  it('says of every fault what it does, in a sentence', () => {
    for (const { name, description } of allFaults()) {
      expect(description, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('takes faults of users', async () => {
    defineFault({
      name: 'degrade',
      group: 'custom',
      strikes: 'body',
      description: 'It says that it is degraded.',
      params: {},
      apply: (body) => body.whenReady(() => body.context?.health('degraded', 'injected')),
    });
    const events = await eventsWith({ kind: 'degrade', trigger: first });

    expect(log(events, web, 'health')).toEqual(['health 0']);
  });

  it('says which faults there are when it is asked for another', async () => {
    const plan = { ...emptyPlan, faults: [{ kind: 'crashafter', trigger: first }] };

    await expect(runPlan(makeTree, plan)).rejects.toThrow(/There is no fault 'crashafter'/);
  });

  it('lets a tree heal: no fault strikes in the last part of a run', async () => {
    const fault = { kind: 'crashAfter', trigger: { at: 40_000 }, target: web } as const;
    const plan = { ...emptyPlan, healMs: 30_000, faults: [fault] };
    const { trace } = await runPlan(makeTree, plan);

    expect(trace.events.filter(({ type }) => type === 'fault')).toEqual([]);
  });
});
