import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { daruma, darumaRun, linesOf, patienceMs } from './daruma.ts';

describe('outcomes', { timeout: patienceMs }, () => {
  it('a crash loop that exhausts the budget exits with 3', async () => {
    const { code, stdout } = await darumaRun('crash-loop.ts').exit;

    expect(code).toBe(3);
    expect(linesOf(stdout).slice(-3)).toEqual([
      '✖ app       gives up: app/loop failed after 2 of 2 restarts in 10s: no luck',
      expect.stringMatching(/^✖ app {7}gave up, and stopped in \d+ms \(exit code 3\)$/),
      expect.stringContaining("whenExhausted: 'give-up'"),
    ]);
    expect(stdout).toContain('at crash-loop.ts:4:9');
  });

  it('a first start that fails exits with 1', async () => {
    const { code, stdout } = await darumaRun('start-fails.ts').exit;

    expect(code).toBe(1);
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(/^✔ app\/first {5}is ready after \d+ms$/),
      '✖ app/database  did not start: connect ECONNREFUSED 127.0.0.1:5432',
      expect.stringMatching(/^ +at start \(start-fails\.ts:7:11\)$/),
      '✖ app           did not start (exit code 1)',
      expect.stringContaining("firstStart: 'retry'"),
    ]);
  });

  it('a port that is taken exits with 1 and says which', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stdout } = await darumaRun('steady.ts', '--http', String(port)).exit;
    other.close();

    expect(code).toBe(1);
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^✖ app +did not start: The health pages .*:${port}: .*EADDRINUSE.* \\(exit code 1\\)$`,
        ),
      ),
      expect.stringContaining('perhaps another copy of this'),
    ]);
  });

  it('a definition with faults exits with 2 and names them all', async () => {
    const { code, stdout, stderr } = await darumaRun('faults.ts').exit;

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^The definition has 3 faults; nothing was started\.$/m);
    expect(stderr.match(/✖/g)).toHaveLength(3);
    expect(stderr).toContain("Did you mean 'app/database'?");
  });

  it('a stray rejection fails the child that left it, not the process', async () => {
    const run = darumaRun('stray.ts');
    await run.sees('is back');
    run.signal('SIGTERM');

    const { code, stdout } = await run.exit;
    expect(code).toBe(0);
    expect(stdout).toContain('app/careless  failed: nobody looks at me');
    expect(stdout).toContain('at stray.ts:7:42');
  });

  it('says the same as JSON when asked for', async () => {
    const { code, stdout, stderr } = await daruma(['run', 'faults.ts', '--json']).exit;
    const fault = JSON.parse(stderr) as { code: string; msg: string; faults: unknown[] };

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(fault.msg).toBe('The definition has 3 faults; nothing was started.');
    expect(fault.faults).toHaveLength(3);
  });
});
