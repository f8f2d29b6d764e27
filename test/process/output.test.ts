import { describe, expect, it } from 'vitest';
import { daruma, darumaRun, linesOf, patienceMs } from './daruma.ts';

const colour = '\u001b[';

describe('output', { timeout: patienceMs }, () => {
  it('is JSON lines where there is no terminal', async () => {
    const { stdout } = await daruma(['run', 'steady.ts', '--for', '200ms']).exit;
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

    expect(records.map(({ event, msg }) => event ?? msg)).toEqual([
      'ready',
      'feeding',
      'ready',
      'ready',
      'running',
      'time-is-up',
      'closed',
      'down',
    ]);
    expect(records.at(-1)).toMatchObject({ actor: 'app', exitCode: 0, level: 30 });
  });

  it('has no colour where there is no terminal, unless it is forced', async () => {
    const tree = async (env: Record<string, string>) =>
      (await daruma(['tree', 'steady.ts'], { env }).exit).stdout;

    expect(await tree({})).not.toContain(colour);
    expect(await tree({ FORCE_COLOR: '1' })).toContain(colour);
    expect(await tree({ FORCE_COLOR: '0' })).not.toContain(colour);
    expect(await tree({ NO_COLOR: '1' })).not.toContain(colour);
  });

  it('gives what follows -- to the file', async () => {
    const args = ['--for', '100ms', '--', '--port', '8080', '--for'];
    const { stdout } = await darumaRun('steady.ts', ...args).exit;

    expect(stdout).toContain("feeding args=[ '--port', '8080', '--for' ]");
  });

  it('survives a reader that goes away', async () => {
    const run = daruma(['tree', 'steady.ts']);
    run.child.stdout?.destroy();

    const { code, stderr } = await run.exit;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('goes on running when the reader of its log goes away', async () => {
    const run = darumaRun('steady.ts');
    await run.sees('is running');
    run.child.stdout?.destroy();

    run.signal('SIGTERM');

    expect(await run.exit).toMatchObject({ code: 0, stderr: '' });
  });

  it('has only what its level lets through', async () => {
    const args = ['--for', '100ms', '--log-level'];
    const quiet = await darumaRun('steady.ts', ...args, 'warn').exit;
    const loud = await darumaRun('steady.ts', ...args, 'debug').exit;

    expect(quiet.stdout).toBe('');
    expect(loud.stdout).toMatch(/app\/feed {3}waits for app\/store/);
    expect(loud.stdout).toMatch(/seed \d+/);
  });
});

describe('the command line', { timeout: patienceMs }, () => {
  const failure = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await daruma(args).exit;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return linesOf(stderr);
  };

  it('answers --version and --help', async () => {
    const version = await daruma(['--version']).exit;
    const help = await daruma(['run', '--help']).exit;

    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Examples:');
    expect(help.stdout).toContain('128+n');
  });

  it('asks whether you mean what is near', async () => {
    expect(await failure('rn')).toContain('  Did you mean run?');
    expect(await failure('run', 'steady.ts', '--wach')).toContain('  Did you mean --watch?');
    expect(await failure('steady.ts')).toContain('  Did you mean daruma run steady.ts?');
  });

  it('refuses values that make no sense', async () => {
    expect((await failure('run', 'steady.ts', '--for', '10x'))[0]).toContain('A duration is');
    expect((await failure('run', 'steady.ts', '--seed', '1.5'))[0]).toContain('whole number');
    expect((await failure('run'))[0]).toBe("✖ Missing required argument 'file'.");
  });
});
