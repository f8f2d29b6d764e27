import { describe, expect, it } from 'vitest';
import { compileTree } from '../../src/define/compile.ts';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { service, supervisor } from '../../src/index.ts';
import { kindOf } from '../../src/testing/fault-catalogue.ts';
import { emptyPlan, type Fault, runPlan, type TraceEvent } from '../../src/testing/index.ts';
import { TreeInfo } from '../../src/testing/tree-info.ts';
import { violationsOf } from './in-order.ts';

const path = 'app/web';

const loop = async (ctx: { sleep(duration: '1s'): Promise<void> }): Promise<void> => {
  for (;;) await ctx.sleep('1s');
};

function makeTree() {
  const web = service('web', { watchdog: '2s', stopWithin: '3s' }, async (ctx) => {
    for (;;) {
      await ctx.sleep('1s');
      ctx.beat();
    }
  });
  return supervisor('app', [web, supervisor('inner', [service('one', () => {})])]);
}

async function eventsWith(...faults: Fault[]): Promise<readonly TraceEvent[]> {
  const { trace } = await runPlan(makeTree, { ...emptyPlan, faults, horizonMs: 10_000 });
  return trace.events;
}

function log(events: readonly TraceEvent[], of: string, ...types: string[]): string[] {
  return events
    .filter((event) => event.path === of && types.includes(event.type))
    .map(({ type, at }) => `${type} ${at}`);
}

describe('faults of calls', () => {
  it('stopByHand and startByHand act on services and supervisors', async () => {
    for (const target of [path, 'app/inner']) {
      const events = await eventsWith(
        { kind: 'stopByHand', trigger: { at: 1_000 }, target },
        { kind: 'startByHand', trigger: { at: 2_000 }, target },
      );

      expect(log(events, target, 'call')).toEqual(['call 1000', 'call 2000']);
      expect(log(events, target, 'ended', 'starting').slice(1, 3)).toEqual([
        'ended 1000',
        'starting 2000',
      ]);
    }
  });

  it('restartByHand does both', async () => {
    const events = await eventsWith({
      kind: 'restartByHand',
      trigger: { at: 1_000 },
      target: path,
    });

    expect(log(events, path, 'ended', 'starting').slice(1, 3)).toEqual([
      'ended 1000',
      'starting 1000',
    ]);
  });
});

describe('startChildren', () => {
  const target = 'app/pool';
  const makePool = (options: { maxChildren?: number } = {}) =>
    supervisor('app', [
      supervisor('pool', { strategy: 'dynamic', template: service('job', loop), ...options }),
      service('other', loop),
    ]);
  const started = async (options: { maxChildren?: number }, count: number) => {
    const fault: Fault = {
      kind: 'startChildren',
      trigger: { at: 1_000 },
      target,
      params: { count },
    };
    const plan = { ...emptyPlan, faults: [fault], horizonMs: 5_000 };
    const { trace } = await runPlan(() => makePool(options), plan);
    return log(trace.events, `${target}/${count}`, 'starting').length;
  };

  it('asks a pool for children, as long as it may have more', async () => {
    expect(await started({}, 3)).toBe(1);
    expect(await started({ maxChildren: 2 }, 2)).toBe(1);
    expect(await started({ maxChildren: 2 }, 3)).toBe(0);
  });

  it('is drawn for pools, up to one more than they may have', () => {
    const kind = kindOf('startChildren');
    const treeOf = (root: AnySupervisor) => new TreeInfo(compileTree(root).root);

    expect(kind.targets?.(treeOf(makePool()))).toEqual([target]);
    expect(kind.paramsAt?.(treeOf(makePool({ maxChildren: 2 })), target).count).toMatchObject({
      max: 3,
    });
    expect(kind.isPossible?.(treeOf(makeTree()))).toBe(false);
  });
});

describe('hooks of children that come and go', () => {
  const options = {
    decide: () => 'escalate' as const,
    backoff: { first: 0, jitter: 'none' as const },
  };
  const failing = service('job', options, async (ctx: { sleep(ms: number): Promise<void> }) => {
    await ctx.sleep(100);
    throw new Error('no');
  });
  const child = 'app/pool/1';
  const makePool = () =>
    supervisor('app', [supervisor('pool', { strategy: 'dynamic', template: failing })]);
  const ask: Fault = {
    kind: 'startChildren',
    trigger: { at: 1_000 },
    target: 'app/pool',
    params: { count: 1 },
  };

  it('are told, and made to throw, by their own path', async () => {
    const throws = { kind: 'throwInHook', trigger: { at: 500 }, target: child };
    const fault: Fault = { ...throws, params: { hook: 'decide' } };
    const plan = { ...emptyPlan, faults: [fault, ask], horizonMs: 5_000 };
    const { trace } = await runPlan(makePool, plan);
    const hooks = trace.of(child).filter(({ type }) => type === 'hook');

    // The one that threw restarts it.
    expect(hooks).toMatchObject([
      { hook: 'decide', at: 1_100, incarnation: 1 },
      { hook: 'decide', at: 1_200, incarnation: 2, answer: 'escalate' },
    ]);
    expect(hooks[0]).not.toHaveProperty('answer');
  });

  it('are nothing to object to where they cannot be seen', async () => {
    const host = service('host', async (ctx) => {
      await ctx.spawn(supervisor('team', [failing])).catch(() => {});
      for (;;) await ctx.sleep('1s');
    });
    const make = () => supervisor('app', [host]);

    expect(await violationsOf(make)).toEqual([]);
    expect(await violationsOf(makePool, ask)).toEqual([]);
  });
});

describe('faults of progress and cleanup', () => {
  const trigger = { on: path, incarnation: 1 } as const;

  it('stuck keeps a body from beating', async () => {
    const events = await eventsWith({ kind: 'stuck', trigger });

    expect(log(events, path, 'overdue', 'backoff').slice(0, 2)).toEqual([
      'overdue 2000',
      'backoff 2000',
    ]);
  });

  it('slowCleanup delays every end', async () => {
    const events = await eventsWith(
      { kind: 'slowCleanup', trigger, params: { ms: 700 } },
      { kind: 'crashAfter', trigger, params: { ms: 100 } },
    );

    expect(log(events, path, 'body-over', 'ended').slice(0, 2)).toEqual([
      'body-over 100',
      'ended 800',
    ]);
  });

  it('hangCleanup runs into the limit of a stop', async () => {
    const events = await eventsWith(
      { kind: 'hangCleanup', trigger },
      { kind: 'crashAfter', trigger, params: { ms: 100 } },
    );

    expect(log(events, path, 'unstopped')).toEqual(['unstopped 3100']);
  });

  it('failCleanup gives back one after the other, whichever fails', async () => {
    const events = await eventsWith(
      { kind: 'failCleanup', trigger, params: { ms: 100, nth: 2 } },
      { kind: 'exitClean', trigger, params: { ms: 100 } },
    );

    const returned = events.flatMap((event) =>
      event.type === 'resource' && event.did === 'returned' ? [[event.at, event.nth]] : [],
    );
    expect(returned).toEqual([
      [200, 3],
      [300, 2],
      [400, 1],
    ]);
    expect(log(events, path, 'ended').at(0)).toBe('ended 400');
  });

  it('useAfterEnd is refused, and exitAtStart is a failure', async () => {
    const second = { on: path, incarnation: 2 } as const;
    const events = await eventsWith(
      { kind: 'crashAfter', trigger, params: { ms: 100 } },
      { kind: 'useAfterEnd', trigger, params: { ms: 50 } },
      { kind: 'exitAtStart', trigger: second },
    );

    expect(log(events, path, 'context-used')).toEqual([]);
    expect(log(events, path, 'start-failed')).toHaveLength(1);
  });

  it('ignoreAbort tells what was not refused', async () => {
    const ignores = { kind: 'ignoreAbort', trigger, params: { calls: 5, ms: 1_000 } };
    const events = await eventsWith(ignores, {
      kind: 'stopByHand',
      trigger: { at: 1_000 },
      target: path,
    });
    const used = log(events, path, 'context-used');

    expect(used).toContain('context-used 3000');
    expect(used).not.toContain('context-used 5000');
  });
});
