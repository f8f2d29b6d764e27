import { describe, expect, it } from 'vitest';
import type { AnyService } from '../../src/define/definition.ts';
import { ignore, optional, service, supervisor } from '../../src/index.ts';
import type { Fault } from '../../src/testing/index.ts';
import { atOnce, backoff, crash, lasting, loop, violationsOf } from './in-order.ts';

interface Spawning {
  spawn(child: AnyService): Promise<unknown>;
}

/** Trees that are in order, and that invariants once objected to: drawn ones have found them. */
describe('nothing is wrong with', () => {
  it('one that had done its work in the instant in which its group went down', async () => {
    const make = () => {
      const seed = service('seed', { restart: 'temporary' }, lasting(1_000));
      const web = service('web', { needs: { seed }, backoff }, loop);
      return supervisor('app', [supervisor('all', { strategy: 'one-for-all' }, [seed, web])]);
    };

    expect(await violationsOf(make, crash('app/all/web', 1_000))).toEqual([]);
  });

  it('a supervisor that shuts itself down and is up again at once', async () => {
    const options = { autoShutdown: 'any-significant', backoff: atOnce } as const;
    const make = () => {
      const tool = service('tool', { start: (ctx) => ctx.sleep(100) }, loop);
      const once = { restart: 'transient', significant: true, needs: { tool } } as const;
      const work = service('work', once, lasting(300));
      return supervisor('app', { intensity: 100 }, [supervisor('shift', options, [tool, work])]);
    };

    expect(await violationsOf(make)).toEqual([]);
  });

  it('a significant item that its group takes along in the instant of its end', async () => {
    const make = () => {
      const work = service('work', { restart: 'transient', significant: true }, lasting(2_000));
      const options = { strategy: 'one-for-all', autoShutdown: 'any-significant' } as const;
      const other = service('other', { backoff }, loop);
      return supervisor('app', [supervisor('shift', options, [other, work])]);
    };

    const trigger = { on: 'app/shift/other', incarnation: 1 };
    const fault = { kind: 'crashAfter', trigger, params: { ms: 2_000, error: 'Error' } };
    expect(await violationsOf(make, fault)).toEqual([]);
  });

  it('a significant item on its way out as its group goes down, whose culprit is restarted by hand', async () => {
    const make = () => {
      const options = { restart: 'temporary', significant: true } as const;
      const group = { strategy: 'one-for-all', autoShutdown: 'any-significant' } as const;
      const children = [service('other', { backoff }, loop), service('work', options, loop)];
      return supervisor('app', [supervisor('shift', group, children)]);
    };
    const on = { on: 'app/shift/work', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'exitClean', trigger: on, params: { ms: 500 } },
        { kind: 'slowCleanup', trigger: on, params: { ms: 5 } },
        crash('app/shift/other', 501),
        { kind: 'restartByHand', trigger: { at: 503 }, target: 'app/shift/other' },
      ),
    ).toEqual([]);
  });

  it('a wait for one that was abandoned after its end, and comes back with its group', async () => {
    const make = () => {
      const tool = service('tool', { backoff: { first: 3_000, jitter: 'none' } }, loop);
      const options = { restart: 'transient', stopWithin: 'brutal', needs: { tool } } as const;
      const work = service('work', options, loop);
      const group = [work, service('web', { backoff }, loop)];
      return supervisor('app', [tool, supervisor('all', { strategy: 'one-for-all' }, group)]);
    };
    const trigger = { on: 'app/all/work', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'exitClean', trigger, params: { ms: 0 } },
        { kind: 'hangCleanup', trigger },
        crash('app/all/web', 100),
        crash('app/tool', 200),
      ),
    ).toEqual([]);
  });

  it('a supervisor with little time, of which something is needed by a child that somebody spawned', async () => {
    const make = () => {
      const web = service('web', loop);
      const probe = service('probe', { needs: { web } }, loop);
      const start = (ctx: Spawning) => void ctx.spawn(probe).catch(() => {});
      const probes = service('probes', { start });
      const outside = supervisor('outside', { stopWithin: 100 }, [web]);
      return supervisor('app', { start: 'parallel' }, [outside, probes]);
    };
    const trigger = { on: 'app/probes/probe', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'slowStop', trigger, params: { ms: 500 } },
        { kind: 'stopByHand', trigger: { at: 1_000 }, target: 'app/outside' },
        // Somebody says something meanwhile.
        { kind: 'restartByHand', trigger: { at: 1_200 }, target: 'app/probes' },
      ),
    ).toEqual([]);
  });

  it('one that fails as its group goes down, and is judged late, when the group goes down again', async () => {
    const make = () => {
      const tool = service('tool', { backoff: { first: 5_000, jitter: 'none' } }, loop);
      const soon = { backoff: { first: 20, jitter: 'none' } } as const;
      const group = [service('one', { needs: { tool } }, loop), service('two', soon, loop)];
      const options = { strategy: 'one-for-all', start: 'parallel' } as const;
      return supervisor('app', [tool, supervisor('all', options, group)]);
    };

    expect(
      await violationsOf(
        make,
        { kind: 'eventLoopStall', trigger: { at: 0 }, params: { ms: 200 } },
        { kind: 'slowCleanup', trigger: { on: 'app/all/one', incarnation: 1 }, params: { ms: 1 } },
        crash('app/all/one', 1_000),
        crash('app/all/two', 1_000),
        crash('app/tool', 1_000),
        crash('app/all/two', 1_021),
      ),
    ).toEqual([]);
  });

  it('one whose decide leaves it down when its first start fails, in a row', async () => {
    const fails = { firstStart: 'retry', decide: () => 'stop' as const } as const;
    const make = () => supervisor('app', [service('first', fails, loop), service('next', loop)]);
    const fault = { kind: 'crashAtStart', trigger: { on: 'app/first', incarnation: 1 } };

    expect(await violationsOf(make, { ...fault, params: { error: 'Error' } })).toEqual([]);
  });

  it('a first start that is tried again, of a temporary one that was cut off', async () => {
    const options = { restart: 'temporary', firstStart: 'retry', stopWithin: 'brutal' } as const;
    const make = () => supervisor('app', [service('one', { ...options, backoff }, loop)]);
    const trigger = { on: 'app/one', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'crashAtStart', trigger, params: { error: 'Error' } },
        { kind: 'slowCleanup', trigger, params: { ms: 0 } },
      ),
    ).toEqual([]);
  });

  it('those who wait behind one that somebody elsewhere holds up', async () => {
    const make = () => {
      const last = service('last', loop);
      const group = supervisor('group', { stopWithin: '1s' }, [service('first', loop), last]);
      return supervisor('app', { start: 'parallel' }, [
        group,
        service('slow', { needs: { last }, stopWithin: '3s' }, loop),
      ]);
    };
    const fault = { kind: 'hangStop', trigger: { on: 'app/slow', incarnation: 1 } };

    expect(await violationsOf(make, fault)).toEqual([]);
  });

  it('two of a group that fail to come back in one instant', async () => {
    const make = () => {
      const options = { strategy: 'one-for-all', start: 'parallel' } as const;
      const own = { backoff, stopWithin: 'brutal' } as const;
      const members = ['one', 'two'].map((name) => service(name, own, loop));
      return supervisor('app', [supervisor('group', options, members)]);
    };
    const failing = (on: string): Fault => ({
      kind: 'throwSync',
      trigger: { on, incarnation: 2 },
      params: { error: 'Error' },
    });

    expect(
      await violationsOf(
        make,
        crash('app/group/two', 1_000),
        failing('app/group/one'),
        failing('app/group/two'),
      ),
    ).toEqual([]);
  });

  it('a call that restarts a temporary one that was given up', async () => {
    const options = { restart: 'temporary', firstStart: 'retry' } as const;
    const make = () => {
      const one = service('one', options, loop);
      return supervisor('app', { intensity: 0, whenExhausted: 'give-up' }, [one]);
    };
    const trigger = { on: 'app/one', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'throwSync', trigger, params: { error: 'Error' } },
        { kind: 'restartByHand', trigger: { at: 1_000 }, target: 'app/one' },
      ),
    ).toEqual([]);
  });

  it('a stop that waits for what a failed start elsewhere has left', async () => {
    const make = () => {
      const need = service('need', loop);
      const group = supervisor('group', { stopWithin: '1s' }, [need]);
      const options = { needs: { need }, firstStart: 'retry', stopWithin: '3s' } as const;
      return supervisor('app', { start: 'parallel' }, [group, service('late', options, loop)]);
    };
    const trigger = { on: 'app/late', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'crashAtStart', trigger, params: { error: 'Error' } },
        { kind: 'slowCleanup', trigger, params: { ms: 2_500 } },
        { kind: 'stopByHand', trigger: { when: 'start-failed' }, target: 'app/group' },
      ),
    ).toEqual([]);
  });

  it('a group on its way down whose culprit is stopped by hand while it waits for a dependant', async () => {
    const make = () => {
      const base = service('base', { backoff }, loop);
      const late = service('late', { needs: { base }, firstStart: 'retry', backoff }, loop);
      const group = supervisor('group', { strategy: 'one-for-all' }, [base, late]);
      const reader = service('reader', { needs: { base }, stopWithin: '3s' }, loop);
      return supervisor('app', { start: 'parallel' }, [group, reader]);
    };

    expect(
      await violationsOf(
        make,
        { kind: 'crashAtStart', trigger: { on: 'app/group/late', incarnation: 1 } },
        { kind: 'hangStop', trigger: { on: 'app/reader', incarnation: 1 } },
        { kind: 'stopByHand', trigger: { at: 100 }, target: 'app/group/late' },
      ),
    ).toEqual([]);
  });

  it('one with a decide of its own that its group kills and that waits for its need', async () => {
    const make = () => {
      const source = service('source', loop);
      const decide = () => 'restart' as const;
      const options = { needs: { source }, stopWithin: 'brutal', decide } as const;
      const reader = service('reader', options, loop);
      const other = service('other', { backoff }, loop);
      const group = supervisor('group', { strategy: 'one-for-all' }, [reader, other]);
      return supervisor('app', [source, group]);
    };

    expect(
      await violationsOf(make, crash('app/group/other', 100), {
        kind: 'stopByHand',
        trigger: { at: 200 },
        target: 'app/source',
      }),
    ).toEqual([]);
  });

  it('work that is done while its group, which was to come back, is stopped by hand', async () => {
    const make = () => {
      const base = service('base', { backoff }, loop);
      const move = service('move', { restart: 'transient', needs: { base } }, lasting(1_000));
      const reader = service('reader', { needs: { move } }, loop);
      const store = supervisor('store', { strategy: 'one-for-all' }, [base, move]);
      return supervisor('app', { start: 'parallel' }, [
        store,
        reader,
        service('other', { needs: { move }, stopWithin: '3s' }, loop),
      ]);
    };

    expect(
      await violationsOf(
        make,
        crash('app/store/base', 100),
        { kind: 'slowStop', trigger: { on: 'app/other', incarnation: 1 }, params: { ms: 2_000 } },
        { kind: 'stopByHand', trigger: { at: 200 }, target: 'app/store' },
      ),
    ).toEqual([]);
  });

  it('one that waits for what was stopped by hand, since its group brings that back', async () => {
    const make = () => {
      const slowly = { first: 1_000, jitter: 'none' } as const;
      const start = (ctx: { sleep(ms: number): Promise<void> }) => ctx.sleep(50);
      const base = service('base', { start, backoff: slowly }, loop);
      const spare = service('spare', loop);
      const late = service('late', { start: (ctx) => ctx.sleep(500) }, loop);
      const needs = { late, spare: optional(spare) };
      const group = supervisor('group', { strategy: 'one-for-all' }, [base, spare]);
      const reader = service('reader', { needs }, loop);
      return supervisor('app', { start: 'parallel' }, [group, late, reader]);
    };
    const stop: Fault = { kind: 'stopByHand', trigger: { at: 10 }, target: 'app/group/spare' };

    expect(await violationsOf(make, stop, crash('app/group/base', 100))).toEqual([]);
  });

  it('one with a decide of its own that ended as its group went down, and waits for its need', async () => {
    const make = () => {
      const base = service('base', { start: (ctx) => ctx.sleep(500) }, loop);
      const needs = { base };
      const decide = () => 'restart' as const;
      const reader = service('reader', { needs, decide, onLoss: 'keep' }, lasting(300));
      const other = service('other', { backoff }, loop);
      const last = service('last', { stopWithin: '5s' }, loop);
      const group = supervisor('group', { strategy: 'one-for-all' }, [other, reader, last]);
      return supervisor('app', { start: 'parallel' }, [base, group]);
    };

    expect(
      await violationsOf(
        make,
        crash('app/group/other', 600),
        {
          kind: 'slowStop',
          trigger: { on: 'app/group/last', incarnation: 1 },
          params: { ms: 900 },
        },
        { kind: 'restartByHand', trigger: { at: 1_300 }, target: 'app/base' },
      ),
    ).toEqual([]);
  });

  it('an item that was ready and has to go again before its supervisor is up', async () => {
    const make = () => {
      const tool = service('tool', loop);
      const start = (ctx: { sleep(ms: number): Promise<void> }) => ctx.sleep(500);
      const once = { restart: 'transient', needs: { tool }, start } as const;
      const work = service('work', once, lasting(3_000));
      const slow = service('slow', { needs: { work } }, loop);
      const rest = service('rest', { start: (ctx) => ctx.sleep(300) }, loop);
      const shop = supervisor('shop', { start: 'parallel' }, [work, rest]);
      const [shed, mall] = [supervisor('shed', [tool]), supervisor('mall', [shop])];
      return supervisor('app', { start: 'parallel' }, [shed, mall, slow]);
    };

    expect(
      await violationsOf(
        make,
        { kind: 'restartByHand', trigger: { at: 5_000 }, target: 'app/mall' },
        { kind: 'slowStop', trigger: { on: 'app/slow', incarnation: 1 }, params: { ms: 900 } },
        { kind: 'restartByHand', trigger: { at: 5_100 }, target: 'app/shed' },
      ),
    ).toEqual([]);
  });

  it('one that was not needed at first, and fails as its group starts once more during the boot', async () => {
    const make = () => {
      let starts = 0;
      const start = async () => (++starts === 1 ? ignore : undefined);
      const base = service('base', { backoff }, loop);
      const late = service('late', { start: (ctx) => ctx.sleep(1_000) }, loop);
      const modest = service('modest', { start, backoff }, loop);
      return supervisor('app', [
        supervisor('all', { strategy: 'one-for-all' }, [base, modest, late]),
      ]);
    };
    const fails = { kind: 'crashAtStart', trigger: { on: 'app/all/modest', incarnation: 2 } };

    expect(await violationsOf(make, crash('app/all/base', 100), fails)).toEqual([]);
  });

  it('work in a supervisor that a call stops before its group does', async () => {
    const make = () => {
      const glue = service('glue', { restart: 'transient' }, lasting(500));
      const [gate, last] = [service('gate', { backoff }, loop), service('last', loop)];
      const line = [gate, supervisor('bench', [glue]), last];
      const poster = service('poster', { needs: { glue }, backoff }, loop);
      return supervisor('app', [supervisor('line', { strategy: 'rest-for-one' }, line), poster]);
    };
    const on = { on: 'app/line/last', incarnation: 1 };
    const slow: Fault = { kind: 'slowStop', trigger: on, params: { ms: 3_000 } };
    const stop: Fault = { kind: 'stopByHand', trigger: { at: 900 }, target: 'app/line/bench' };

    // The group goes down from 700 ms or 950 ms on, and the poster starts once more at 1,300 ms.
    for (const at of [700, 950]) {
      const crashes = [crash('app/line/gate', at), crash('app/poster', 800)];
      expect(await violationsOf(make, slow, stop, ...crashes)).toEqual([]);
    }
  });
});
