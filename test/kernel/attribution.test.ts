import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

interface Report {
  readonly name: string;
  readonly reported: readonly string[];
  readonly exitCode: number;
  readonly listeners: number;
}

const reports = new Map<string, Report>();

// In a process of its own: here the test runner listens for stray errors itself.
beforeAll(async () => {
  const fixture = fileURLToPath(new URL('fixtures/stray-errors.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [fixture]);
  for (const line of stdout.trim().split('\n')) {
    const report: Report = JSON.parse(line);
    reports.set(report.name, report);
  }
}, 30_000);

describe('with attributeErrors', () => {
  it.each([
    ['an unhandled rejection', 'rejection', 'nobody waits for me'],
    ['a throw in a timer', 'timer', 'out of a timer'],
    ['a throw behind several callbacks', 'callbacks', 'out of a callback'],
  ])('%s is the failure of the child whose code it is', (_what, name, message) => {
    expect(reports.get(name)).toMatchObject({
      reported: [`ended app/feed: ${message}`, `backoff app/feed: ${message}`],
      exitCode: 0,
    });
  });

  it('what comes out of an incarnation that is over is an event, and fails nobody', () => {
    const report = reports.get('late timer');

    expect(report?.exitCode).toBe(0);
    expect(report?.reported.toSorted()).toEqual([
      'backoff app/feed: crash',
      'ended app/feed: crash',
      'stray-error app/feed: after my end',
    ]);
  });

  it('a throw in a listener of the signal is of the child whose signal it is', () => {
    expect(reports.get('signal')).toMatchObject({
      reported: ['stray-error app/feed: in a listener of the signal'],
      exitCode: 0,
    });
  });

  it.each([
    ['channel', 'stray-error app: out of a channel'],
    ['outside handler', 'listener-failed app: out of a handler'],
  ])('what comes out of a %s is nobody’s failure, whoever had something to tell', (name, event) => {
    expect(reports.get(name)).toMatchObject({ reported: [event], exitCode: 0 });
  });

  it('what belongs to no child stops the system in order, with exit code 1', () => {
    expect(reports.get('nobody')).toMatchObject({
      reported: ['stray-error app: not yours'],
      exitCode: 1,
    });
  });

  it('takes its handlers back', () => {
    expect([...reports.values()].map(({ listeners }) => listeners)).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });
});
