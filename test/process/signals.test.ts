import { describe, expect, it } from 'vitest';
import { darumaRun, linesOf, patienceMs, Run } from './daruma.ts';

const running = 'is running';

describe('signals', { timeout: patienceMs }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s stops in order and exits with 0', async (signal) => {
    const run = darumaRun('steady.ts');
    await run.sees(running);

    run.signal(signal);

    const { code, stdout, stderr } = await run.exit;
    const lines = linesOf(stdout);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(lines.at(-3)).toBe(`■ app        ${signal}: stopping`);
    expect(lines.at(-2)).toMatch(/^ {2}app\/store {2}closed$/);
    expect(lines.at(-1)).toMatch(/^■ app {8}stopped in \d+ms$/);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'a second %s leaves at once with %i and says who was cut off',
    async (signal, code) => {
      const run = darumaRun('slow-stop.ts');
      await run.sees(running);
      run.signal(signal);
      await run.sees(`${signal}: stopping`);

      run.signal(signal);

      const { stdout, ...exit } = await run.exit;
      expect(exit).toEqual({ code, signal: null, stderr: '' });
      expect(linesOf(stdout).slice(-3)).toEqual([
        `■ app         ${signal} again: leaving now`,
        '✖ app         cut off while still up: app/mailer',
        `✖ app         was left at once (exit code ${code})`,
      ]);
    },
  );

  it('says while it waits who is still stopping', async () => {
    const run = darumaRun('slow-stop.ts');
    await run.sees(running);
    run.signal('SIGTERM');

    await expect(run.sees(/app {9}waiting for app\/mailer \d+\.\ds of 20s/)).resolves.toBe(
      undefined,
    );
  });

  it('a child that ignores its signal is named, and the exit code is 4', async () => {
    const run = darumaRun('deaf.ts', '--grace', '3s');
    await run.sees(running);

    run.signal('SIGTERM');

    const { code, stdout } = await run.exit;
    expect(code).toBe(4);
    expect(linesOf(stdout).slice(-2)).toEqual([
      '✖ app/deaf   did not stop within 200ms and was abandoned',
      expect.stringMatching(
        /^✖ app {8}stopped in \d+ms, but 1 service did not: app\/deaf \(exit code 4\)$/,
      ),
    ]);
  });

  it('a child that blocks the event loop harms nobody else', async () => {
    const run = darumaRun('blocks.ts');
    await run.sees('app/greedy   has let go');
    await run.sees('app/patient  goes on');

    run.signal('SIGTERM');

    const { code, stdout } = await run.exit;
    expect(code).toBe(0);
    expect(stdout).not.toContain('has not beaten');
    expect(stdout).not.toContain('failed');
    expect(stdout).not.toContain('restarts');
  });

  it('--for stops in order by itself', async () => {
    const { code, stdout } = await darumaRun('steady.ts', '--for', '300ms').exit;

    expect(code).toBe(0);
    expect(linesOf(stdout).slice(-3)).toEqual([
      '■ app        after 300ms: stopping',
      '  app/store  closed',
      expect.stringMatching(/^■ app {8}stopped in \d+ms$/),
    ]);
  });

  it('nothing keeps a process alive whose system has stopped', async () => {
    const run = new Run(['from-code.ts'], {});
    await run.sees('is ready');
    run.signal('SIGTERM');
    await run.sees('run() has resolved with 0');
    const resolved = performance.now();

    expect((await run.exit).code).toBe(0);
    expect(performance.now() - resolved).toBeLessThan(1_000);
  });
});
