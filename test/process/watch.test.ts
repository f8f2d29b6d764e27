import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daruma, folderWith, isGone, linesOf, patienceMs, type Run } from './daruma.ts';

const running = 'is running';

/** Says its process id and a word that comes from another file. */
const app = `import { service, supervisor } from 'daruma';
import { word } from './word.ts';

const feed = service('feed', async (ctx) => {
  ctx.log.info('pid %d says %s', process.pid, word);
  await ctx.sleep('1h');
});
const mailer = service('mailer', {
  stopWithin: '20s',
  start: () => 1,
  stop: () => word === 'slow' && new Promise(() => {}),
});

export default supervisor('app', [feed, mailer]);
`;

const word = (text: string): string => `export const word = '${text}';\n`;

function watched(text: string): { run: Run; cwd: string } {
  const cwd = folderWith({ 'app.ts': app, 'word.ts': word(text) });
  const args = ['run', 'app.ts', '--watch', '--no-json'];
  return { run: daruma(args, { cwd, detached: true }), cwd };
}

/** The ids of the processes that have run so far. */
function pids({ stdout }: Run): number[] {
  return [...stdout.matchAll(/pid (\d+) says/g)].map(([, pid]) => Number(pid));
}

describe('--watch', { timeout: patienceMs }, () => {
  it('stops the run in order and starts the next when an imported file has changed', async () => {
    const { run, cwd } = watched('one');
    await run.sees(running);

    writeFileSync(join(cwd, 'word.ts'), word('two'));
    await run.sees('says two');
    await run.sees(running, 2);

    const [first = 0] = pids(run);
    await isGone(first);
    expect(run.stdout).toMatch(/word\.ts changed: restarting\n.*SIGTERM: stopping\n.*stopped in/);

    run.signal('SIGTERM');
    expect((await run.exit).code).toBe(0);
  });

  it('waits after a failure, and goes on when the file has been mended', async () => {
    const { run, cwd } = watched('one');
    await run.sees(running);

    writeFileSync(join(cwd, 'app.ts'), 'export default 1;');
    await run.sees('exited with 2; waiting for a change');
    writeFileSync(join(cwd, 'app.ts'), app);

    await run.sees(running, 2);
    run.signal('SIGTERM');
    expect((await run.exit).code).toBe(0);
  });

  it('passes Ctrl-C on once, although the terminal sends it to both', async () => {
    const { run } = watched('slow');
    await run.sees(running);

    run.signalGroup('SIGINT');
    await run.sees('SIGINT: stopping');
    await run.sees('waiting for app/mailer');
    expect(run.stdout).not.toContain('SIGINT again');

    run.signalGroup('SIGINT');
    const { code, stdout } = await run.exit;
    expect(code).toBe(130);
    expect(linesOf(stdout).at(-1)).toBe('✖ app         was left at once (exit code 130)');
  });

  it('leaves no process behind when it is killed', async () => {
    const { run } = watched('one');
    await run.sees(running);
    const [pid = 0] = pids(run);

    run.signal('SIGKILL');

    // Its run holds the other end of its output: both have gone when that is closed.
    expect((await run.exit).signal).toBe('SIGKILL');
    await isGone(pid);
    expect(run.stdout).toContain('stopped in');
  });

  it('ends when its run is killed by somebody else and a signal follows', async () => {
    const { run } = watched('one');
    await run.sees(running);
    const [pid = 0] = pids(run);

    process.kill(pid, 'SIGKILL');
    await run.sees('exited with 137; waiting for a change');
    run.signal('SIGTERM');

    expect((await run.exit).code).toBe(137);
  });
});

describe('kill -9', { timeout: patienceMs }, () => {
  it('ends a plain run, and there is nobody else', async () => {
    const run = daruma(['run', 'steady.ts', '--no-json']);
    await run.sees(running);

    run.signal('SIGKILL');

    expect(await run.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});
