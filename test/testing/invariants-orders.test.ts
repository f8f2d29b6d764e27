import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import type { Fault } from '../../src/testing/index.ts';
import { backoff, crash, lasting, loop, violationsOf } from './in-order.ts';
import { hasty, knot, press } from './more-trees.ts';
import { batch } from './reference-trees.ts';

/** A system that is not up yet begins to stop at once. */
const slow = service('slow', { start: (ctx) => ctx.sleep(5_000) }, loop);

/** Orders to stop that meet: which of them was first shows only in the order in which they were given. */
describe('nothing is wrong in one instant with', () => {
  it('a stop by hand that the end of the system overtakes in the same instant', async () => {
    const make = () => {
      const group = supervisor('group', [service('one', { stopWithin: '4s' }, loop)]);
      return supervisor('app', { stopWithin: '1s' }, [group]);
    };
    const trigger = { on: 'app/group/one', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'shutdown', trigger },
        { kind: 'stopByHand', trigger },
        { kind: 'hangCleanup', trigger },
      ),
    ).toEqual([]);
  });

  it('a stop by hand in the turn in which the system begins to stop', async () => {
    const make = () => {
      const chief = service('chief', { backoff }, loop);
      const outsider = service('outsider', loop);
      return supervisor('app', [supervisor('office', [chief]), outsider, slow]);
    };
    const trigger = { on: 'app/office/chief', incarnation: 2 };
    const signal: Fault = { kind: 'signal', trigger, params: { signal: 'SIGTERM' } };
    const byHand: Fault = { kind: 'stopByHand', trigger, target: 'app/office' };

    expect(await violationsOf(make, crash(trigger.on, 100), signal, byHand)).toEqual([]);
  });

  it('the same with somebody who goes on without what is stopped', async () => {
    const make = () => {
      const source = service('source', { backoff }, loop);
      const reader = service('reader', { needs: { source }, onLoss: 'keep' }, loop);
      return supervisor('app', { start: 'parallel' }, [source, reader, slow]);
    };
    const trigger = { on: 'app/source', incarnation: 2 };
    const shutdown: Fault = { kind: 'shutdown', trigger };
    const byHand: Fault = { kind: 'stopByHand', trigger };

    expect(await violationsOf(make, crash(trigger.on, 100), shutdown, byHand)).toEqual([]);
  });

  it('a need that fails to start in the turn in which its supervisor is restarted by hand', async () => {
    const make = () => {
      const song = service('song', { restart: 'transient' }, lasting(100));
      const solo = service('solo', { needs: { song } }, loop);
      const bass = service('bass', loop);
      return supervisor('app', [supervisor('trio', [song, solo, bass])]);
    };
    const trigger = { on: 'app/trio/song', incarnation: 2 };
    const again: Fault = { kind: 'restartByHand', trigger: { at: 501 }, target: trigger.on };
    const restart: Fault = { kind: 'restartByHand', trigger, target: 'app/trio' };
    const failing: Fault = { kind: 'throwSync', trigger, params: { error: 'Error' } };

    expect(await violationsOf(make, again, restart, failing)).toEqual([]);
  });

  it('a start that fails, and is cleaned up after, in the turn in which the system is stopped', async () => {
    const trigger = { on: 'hasty/yard/gang/boy', incarnation: 1 };
    const failing: Fault = { kind: 'throwSync', trigger, params: { error: 'Error' } };

    // So that they are still on their way when the instant is over.
    const lead = { on: 'hasty/yard/gang/lead', incarnation: 1 };
    const slowly: Fault = { kind: 'ignoreAbort', trigger: lead, params: { calls: 1, ms: 1 } };

    expect(await violationsOf(hasty, slowly, { kind: 'shutdown', trigger }, failing)).toEqual([]);
  });

  it('a deadline that begins as late as the event loop stands still', async () => {
    const make = () => {
      const items = [service('one', loop), service('two', loop)];
      const group = supervisor('group', { stopWithin: '2s' }, items);
      return supervisor('app', [group, service('last', loop)]);
    };
    const stall = { on: 'app/last', incarnation: 1 };
    const first = { on: 'app/group/two', incarnation: 1 };

    expect(
      await violationsOf(
        make,
        { kind: 'eventLoopStall', trigger: stall, params: { ms: 1 } },
        { kind: 'stopByHand', trigger: first, target: 'app/group' },
      ),
    ).toEqual([]);
  });

  it('a need that goes down with its supervisor as its dependant does with its own', async () => {
    const restart = (by: string, target: string): Fault => {
      return { kind: 'restartByHand', trigger: { on: by, incarnation: 1 }, target };
    };
    const limbs = restart('knot/limbs/foot', 'knot/limbs');
    const tips = restart('knot/tips/ring', 'knot/tips');

    expect(await violationsOf(knot, limbs, tips)).toEqual([]);
  });

  it('the last end of a significant item, and a call on another, which has to wait for a need', async () => {
    const ended = { when: 'ended', of: 'batch/shift/import' } as const;
    const on = { on: 'batch/shift/import', incarnation: 1 };

    expect(
      await violationsOf(
        batch,
        { kind: 'exitClean', trigger: on, params: { ms: 0 } },
        crash('batch/shift/export', 0),
        { kind: 'restartByHand', trigger: ended, target: 'batch/migration' },
        { kind: 'restartByHand', trigger: ended, target: 'batch/shift/import' },
      ),
    ).toEqual([]);
  });

  it('a stop by hand of work that cleans up as its group goes down: who needs it waits', async () => {
    const on = { on: 'press/store/migration', incarnation: 1 };
    const asked = { when: 'stop-requested', of: 'press/editor' } as const;
    const cache = { on: 'press/store/cache', incarnation: 1 };

    expect(
      await violationsOf(
        press,
        { kind: 'stopByHand', trigger: asked, target: on.on },
        { kind: 'exitClean', trigger: on, params: { ms: 0 } },
        { kind: 'slowCleanup', trigger: on, params: { ms: 1 } },
        { kind: 'crashAfter', trigger: cache, params: { ms: 0, error: 'Error' } },
      ),
    ).toEqual([]);
  });
});
