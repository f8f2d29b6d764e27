import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type AnyDefinition,
  CancelledError,
  type Context,
  createSystem,
  DarumaError,
  DefinitionError,
  isDarumaError,
  type Ref,
  type SystemOptions,
  service,
  supervisor,
} from '../../src/index.ts';
import { deaf, failureOf, idle, Lab, Puppet } from './lab.ts';

/** An error as people read it: code, place, message, hint, and what caused it. */
function text(error: unknown): string {
  if (!isDarumaError(error)) throw error;
  const place = `${error.code} at ${error.paths.join(' and ')}`;
  const lines = [place, error.message, `hint: ${error.hint}`];
  if (isDarumaError(error.cause)) lines.push(`cause: ${error.cause.code}`);
  else if (error.cause instanceof Error) lines.push(`cause: ${error.cause.message}`);
  return lines.join('\n');
}

function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return text(error);
  }
  throw new Error('It did not throw.');
}

const broken = {
  start: () => {
    throw new Error('connection refused');
  },
};

async function failedStart(child: AnyDefinition, options: SystemOptions = {}): Promise<string> {
  const lab = new Lab(supervisor('app', [child]), options);
  return text(await lab.errorOf(lab.begin()));
}

describe('the errors of a start', () => {
  it('failed', async () => {
    expect(await failedStart(service('database', broken))).toMatchInlineSnapshot(`
      "DARUMA_START_FAILED at app/database
      app/database failed to start: connection refused
      hint: A first start is not retried; firstStart: 'retry' retries it with backoff.
      cause: connection refused"
    `);
  });

  it('ended before ready', async () => {
    const early = service('early', { ready: 'manual' }, () => {});

    expect(await failedStart(early)).toMatchInlineSnapshot(`
      "DARUMA_START_FAILED at app/early
      app/early failed to start: its body returned before it was ready.
      hint: A first start is not retried; firstStart: 'retry' retries it with backoff.
      cause: DARUMA_ENDED_BEFORE_READY"
    `);
  });

  it('took too long', async () => {
    const slow = service('slow', { ready: 'manual', startWithin: '3s' }, idle);

    expect(await failedStart(slow)).toMatchInlineSnapshot(`
      "DARUMA_START_TIMEOUT at app/slow
      app/slow was not ready within 3s.
      hint: Usual cause: start() awaits something that never comes, or ctx.ready() is not called. Raise 'startWithin' if it is just slow."
    `);
  });

  it('took too long as a whole', async () => {
    const slow = service('slow', { ready: 'manual', startWithin: '3m' }, idle);

    expect(await failedStart(slow)).toMatchInlineSnapshot(`
      "DARUMA_BOOT_TIMEOUT at app/slow
      The tree was not ready within 1m; these were not: app/slow.
      hint: Raise 'bootWithin' if they are just slow."
    `);
  });

  it('was stopped', async () => {
    const lab = new Lab(supervisor('app', [service('slow', { ready: 'manual' }, idle)]));
    const failure = failureOf(lab.begin());
    await lab.clock.settle();
    await lab.stop();

    expect(text(await failure)).toMatchInlineSnapshot(`
      "DARUMA_STOPPED at app
      app was stopped before it was ready.
      hint: A system starts once; make a new one to start again."
    `);
  });

  it('has invalid configuration', async () => {
    const failure = await failedStart(service('feed', idle), {
      config: { 'app/fed': { url: 'x' } },
    });

    expect(failure).toMatchInlineSnapshot(`
      "DARUMA_INVALID_CONFIG at app
      The definition has a fault; nothing was started.
        - app: config of createSystem has values for 'app/fed', which is not in the tree. [DARUMA_INVALID_CONFIG]
          Places with a config schema: none.
      hint: Places with a config schema: none."
    `);
  });

  it('has an invalid definition', () => {
    const wrong = { mailbox: 0, watchdogg: '5s' } as object;

    expect(
      thrownBy(() => createSystem(supervisor('app', [service('feed', wrong, idle)]))),
    ).toMatchInlineSnapshot(`
      "DARUMA_UNKNOWN_OPTION at app/feed
      The definition has 2 faults; nothing was started.
        - app/feed: there is no option watchdogg. [DARUMA_UNKNOWN_OPTION]
          Did you mean 'watchdog'?
        - app/feed: mailbox is 0; it must be a whole number, 1 or more. [DARUMA_INVALID_OPTION]
      hint: Did you mean 'watchdog'?"
    `);
  });

  it('has an invalid limit', () => {
    const options = { grace: 'long' as '1s' };

    expect(thrownBy(() => createSystem(supervisor('app', []), options))).toMatchInlineSnapshot(`
      "DARUMA_INVALID_DURATION at 
      grace: long is not a duration.
      hint: Milliseconds as a number, text such as '25s', or 'infinity'."
    `);
  });
});

describe('the errors of a running tree', () => {
  it('restart limit', async () => {
    const puppet = new Puppet();
    const feed = service('feed', { backoff: { first: 0 } }, puppet.body);
    const lab = await new Lab(supervisor('app', { intensity: 2, period: '10s' }, [feed])).start();
    for (let n = 0; n < 3; n++) {
      puppet.life.fail(new Error('connection reset'));
      await lab.clock.settle();
    }

    expect(text((await lab.system.stopped()).error)).toMatchInlineSnapshot(`
      "DARUMA_RESTART_LIMIT at app
      app gave up: 2 restarts in 10s are all that it allows (intensity 2), and app/feed failed again.
      hint: See the cause for what app/feed fails of. A longer backoff keeps a failing child inside the budget; whenExhausted: 'give-up' leaves it failed and the rest running.
      cause: connection reset"
    `);
  });

  it('escalation by decide', async () => {
    const puppet = new Puppet();
    const feed = service('feed', { decide: () => 'escalate' }, puppet.body);
    const lab = await new Lab(supervisor('app', [feed])).start();
    puppet.life.fail(new Error('out of disk'));
    await lab.clock.settle();

    expect(text((await lab.system.stopped()).error)).toMatchInlineSnapshot(`
      "DARUMA_RESTART_LIMIT at app
      app gave up: app/feed decided to escalate.
      hint: See the cause for what app/feed fails of. A longer backoff keeps a failing child inside the budget; whenExhausted: 'give-up' leaves it failed and the rest running.
      cause: out of disk"
    `);
  });

  it('watchdog', async () => {
    const seen: unknown[] = [];
    const decide = (error: unknown) => {
      seen.push(error);
      return 'stop' as const;
    };
    const lab = new Lab(supervisor('app', [service('stuck', { watchdog: '30s', decide }, idle)]));
    await lab.start();
    await lab.clock.advance(30_000);

    expect(text(seen[0])).toMatchInlineSnapshot(`
      "DARUMA_WATCHDOG at app/stuck
      app/stuck has not called ctx.beat() for 30s; its watchdog allows 30s.
      hint: Usual cause: an await that never settles. Beat once per unit of progress, not from a timer."
    `);
  });

  it('cancellation', () => {
    expect(text(new CancelledError('app/feed'))).toMatchInlineSnapshot(`
      "DARUMA_CANCELLED at app/feed
      app/feed was asked to stop.
      hint: Let this error pass: ending after a cancellation is a clean end."
    `);
  });

  it('a stale incarnation', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    await lab.stop();

    expect(thrownBy(() => puppet.life.ctx.send('app', 'x'))).toMatchInlineSnapshot(`
      "DARUMA_STALE_INCARNATION at app/feed
      Incarnation 1 of app/feed is over; it may not call ctx.send any more.
      hint: Usual cause: a promise or timer that outlived its service. Pass ctx.signal to it, or undo it in ctx.defer()."
    `);
  });

  it('no duration', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    const failure = (async () => puppet.life.ctx.sleep('5 s' as '5s'))();

    expect(text(await lab.errorOf(failure))).toMatchInlineSnapshot(`
      "DARUMA_INVALID_DURATION at 
      5 s is not a duration.
      hint: Milliseconds as a number, or text such as '250ms', '5s', '1m', '2h', '1d'."
    `);
  });

  it('not coming any more', async () => {
    const once = service('once', { restart: 'transient' }, () => {});
    const lab = await new Lab(supervisor('app', [once])).start();

    const failure = await lab.errorOf(lab.system.ref('app/once').whenReady());

    expect(text(failure)).toMatchInlineSnapshot(`
      "DARUMA_NOT_RUNNING at app/once
      app/once is stopped and will not start by itself.
      hint: ref.explain() says why."
    `);
  });

  it('a definition in several places, or in none', async () => {
    const twice = service('twice', idle);
    const app = supervisor('app', [supervisor('a', [twice]), supervisor('b', [twice])]);
    const { system } = await new Lab(app).start();

    expect(thrownBy(() => system.value(twice))).toMatchInlineSnapshot(`
      "DARUMA_AMBIGUOUS_NEED at app/a/twice and app/b/twice
      twice occurs at app/a/twice and app/b/twice.
      hint: Name the path instead of the definition."
    `);
    expect(thrownBy(() => system.value(service('other', idle)))).toMatchInlineSnapshot(`
      "DARUMA_NOT_FOUND at other
      There is no other in the tree: a definition that is not part of it was refused.
      hint: \`daruma tree FILE\` lists all paths."
    `);
    expect(thrownBy(() => system.ref('app/nobody' as 'app'))).toMatchInlineSnapshot(`
      "DARUMA_NOT_FOUND at app/nobody
      There is no app/nobody in the tree: ref() was refused.
      hint: \`daruma tree FILE\` lists all paths."
    `);
  });
});

describe('the errors of messages', () => {
  it.each<[string, (ctx: Context) => unknown]>([
    ['unknown', (ctx) => ctx.send('app/log', 'lien')],
    ['to a service that takes none', (ctx) => ctx.send('app/caller', 'line')],
    ['to nobody', (ctx) => ctx.send('app/nobody', 'line')],
    ['to a service that is down', (ctx) => ctx.send('app/down', 'line')],
    ['too many', (ctx) => [1, 2, 3].map(() => ctx.send('app/log', 'hang'))],
    ['never answered', (ctx) => ctx.ask('app/log', 'hang', 0, { timeout: '2s' })],
    ['that crash their receiver', (ctx) => ctx.ask('app/log', 'crash')],
  ])('%s', async (_which, act) => {
    const caller = new Puppet();
    const receive = {
      line: () => {},
      hang: deaf,
      crash: () => {
        throw new Error('out of paper');
      },
    };
    const log = service('log', { mailbox: 1, receive }, idle);
    const down = service('down', { restart: 'transient', receive }, () => {});
    const app = supervisor('app', [log, down, service('caller', caller.body)]);
    const lab = await new Lab(app).start();

    const attempt = (async () => await act(caller.life.ctx))();

    expect(text(await lab.errorOf(attempt))).toMatchSnapshot();
  });
});

describe('the errors of calls', () => {
  it.each<[string, (lab: Awaited<ReturnType<typeof called>>) => Promise<unknown>]>([
    ['AlreadyStarted', ({ app }) => app.startChild(service('feed', idle))],
    ['AlreadyPresent', ({ app }) => app.startChild(service('once', idle))],
    ['Running', ({ app }) => app.removeChild('feed')],
    ['Restarting', ({ app }) => app.restartChild('crashed')],
    ['NotFound', ({ app }) => app.restartChild('nobody')],
    ['NotFound, no supervisor', ({ lab }) => must(lab.system.find('app/feed')).startChild()],
    ['NotRunning', ({ lab }) => lab.stop().then(() => lab.system.ref('app').stopChild('feed'))],
    ['NotSupported', ({ pool }) => pool.restartChild('w')],
    ['NotSupported, the root', ({ app }) => app.restart()],
    ['TooManyChildren', ({ pool }) => pool.startChild()],
    ['Stopped', (setting) => startAndStop(setting)],
    ['Failed', ({ app }) => app.startChild(service('broken', broken))],
  ])('%s', async (_code, call) => {
    const setting = await called();

    const error = await setting.lab.errorOf(call(setting));

    expect(text(error)).toMatchSnapshot();
  });
});

/** A tree about which every call can be refused. */
async function called() {
  const puppet = new Puppet();
  const lab = await new Lab(
    supervisor('app', [
      service('feed', idle),
      service('once', { restart: 'transient' }, () => {}),
      service('crashed', { backoff: { first: '5s', jitter: 'none' } }, puppet.body),
      supervisor('pool', {
        strategy: 'dynamic',
        template: service('worker', idle),
        maxChildren: 1,
      }),
    ]),
  ).start();
  await lab.until(lab.system.ref('app/pool').startChild({ id: 'w' }));
  puppet.life.fail(new Error('connection reset'));
  await lab.clock.settle();
  return { lab, app: lab.system.ref('app'), pool: lab.system.ref('app/pool') };
}

async function startAndStop({ lab, app }: Awaited<ReturnType<typeof called>>): Promise<unknown> {
  const started = app.startChild(service('slow', { ready: 'manual' }, idle));
  started.catch(() => {});
  await lab.clock.settle();
  await app.stopChild('slow');
  return started;
}

function must<Value extends Ref>(value: Value | undefined): Value {
  if (!value) throw new Error('It is not there.');
  return value;
}

it('every code that the kernel uses is in a snapshot of this file', () => {
  const folder = new URL('../../src/kernel/', import.meta.url);
  const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  const used = new Set(sources.join('\n').match(/(?<=')DARUMA_[A-Z_]+(?=')/g));

  const here = ['errors.test.ts', '__snapshots__/errors.test.ts.snap']
    .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
    .join('\n');

  expect(used.size).toBeGreaterThan(15);
  expect([...used].filter((code) => !new RegExp(`${code}\\b`).test(here))).toEqual([]);
});

describe('a guard by code', () => {
  it('knows errors of this package, of any copy of it', () => {
    const foreign = Object.assign(new Error('x'), { code: 'DARUMA_STOPPED' });

    expect(isDarumaError(new DarumaError('DARUMA_USAGE', 'x'))).toBe(true);
    expect(isDarumaError(foreign)).toBe(true);
    expect(isDarumaError(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(false);
    expect(isDarumaError({ code: 'DARUMA_STOPPED' })).toBe(false);
    expect(isDarumaError(undefined)).toBe(false);
  });

  it('has the code of the first fault for a definition', () => {
    const fault = {
      code: 'DARUMA_INVALID_NAME',
      path: 'app/a b',
      paths: [],
      message: 'x',
    } as const;
    const error = new DefinitionError([{ ...fault, hint: undefined }]);

    expect(error).toMatchObject({ name: 'DefinitionError', code: 'DARUMA_INVALID_NAME' });
    expect(error).toBeInstanceOf(DarumaError);
  });

  it('of a cancellation have a stack that is worth reading: no frames, which would be ours', () => {
    const { stackTraceLimit } = Error;
    const { stack } = new CancelledError('app/feed');

    expect(stack).toBe('AbortError: app/feed was asked to stop.');
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});
