import { describe, expect, it, vi } from 'vitest';
import { type DecideInfo, type Decision, service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

type Decide = (error: unknown, info: DecideInfo) => Decision;

/** A service that fails when it is told to, with a permanent sibling and a supervisor above. */
async function decided(decide: Decide, options: { restart?: 'transient' | 'temporary' } = {}) {
  const puppet = new Puppet();
  const feed = service(
    'feed',
    { decide, backoff: { first: '1s', jitter: 'none' }, ...options },
    puppet.body,
  );
  const edge = supervisor('edge', { backoff: { first: '1s', jitter: 'none' } }, [
    service('sibling', idle),
    feed,
  ]);
  const lab = await new Lab(supervisor('app', [edge])).start();
  lab.events.length = 0;
  return { lab, puppet, ref: lab.system.ref('app/edge/feed') };
}

describe('decide', () => {
  it('is told the error and how far the series is', async () => {
    const decide = vi.fn<Decide>(() => 'restart');
    const { lab, puppet } = await decided(decide);
    const first = new Error('first');
    const second = new Error('second');
    await lab.clock.advance(250);

    puppet.life.fail(first);
    await lab.clock.advance(1_000);
    puppet.life.fail(second);
    await lab.clock.settle();

    expect(decide.mock.calls).toEqual([
      [first, { path: 'app/edge/feed', incarnation: 1, attempt: 0, readyMs: 250 }],
      [second, { path: 'app/edge/feed', incarnation: 2, attempt: 1, readyMs: 0 }],
    ]);
    expect(decide.mock.calls[0]?.[0]).toBe(first);
  });

  it("'restart' restarts it with backoff, charged", async () => {
    const { lab, puppet, ref } = await decided(() => 'restart');

    puppet.life.fail(new Error('x'));
    await lab.clock.settle();

    expect(ref.status()).toBe('backoff');
    expect(lab.all('backoff')).toMatchObject([{ path: 'app/edge/feed', used: 1, delayMs: 1_000 }]);
  });

  it("'stop' leaves it stopped, uncharged, and touches nobody else", async () => {
    const { lab, puppet, ref } = await decided(() => 'stop');

    puppet.life.fail(new Error('x'));
    await lab.clock.advance(60_000);

    expect(ref.status()).toBe('stopped');
    expect(lab.log()).toEqual(['ended app/edge/feed']);
    expect(ref.explain()).toMatchObject({
      why: 'It failed (x), and its restart type or decide() leaves it at that.',
    });
  });

  it("'escalate' ends the supervisor, which its parent restarts", async () => {
    const { lab, puppet, ref } = await decided(() => 'escalate');

    puppet.life.fail(new Error('broken beyond repair'));
    await lab.clock.advance(1_000);

    expect(lab.all('escalated')).toMatchObject([
      {
        path: 'app/edge',
        culprit: 'app/edge/feed',
        used: 0,
        error: { message: 'broken beyond repair' },
      },
    ]);
    expect(lab.all('ended').find(({ path }) => path === 'app/edge')).toMatchObject({
      reason: 'RestartLimitExceeded',
      error: { code: 'DARUMA_RESTART_LIMIT' },
    });
    expect(lab.system.ref('app/edge').incarnation()).toBe(2);
    expect(ref.status()).toBe('running');
  });

  it("that throws counts as 'restart', with an event", async () => {
    const { lab, puppet, ref } = await decided(() => {
      throw new TypeError('cannot read code of undefined');
    });

    puppet.life.fail(undefined);
    await lab.clock.advance(1_000);

    expect(lab.all('decide-failed')).toMatchObject([
      { path: 'app/edge/feed', error: { message: 'cannot read code of undefined' } },
    ]);
    expect(ref.incarnation()).toBe(2);
  });

  it.each([['ignore'], [undefined], [Promise.resolve('stop')], [42]])(
    "that answers %s counts as 'restart', with an event",
    async (answer) => {
      const { lab, puppet, ref } = await decided(() => answer as Decision);

      puppet.life.fail(new Error('x'));
      await lab.clock.advance(1_000);

      expect(lab.all('decide-failed')).toHaveLength(1);
      expect(ref.incarnation()).toBe(2);
    },
  );

  it('is not asked about a normal end', async () => {
    const decide = vi.fn<Decide>(() => 'stop');
    const { lab, puppet, ref } = await decided(decide);

    puppet.life.finish();
    await lab.clock.advance(1_000);

    expect(decide).not.toHaveBeenCalled();
    expect(ref.incarnation()).toBe(2);
  });

  it('is not asked about a stop, whatever the body throws then', async () => {
    const decide = vi.fn<Decide>(() => 'restart');
    const rude = service('rude', { decide }, async (ctx) => {
      await idle(ctx);
      throw new Error('rude');
    });
    const lab = await new Lab(supervisor('app', [rude])).start();

    await lab.stop();

    expect(decide).not.toHaveBeenCalled();
  });

  it('is not asked about a temporary child, where there is nothing to decide', async () => {
    const decide = vi.fn<Decide>(() => 'restart');
    const { lab, puppet, ref } = await decided(decide, { restart: 'temporary' });

    puppet.life.fail(new Error('x'));
    await lab.clock.advance(1_000);

    expect(decide).not.toHaveBeenCalled();
    expect(ref.status()).toBe('absent');
  });

  it('is asked about what a watchdog or a receiver fails it of', async () => {
    const decide = vi.fn<Decide>(() => 'stop');
    const watched = service('watched', { decide, watchdog: '1s' }, idle);
    const receive = {
      crash: () => {
        throw new Error('crashed');
      },
    };
    const receiving = service('receiving', { decide, receive }, idle);
    const lab = await new Lab(supervisor('app', [watched, receiving])).start();

    lab.system.ref('app/receiving').send('crash');
    await lab.clock.advance(1_000);

    expect(decide.mock.calls.map(([error]) => error)).toMatchObject([
      { message: 'crashed' },
      { code: 'DARUMA_WATCHDOG' },
    ]);
    expect(lab.system.ref('app/watched').status()).toBe('stopped');
    expect(lab.system.ref('app/receiving').status()).toBe('stopped');
  });
});
