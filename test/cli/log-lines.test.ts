import { describe, expect, it } from 'vitest';
import { LogLines, type LogRecord } from '../../src/cli/log-lines.ts';
import { type Paint, plain } from '../../src/cli/style.ts';

const paths = ['app', 'app/database', 'app/feed'];
const cwd = '/home/me/shop';
const time = new Date(2026, 0, 1, 12, 3, 4, 120).getTime();
const stack = `Error: connection reset
    at fetchRows (file:///home/me/shop/services.ts:34:11)
    at async run (file:///home/me/shop/node_modules/daruma/dist/src/kernel/body.js:1:2)
    at processTicksAndRejections (node:internal/process/task_queues:104:5)
    at async file:///home/me/shop/services.ts:40:3`;
const err = { name: 'Error', message: 'connection reset', stack };

const lines = (options = {}) =>
  new LogLines({ paint: plain, paths, supervisors: new Set(['app']), cwd, ...options });
const format = (record: Partial<LogRecord>, log = lines()) =>
  log.format({ level: 30, time, actor: 'app/feed', ...record });

describe('log lines', () => {
  it('aligns time, mark, path and message', () => {
    expect(
      [
        format({ actor: 'app/database', event: 'ready', msg: 'is ready after 180ms' }),
        format({ msg: 'fetched', rows: 3, of: { a: [1] }, by: 'me' }),
        format({ level: 20, msg: 'details' }),
        format({ level: 40, msg: 'slow' }),
        format({ level: 50, msg: 'broken' }),
        format({ actor: 'app/pool/17', msg: 'a path that was not there before' }),
      ].join('\n'),
    ).toMatchInlineSnapshot(`
      "12:03:04.120 ✔ app/database  is ready after 180ms
      12:03:04.120   app/feed      fetched rows=3 of={ a: [ 1 ] } by=me
      12:03:04.120 · app/feed      details
      12:03:04.120 ! app/feed      slow
      12:03:04.120 ✖ app/feed      broken
      12:03:04.120   app/pool/17   a path that was not there before"
    `);
  });

  it('marks what people are told, and names its place once', () => {
    const event = 'notification';

    expect(
      [
        format({ event, msg: 'Backup complete: run 1' }),
        format({ event, level: 50, msg: 'app/feed was given up: no network' }),
      ].join('\n'),
    ).toMatchInlineSnapshot(`
      "12:03:04.120 ✉ app/feed      Backup complete: run 1
      12:03:04.120 ✉ app/feed      was given up: no network"
    `);
  });

  it('shows of an error where in the code of people it came from', () => {
    const record = { level: 40, event: 'ended', msg: 'failed: connection reset', err };

    expect(format(record)).toMatchInlineSnapshot(`
      "12:03:04.120 ! app/feed      failed: connection reset
                                   at fetchRows (services.ts:34:11)"
    `);
  });

  it('finds that place in the cause, where the error itself was made elsewhere', () => {
    const outer = { message: 'did not start', stack: 'Error\n    at x (node:fs:1:1)', cause: err };

    expect(format({ level: 50, msg: 'failed', err: outer })).toContain('services.ts:34:11');
  });

  it('says the place of a failure that comes again only once', () => {
    const log = lines();
    const record = { level: 40, event: 'ended', msg: 'failed: connection reset', err };
    const other = { ...err, stack: stack.replace(':34:', ':35:') };

    format(record, log);

    expect(format(record, log)).not.toContain('services.ts');
    expect(format({ ...record, actor: 'app/database' }, log)).toContain('services.ts:34:11');
    expect(format({ ...record, err: other }, log)).toContain('services.ts:35:11');
  });

  it('says once what to do about a failure that comes again', () => {
    const log = lines();
    const refused = { ...err, hint: 'Is the server up?' };
    const record = { level: 40, event: 'ended', msg: 'failed: connection reset', err: refused };

    expect(format(record, log)).toMatchInlineSnapshot(`
      "12:03:04.120 ! app/feed      failed: connection reset
                                   at fetchRows (services.ts:34:11)
                                   Is the server up?"
    `);
    expect(format(record, log)).not.toContain('Is the server up?');
    expect(format({ ...record, actor: 'app/database' }, log)).not.toContain('Is the server up?');
  });

  it('says the path once', () => {
    const msg = 'failed: app/feed: there is no room left';

    expect(format({ level: 40, event: 'ended', msg })).toContain('  failed: there is no room left');
  });

  it('says what an error is that is logged with another message', () => {
    const record = { level: 50, msg: 'could not fetch', err };

    expect(format(record)).toContain('could not fetch: connection reset');
    expect(format({ ...record, msg: 'failed: connection reset' })).toContain(
      '  failed: connection reset\n',
    );
  });

  it('does not repeat in a restart what the failure said', () => {
    const msg = 'restarts in 84ms (attempt 1; 1 of 60 restarts in 1m): connection reset';

    expect(format({ level: 40, event: 'backoff', msg, err })).toMatchInlineSnapshot(
      `"12:03:04.120 ! app/feed      restarts in 84ms (attempt 1; 1 of 60 restarts in 1m)"`,
    );
  });

  it('leaves out what supervisors repeat', () => {
    const limit = { code: 'DARUMA_RESTART_LIMIT', message: 'app gave up' };

    expect(format({ actor: 'app', event: 'ready', msg: 'is ready after 1ms' })).toBeUndefined();
    expect(format({ actor: 'app', event: 'start-failed', msg: 'did not start' })).toBeUndefined();
    expect(format({ actor: 'app', event: 'ended', msg: 'ended', err: limit })).toBeUndefined();
  });

  it('keeps further lines below the first', () => {
    expect(format({ msg: 'two\nlines' })).toMatchInlineSnapshot(`
      "12:03:04.120   app/feed      two
                                   lines"
    `);
  });

  it('breaks hints, and nothing else, to the width of the terminal', () => {
    const hint = 'A first start is not retried; this option retries it with backoff.';
    const log = lines({ columns: 66 });

    expect(format({ level: 50, msg: 'did not start'.repeat(5), hint }, log)).toMatchInlineSnapshot(`
      "12:03:04.120 ✖ app/feed      did not startdid not startdid not startdid not startdid not start
                                   A first start is not retried; this
                                   option retries it with backoff."
    `);
  });

  it('colours by level', () => {
    const paint: Paint = (colour, text) => `<${String(colour)}>${text}</>`;
    const log = lines({ paint });

    expect(format({ level: 50, msg: 'broken' }, log)).toMatchInlineSnapshot(
      `"<dim>12:03:04.120</> <red>✖</> <blueBright>app/feed</>      <red>broken</>"`,
    );
  });
});
