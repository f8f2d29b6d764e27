import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly actor: string;
  readonly incarnation: number;
  readonly event: string;
  readonly err?: { readonly message: string; readonly stack?: string };
}

/** A logger that keeps its lines. */
function kept(level: string) {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { lines, logger: pino({ level }, stream) };
}

/** `level event actor: sentence` */
function text({ level, event, actor, msg }: Line): string {
  return `${pino.levels.labels[level]} ${event} ${actor}: ${msg}`;
}

describe('the log', () => {
  it('has a line for each event, its level by kind', async () => {
    const { lines, logger } = kept('debug');
    const puppet = new Puppet();
    const feed = service('feed', { backoff: { first: '1s', jitter: 'none' } }, puppet.body);
    const lab = await new Lab(supervisor('app', [feed]), { logger }).start();
    puppet.life.ctx.health('degraded', 'slow');
    puppet.life.ctx.health('healthy');
    puppet.life.fail(new Error('connection reset'));
    await lab.clock.advance(1_000);
    await lab.stop();

    const own = lines.filter(({ event, actor }) => event !== 'phase' && actor === 'app/feed');
    expect(own.map(text)).toEqual([
      'debug starting app/feed: starts',
      'info ready app/feed: is ready after 0ms',
      'warn health app/feed: is degraded: slow',
      'info health app/feed: is healthy',
      'warn ended app/feed: failed: connection reset',
      'warn backoff app/feed: restarts in 1s (attempt 1; 1 of 20 restarts in 1m): connection reset',
      'debug starting app/feed: starts again (attempt 1)',
      'info ready app/feed: is ready after 0ms',
      'debug stop-requested app/feed: is asked to stop within 5s',
      'debug ended app/feed: has stopped',
    ]);
    expect(lines).toHaveLength(lab.events.length);
  });

  it('carries the incarnation and the error with its stack', async () => {
    const { lines, logger } = kept('warn');
    const puppet = new Puppet();
    const brief = service('brief', { restart: 'temporary' }, puppet.body);
    const lab = await new Lab(supervisor('app', [brief]), { logger }).start();

    puppet.life.fail(new TypeError('not a function'));
    await lab.clock.settle();

    expect(lines).toMatchObject([
      {
        actor: 'app/brief',
        incarnation: 1,
        err: { message: 'not a function', stack: expect.stringContaining('logs.test.ts') },
      },
    ]);
  });

  it('is quiet about the readiness of each of a population', async () => {
    const { lines, logger } = kept('info');
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const lab = await new Lab(supervisor('app', [pool]), { logger }).start();

    await lab.until(lab.system.ref('app/pool').startChild());

    expect(lines.map(({ actor }) => actor)).toEqual(['app/pool', 'app']);
  });
});
