import { describe, expect, it } from 'vitest';
import { severityOf } from '../../examples/watchtower/lib/severity.ts';

describe('severityOf', () => {
  it.each([
    ['error', '{"level":50,"msg":"boom"}'],
    ['error', '{"severity":"CRITICAL","message":"boom"}'],
    ['warning', '{"lvl":"warn"}'],
    ['info', '{"level":30}'],
    ['debug', '{"level":20}'],
    ['error', '{"level":"error","msg":"cut off in the mid'],
    ['other', '{"level":"constructor"}'],
    ['other', '{"level":null}'],

    ['error', 'ts=1 level=error msg="no such table"'],
    ['warning', 'level="warning" msg=x'],

    ['error', '127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /orders HTTP/1.1" 500 12'],
    ['warning', '127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /nope HTTP/1.1" 404 12'],
    ['info', '127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /error HTTP/2.0" 200 12'],

    ['error', '<11>Oct 10 13:55:36 host su: denied'],
    ['warning', '<12>Oct 10 13:55:36 host su: hm'],
    ['info', '<13>Oct 10 13:55:36 host su: fine'],
    ['debug', '<15>Oct 10 13:55:36 host su: well'],

    ['error', '2026/10/10 13:55:36 [error] 7#7: *1 connect() failed'],
    ['error', '2026-10-10T13:55:36Z ERROR payments: the bank hung up'],
    ['error', '[2026-10-10 13:55:36] FATAL out of memory'],
    ['warning', 'WARN  deprecated'],
    ['info', 'INFO  retrying after ERROR'],
    ['debug', '[ debug ] x'],

    ['error', "TypeError: Cannot read properties of undefined (reading 'x')"],
    ['error', 'Uncaught RangeError: too big'],
    ['error', 'java.lang.IllegalStateException: not yet'],
    ['error', 'Traceback (most recent call last):'],
    ['error', 'panic: runtime error: index out of range'],
    ['error', 'error: could not compile'],

    ['other', ''],
    ['other', '    at readFile (node:fs:1:1)'],
    ['other', '0 errors, 3 warnings'],
    ['other', 'the error handler was installed'],
    ['other', 'Oct 10 13:55:36 host systemd[1]: Started something.'],
  ])('%s: %s', (severity, line) => {
    expect(severityOf(line)).toBe(severity);
  });

  it('takes no long time over a long line', () => {
    const began = performance.now();

    severityOf(`${'A '.repeat(30_000)}"GET ${'x'.repeat(30_000)}`);
    severityOf(`{${'"a":['.repeat(10_000)}`);

    expect(performance.now() - began).toBeLessThan(100);
  });
});
