import { describe, expect, it } from 'vitest';
import { type LifecycleEvent, service, supervisor } from '../../src/index.ts';
import { failureOf, idle, Lab, Puppet } from './lab.ts';

/** The status that each event leaves its place in. */
const after: Partial<Record<LifecycleEvent['type'], readonly string[]>> = {
  waiting: ['waiting'],
  starting: ['starting'],
  ready: ['running'],
  ignored: ['stopped'],
  'start-failed': ['stopping'],
  'stop-requested': ['stopping'],
  'stop-error': ['stopping'],
  ended: ['stopped', 'waiting'],
  unstopped: ['unstopped'],
  backoff: ['backoff'],
  suspended: ['waiting'],
  failed: ['failed'],
  dropped: ['absent'],
  stopped: ['stopped', 'waiting'],
};

/** A tree in which nearly everything happens. */
function eventful() {
  const database = new Puppet();
  const feed = new Puppet();
  const app = supervisor('app', { start: 'parallel' }, [
    service('database', { backoff: { first: '1s', jitter: 'none' } }, database.body),
    service('api', { needs: { database: 'app/database' } }, idle),
    service('skipped', { restart: 'temporary' }, () => {}),
    service('stuck', { stopWithin: '1s' }, () => new Promise(() => {})),
    supervisor('edge', { whenExhausted: 'give-up', intensity: 1, strategy: 'one-for-all' }, [
      service('member', (ctx) => {
        ctx.defer(() => Promise.reject(new Error('cannot close')));
        return idle(ctx);
      }),
      service('feed', { backoff: { first: '1s', jitter: 'none' } }, feed.body),
    ]),
  ]);
  return { app, database, feed };
}

describe('a listener', () => {
  it('finds the status that its event speaks of', async () => {
    const { app, database, feed } = eventful();
    const lab = new Lab(app);
    const wrong: unknown[] = [];
    const seen = new Set<string>();
    lab.system.events$.subscribe(({ type, path }) => {
      const status = lab.system.find(path)?.status() ?? 'absent';
      const expected = after[type];
      if (!expected) return;
      seen.add(type);
      if (!expected.includes(status)) wrong.push({ type, path, status });
    });

    await lab.start();
    database.life.fail(new Error('lost'));
    await lab.clock.advance(5_000);
    feed.life.fail(new Error('lost'));
    await lab.clock.advance(5_000);
    feed.life.fail(new Error('lost again'));
    await lab.clock.advance(5_000);
    await lab.stop();

    expect(wrong).toEqual([]);
    expect([...seen].sort()).toEqual([
      'backoff',
      'dropped',
      'ended',
      'failed',
      'ready',
      'starting',
      'stop-error',
      'stop-requested',
      'suspended',
      'unstopped',
      'waiting',
    ]);
  });

  it('finds the phase that its event speaks of', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const wrong: unknown[] = [];
    lab.system.events$.subscribe((event) => {
      if (event.type === 'phase' && event.phase !== lab.system.phase) wrong.push(event);
    });

    await lab.start();
    await lab.stop();

    expect(wrong).toEqual([]);
  });

  it('that acts is not interrupted: what it causes is delivered to all afterwards', async () => {
    const lab = new Lab(supervisor('app', [service('a', idle), service('b', idle)]));
    const first: string[] = [];
    const second: string[] = [];
    lab.system.events$.subscribe(({ type, path }) => {
      first.push(`${type} ${path} begins`);
      if (type === 'ready' && path === 'app/a') void lab.system.ref('app/a').stop();
      first.push(`${type} ${path} ends`);
    });
    lab.system.events$.subscribe(({ type, path }) => void second.push(`${type} ${path}`));

    await lab.start();

    const nested = first.filter((line, index) => {
      return line.endsWith('begins') && first[index + 1] !== line.replace('begins', 'ends');
    });
    expect(nested).toEqual([]);
    expect(second).toEqual(
      first.filter((line) => line.endsWith('begins')).map((line) => line.replace(' begins', '')),
    );
    expect(lab.system.ref('app/a').status()).toBe('stopped');
  });

  it('hears events in the order of their numbers, whoever causes them', async () => {
    const { app, database } = eventful();
    const lab = new Lab(app);
    const numbers: number[] = [];
    lab.system.events$.subscribe(({ seq, type, path }) => {
      numbers.push(seq);
      if (type === 'backoff' && path === 'app/database') void lab.system.ref('app/edge').stop();
    });
    await lab.start();

    database.life.fail(new Error('lost'));
    await lab.clock.advance(5_000);

    expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
  });

  it('may stop the whole system', async () => {
    const puppet = new Puppet();
    const lab = new Lab(supervisor('app', [service('feed', puppet.body)]));
    lab.system.events$.subscribe(({ type }) => {
      if (type === 'backoff') void lab.system.stop();
    });
    await lab.start();

    puppet.life.fail(new Error('lost'));
    await lab.clock.settle();

    expect(lab.system.phase).toBe('stopped');
    expect(lab.log().slice(-3)).toEqual(['stop-requested app', 'stopped app/feed', 'ended app']);
  });

  it('is refused a call once it hears that the system is stopping', async () => {
    const lab = await new Lab(
      supervisor('app', { stopWithin: '1s' }, [service('feed', idle)]),
    ).start();
    const errors: Promise<unknown>[] = [];
    lab.system.events$.subscribe((event) => {
      if (event.type !== 'phase' || event.phase !== 'stopping') return;
      errors.push(failureOf(lab.system.ref('app').stopChild('feed')));
    });

    await lab.stop();

    expect(await Promise.all(errors)).toMatchObject([{ code: 'DARUMA_NOT_RUNNING', path: 'app' }]);
    expect(lab.all('stop-requested').at(-1)).toMatchObject({ path: 'app/feed', limitMs: 1_000 });
  });

  it('that subscribes in a listener hears what comes after', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const late: string[] = [];
    lab.system.events$.subscribe(({ type, path }) => {
      if (type !== 'ready' || path !== 'app/feed') return;
      lab.system.events$.subscribe((event) => {
        if (event.type !== 'phase') late.push(`${event.type} ${event.path}`);
      });
    });

    await lab.start();

    expect(late).toEqual(['ready app']);
  });

  it('that unsubscribes another one in a listener silences it at once', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const heard: string[] = [];
    lab.system.events$.subscribe(({ type }) => {
      if (type === 'ready') other.unsubscribe();
    });
    const other = lab.system.events$.subscribe(({ type, path }) => {
      if (type !== 'phase') heard.push(`${type} ${path}`);
    });

    await lab.start();

    expect(heard).toEqual(['starting app', 'starting app/feed']);
  });
});
