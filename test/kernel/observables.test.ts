import { firstValueFrom, map, type Observable, tap, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type LifecycleEvent, type SystemPhase, service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

/** Everything that an observable emits, and its completion. */
function recorded(source: Observable<unknown>): unknown[] {
  const seen: unknown[] = [];
  source.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
  return seen;
}

/** A service that takes a second to start, to come back and to clean up. */
function slowly(puppet: Puppet) {
  return service('feed', {
    backoff: { first: '1s', jitter: 'none' },
    start: async (ctx) => {
      ctx.defer(() => ctx.sleep(1_000).catch(() => {}));
      await ctx.sleep(1_000);
    },
    run: puppet.body,
  });
}

describe('status$', () => {
  it('emits the status now and after every change, and completes with the system', async () => {
    const puppet = new Puppet();
    const lab = new Lab(supervisor('app', [service('first', idle), slowly(puppet)]));
    const seen = recorded(lab.system.ref('app/feed').status$);
    await lab.start();

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(5_000);
    await lab.stop();

    expect(seen).toEqual([
      'stopped',
      'waiting',
      'starting',
      'running',
      'stopping',
      'stopped',
      'backoff',
      'starting',
      'running',
      'stopping',
      'stopped',
      'complete',
    ]);
  });

  it('shows every status that status() has: stopping through a slow cleanup', async () => {
    const puppet = new Puppet();
    const feed = service('feed', { backoff: { first: '1s', jitter: 'none' } }, (ctx) => {
      ctx.defer(() => lab.wait(3_000));
      return puppet.body(ctx);
    });
    const lab = new Lab(supervisor('app', [feed]));
    await lab.start();
    const seen = recorded(lab.system.ref('app/feed').status$);

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(2_000);

    expect(lab.system.ref('app/feed').status()).toBe('stopping');
    expect(seen).toEqual(['running', 'stopping']);
  });

  it('shows every status that status() has: waiting for a group, waiting for a supervisor', async () => {
    const puppet = new Puppet();
    const culprit = service('culprit', { backoff: { first: '1s', jitter: 'none' } }, puppet.body);
    const edge = supervisor(
      'edge',
      { strategy: 'one-for-all', intensity: 1, backoff: { first: '1s', jitter: 'none' } },
      [service('member', idle), culprit],
    );
    const lab = await new Lab(supervisor('app', [edge])).start();
    const seen = recorded(lab.system.ref('app/edge/member').status$);
    const states: unknown[] = [];
    const note = () => states.push(lab.system.ref('app/edge/member').status(), seen.at(-1));

    puppet.life.fail(new Error('takes the group along'));
    await lab.clock.advance(500);
    note();
    await lab.clock.advance(1_000);
    puppet.life.fail(new Error('takes the supervisor along'));
    await lab.clock.advance(500);
    note();

    expect(states).toEqual(['waiting', 'waiting', 'waiting', 'waiting']);
  });

  it('replays the present status to a late subscriber, and completes at once after the end', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    const running = recorded(lab.system.ref('app/feed').status$);
    await lab.stop();

    const late = recorded(lab.system.ref('app/feed').status$);

    expect(running[0]).toBe('running');
    expect(late).toEqual(['stopped', 'complete']);
  });

  it('says absent when the child is dropped, and what comes after it at its path', async () => {
    const puppet = new Puppet();
    const brief = service('brief', { restart: 'temporary' }, puppet.body);
    const lab = await new Lab(supervisor('app', [brief])).start();
    const seen = recorded(lab.system.ref('app/brief').status$);

    puppet.life.finish();
    await lab.clock.settle();
    await lab.until(lab.system.ref('app').startChild(brief));

    expect(seen).toEqual([
      'running',
      'stopping',
      'stopped',
      'absent',
      'waiting',
      'starting',
      'running',
    ]);
  });

  it('stops listening when it is unsubscribed from', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    const seen: unknown[] = [];
    const subscription = lab.system.ref('app/feed').status$.subscribe((value) => seen.push(value));

    subscription.unsubscribe();
    await lab.stop();

    expect(seen).toEqual(['running']);
  });
});

describe('health$', () => {
  it('emits now and after every change, at most once a turn, and the last before it completes', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    const seen = recorded(
      lab.system.ref('app').health$.pipe(map(({ status, ready }) => `${status} ${ready}`)),
    );
    const { ctx } = puppet.life;

    ctx.health('degraded', 'slow');
    ctx.health('unhealthy', 'gone');
    await lab.clock.settle();
    ctx.health('healthy');
    await lab.clock.settle();
    await lab.stop();

    expect(seen).toEqual([
      'healthy true',
      'unhealthy true',
      'healthy true',
      'healthy false',
      'complete',
    ]);
  });
});

describe('phase$', () => {
  it('emits the phases of a life, each once, and completes', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const seen = recorded(lab.system.phase$);
    const phases: (SystemPhase | undefined)[] = [lab.system.phase];

    await lab.start();
    phases.push(lab.system.phase);
    await lab.stop();
    phases.push(lab.system.phase);

    expect(seen).toEqual(['booting', 'running', 'draining', 'stopping', 'stopped', 'complete']);
    expect(phases).toEqual([undefined, 'running', 'stopped']);
  });

  it('replays the present phase to a late subscriber', async () => {
    const lab = await new Lab(supervisor('app', [])).start();
    const seen = recorded(lab.system.phase$);
    await lab.stop();

    expect(seen[0]).toBe('running');
    expect(recorded(lab.system.phase$)).toEqual(['stopped', 'complete']);
  });

  it('ends with stopped when the system never started', async () => {
    const lab = new Lab(supervisor('app', []));
    const seen = recorded(lab.system.phase$);

    await lab.stop();

    expect(lab.system.phase).toBe('stopped');
    expect(seen).toEqual(['stopped', 'complete']);
  });
});

describe('events$', () => {
  it('emits every event from now on, in one total order, and completes', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const all = firstValueFrom(lab.system.events$.pipe(toArray()));
    await lab.start();
    const late = recorded(lab.system.events$);
    const before = lab.events.length;

    await lab.stop();

    const events = await all;
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(late.slice(0, -1)).toEqual(events.slice(before));
    expect(late.at(-1)).toBe('complete');
    expect(recorded(lab.system.events$)).toEqual(['complete']);
  });

  it('carries where and when, on both halves of the clock, as plain data', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    await lab.clock.advance(1_500);

    puppet.life.fail(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
    await lab.clock.settle();

    const ended = lab.all('ended')[0] as LifecycleEvent;
    expect(ended).toMatchObject({
      path: 'app/feed',
      incarnation: 1,
      at: 1_500,
      time: Date.UTC(2026, 0, 1) + 1_500,
      error: { name: 'Error', message: 'lost', code: 'ECONNRESET' },
    });
    expect(JSON.parse(JSON.stringify(lab.events))).toEqual(lab.events);
  });
});

describe('a subscriber that throws', () => {
  it.each<[string, (source: Observable<unknown>, fail: () => void) => void]>([
    ['itself', (source, fail) => source.subscribe(fail)],
    ['in its observer', (source, fail) => source.subscribe({ next: fail })],
    ['behind map', (source, fail) => source.pipe(map((value) => value)).subscribe(fail)],
    ['in map', (source, fail) => source.pipe(map(fail)).subscribe()],
    ['in two operators', (source, fail) => source.pipe(tap(fail), map(String)).subscribe()],
  ])('%s is an event and nothing else', async (_where, subscribe) => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const plain = await new Lab(supervisor('app', [service('feed', idle)])).start();
    let failures = 0;
    const fail = () => {
      if (failures++ === 0) throw new Error('my own fault');
    };
    subscribe(lab.system.events$, fail);

    await lab.start();

    const others = lab.log().filter((line) => line !== 'listener-failed app');
    expect(lab.all('listener-failed')).toMatchObject([{ error: { message: 'my own fault' } }]);
    expect(others).toEqual(plain.log());
  });

  it('when it completes disturbs nobody', async () => {
    const lab = await new Lab(supervisor('app', [])).start();
    const completed: string[] = [];
    lab.system.phase$.subscribe({
      complete: () => {
        completed.push('first');
        throw new Error('at the end');
      },
    });
    lab.system.phase$.subscribe({ complete: () => completed.push('second') });

    const report = await lab.stop();

    expect(completed).toEqual(['first', 'second']);
    expect(report).toMatchObject({ reason: 'stopped', exitCode: 0 });
  });

  it('each time is let go, and the others go on', async () => {
    let calls = 0;
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    lab.system.events$.subscribe(() => {
      calls++;
      throw new Error('always');
    });

    await lab.start();
    await lab.stop();

    expect(calls).toBeLessThanOrEqual(2);
    expect(lab.log()).toContain('ended app/feed');
    expect(lab.all('listener-failed').length).toBeLessThanOrEqual(2);
  });
});
