import { describe, expect, it } from 'vitest';
import { complaint, faultList, warningList } from '../../src/cli/fault-list.ts';
import { plain } from '../../src/cli/style.ts';
import { compileTree } from '../../src/define/compile.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { DefinitionError, type Fault } from '../../src/errors.ts';

function faultsOf(root: unknown): readonly Fault[] {
  try {
    compileTree(root);
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults;
    throw error;
  }
  throw new Error('it has no faults');
}

describe('fault list', () => {
  it('has every fault with its place and what to do', () => {
    const database = service('database', () => {});
    const feed = service(
      'feed',
      { restart: 'permanant' as 'permanent', needs: { db: 'app/databse' } },
      () => {},
    );
    const empty = service('empty', {});

    expect(
      `\n${faultList(faultsOf(supervisor('app', [database, feed, empty])), plain)}\n`,
    ).toMatchInlineSnapshot(`
      "
      The definition has 3 faults; nothing was started.

        ✖ needs.db is 'app/databse', which is not in the tree.
          at app/feed  DARUMA_UNKNOWN_NEED
          Did you mean 'app/database'?

        ✖ restart is 'permanant'; it must be 'permanent', 'transient' or 'temporary'.
          at app/feed  DARUMA_INVALID_RESTART
          Did you mean 'permanent'?

        ✖ It does nothing: it has no body, no start hook and no receive.
          at app/empty  DARUMA_INVALID_BODY
          service('name', async (ctx) => { ... }), or { start: async (ctx) => resource }.
      "
    `);
  });

  it('counts what is wrong twice in the same way once', () => {
    const [fault] = faultsOf(supervisor('app', [service('empty', {})])) as [Fault];

    expect(faultList([fault, fault], plain)).toMatch(/^The definition has 1 fault; .*/);
    expect(faultList([fault, fault], plain).match(/✖/g)).toHaveLength(1);
  });

  it('says when it is the configuration that is wrong', () => {
    const fault: Fault = {
      code: 'DARUMA_INVALID_CONFIG',
      path: 'app/feed',
      paths: ['app/feed'],
      message: 'config.url: expected a string (from config.json)',
      hint: undefined,
    };

    expect(`\n${faultList([fault], plain)}\n`).toMatchInlineSnapshot(`
      "
      The configuration has 1 fault; nothing was started.

        ✖ config.url: expected a string (from config.json)
          at app/feed  DARUMA_INVALID_CONFIG
      "
    `);
  });

  it('marks warnings as such', () => {
    const slow = service('slow', { stopWithin: '1m' }, () => {});

    expect(
      `\n${warningList(compileTree(supervisor('app', [slow])).warnings, plain)}\n`,
    ).toMatchInlineSnapshot(`
      "
      ! stopping may take 1m, longer than the 24s that the grace period leaves.
        at app  DARUMA_INVALID_STOP_WITHIN
        Raise grace, lower stopWithin where it was set, or start in parallel. See daruma tree.
      "
    `);
  });
});

describe('complaint', () => {
  it('stands on one line when there is nothing to add', () => {
    expect(complaint({ message: 'There is no app.ts.' }, plain)).toBe('✖ There is no app.ts.');
  });

  it('keeps the layout of excerpts', () => {
    const details = ['enum Colour {}', '^^^^^^^^^^^'];

    expect(
      `\n${complaint({ message: 'It is an enum.', details, hint: 'a\nb' }, plain)}\n`,
    ).toMatchInlineSnapshot(`
      "
      ✖ It is an enum.
        enum Colour {}
        ^^^^^^^^^^^
        a
        b
      "
    `);
  });
});
