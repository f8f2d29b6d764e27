import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import {
  always,
  checkTree,
  simulate,
  type TraceEvent,
  TreeCheckError,
} from '../../src/testing/index.ts';

const escapesIn = (events: readonly TraceEvent[]) =>
  events.flatMap((event) => (event.type === 'escape' ? [`${event.what} ${event.line}`] : []));

/** A tree of one service, which does this once a second. */
const doing = (act: () => unknown) => () =>
  supervisor('app', [
    service('feed', async (ctx) => {
      for (;;) {
        await ctx.sleep('1s');
        act();
      }
    }),
  ]);

const run = async (act: () => unknown) => {
  const { trace } = await simulate(doing(act), async (scenario) => {
    await scenario.advance('3s');
  });
  return trace;
};

describe('code that leaves the simulation', () => {
  it.each([
    ['a real timer', () => clearTimeout(setTimeout(() => {}, 10))],
    ['setImmediate', () => clearImmediate(setImmediate(() => {}))],
    ['the file system', () => void readFile('/dev/null').catch(() => {})],
    [
      'the network',
      () =>
        connect(1, '127.0.0.1')
          .on('error', () => {})
          .destroy(),
    ],
  ])('is found out: %s, with its line', async (what, act) => {
    const trace = await run(act);

    const [first] = escapesIn(trace.events);
    expect(first).toMatch(new RegExp(`^${what} test/testing/escapes.test.ts:\\d+:\\d+$`));
    expect(trace.header.deterministic).toBe(false);
  });

  it('is reported once for each place', async () => {
    const trace = await run(() => clearTimeout(setTimeout(() => {}, 10)));

    expect(escapesIn(trace.events)).toHaveLength(1);
  });

  it('is not there in a tree that uses ctx for everything', async () => {
    const trace = await run(() => Promise.resolve().then(() => {}));

    expect(escapesIn(trace.events)).toEqual([]);
    expect(trace.header.deterministic).toBe(true);
  });

  it('is named by a check that finds nothing else', async () => {
    const tree = doing(() => clearTimeout(setTimeout(() => {}, 10)));

    const { escapes } = await checkTree(tree, { runs: 3, seed: 1 });

    expect(escapes).toEqual([
      { what: 'a real timer', line: expect.stringContaining('escapes.test.ts') },
    ]);
  });

  it('is named by a failure, which then claims no replay and is not kept', async () => {
    const tree = () =>
      supervisor('app', [
        service('feed', async (ctx) => {
          clearTimeout(setTimeout(() => {}, 10));
          await ctx.sleep('1d');
        }),
      ]);
    const never = always('never', () => false);

    const failed = await checkTree(tree, {
      runs: 5,
      seed: 1,
      invariants: [never],
    }).catch((error: unknown) => error);

    expect(failed).toBeInstanceOf(TreeCheckError);
    expect((failed as Error).message).toContain('leaves the simulation: a real timer at test/');
  });
});
