import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const fixture = fileURLToPath(new URL('fixtures/stray-errors.ts', import.meta.url));

/** What the fixture reports, in a process of its own. */
async function reported(which: string): Promise<unknown[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [fixture, which]).catch(
    // Its exit code is not 0 where an error belongs to nobody.
    (error: { stdout: string }) => error,
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe.concurrent('with attributeErrors', () => {
  it.each([
    ['an unhandled rejection', 'rejection', 'nobody waits for me'],
    ['a throw in a timer', 'timer', 'out of a timer'],
    ['a throw behind several callbacks', 'callback', 'out of a callback'],
  ])('%s is the failure of the child whose code it is', async (_what, which, message) => {
    expect(await reported(which)).toEqual([
      ['ended', 'app/feed', message],
      ['backoff', 'app/feed', message],
      ['exit', 0, 0],
    ]);
  });

  it.each([
    ['a timer', 'later', 'after my end'],
    ['a listener of its signal', 'listener', 'in a listener of the signal'],
  ])(
    'what comes out of %s once an incarnation is over is an event, and fails nobody',
    async (_where, which, message) => {
      const lines = await reported(which);

      expect(lines.toSorted()).toEqual([
        ['backoff', 'app/feed', 'crash'],
        ['ended', 'app/feed', 'crash'],
        ['exit', 0, 0],
        ['stray-error', 'app/feed', message],
      ]);
    },
  );

  it('what belongs to no child stops the system in order, with exit code 1', async () => {
    expect(await reported('outside')).toEqual([
      ['stray-error', 'app', 'nobody of mine'],
      ['exit', 1, 0],
    ]);
  });
});
