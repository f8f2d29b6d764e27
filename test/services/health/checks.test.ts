import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../../src/index.ts';
import { idle, Lab } from '../../kernel/lab.ts';

/** A service with one check, whose answers are given by the test, one for each look. */
async function checked(answers: unknown[], options: object = {}) {
  const looks: number[] = [];
  const check = () => {
    looks.push(lab.clock.monotonic());
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer as undefined;
  };
  const health = { ping: { check, every: '10s', failures: 3, successes: 2, ...options } } as const;
  const lab = new Lab(supervisor('app', [service('db', { health }, idle)]));
  await lab.start();
  return { lab, looks, status: () => lab.system.health().status };
}

describe('a health check', () => {
  it('looks at once when its service is ready, and then at its interval', async () => {
    const { lab, looks } = await checked([true]);

    await lab.clock.advance(25_000);

    expect(looks).toEqual([0, 10_000, 20_000]);
  });

  it('looks every 30 s where nothing is said', async () => {
    const { lab, looks } = await checked([true], { every: undefined });

    await lab.clock.advance(60_000);

    expect(looks).toEqual([0, 30_000, 60_000]);
  });

  it('counts the first answer at once', async () => {
    const { status } = await checked([false]);

    expect(status()).toBe('unhealthy');
  });

  it('is worse only after so many answers in a row, and better after so many', async () => {
    const { lab, status } = await checked([true, false, false, true, false, false, false, true]);
    const seen: string[] = [];

    for (let look = 0; look < 9; look++) {
      seen.push(status());
      await lab.clock.advance(10_000);
    }

    expect(seen).toEqual([
      ...Array(6).fill('healthy'),
      ...['unhealthy', 'unhealthy'],
      ...['healthy'],
    ]);
  });

  it.each([
    ['nothing', undefined, 'healthy', []],
    ['true', true, 'healthy', []],
    ['false', false, 'unhealthy', ['ping: says no']],
    ['a status', 'degraded', 'degraded', ['ping: says no']],
    ['a reason', { status: 'degraded', reason: 'slow' }, 'degraded', ['ping: slow']],
    ['an error', new Error('refused'), 'unhealthy', ['ping: refused']],
    ['something else', 42, 'unhealthy', [expect.stringContaining('its check answered number')]],
  ])('may answer %s', async (_title, answer, status, reasons) => {
    const { lab } = await checked([answer]);

    const health = lab.system.health();

    expect(health.status).toBe(status);
    expect(health.reasons.map(({ reason }) => reason)).toEqual(reasons);
  });

  it('is unhealthy when it takes too long, and is not called again before it has answered', async () => {
    const never = new Promise(() => {});
    const { lab, looks } = await checked([never], { timeout: '5s' });

    await lab.clock.advance(5_000);
    const late = lab.system.health().reasons[0]?.reason;
    await lab.clock.advance(60_000);

    expect(late).toBe('ping: no answer within 5s');
    expect(looks).toEqual([0]);
  });

  it('ignores an answer that comes after its time', async () => {
    let answer: (value: boolean) => void = () => {};
    const slow = new Promise((resolve) => {
      answer = resolve;
    });
    const { lab, status } = await checked([slow, true], { timeout: '5s', successes: 1 });
    await lab.clock.advance(6_000);

    answer(true);
    await lab.clock.settle();

    expect(status()).toBe('unhealthy');
    await lab.clock.advance(9_000);
    expect(status()).toBe('healthy');
  });

  it('is given the context and what its service made ready', async () => {
    const given: unknown[] = [];
    const db = service('db', {
      start: () => ({ pings: 0 }),
      health: {
        ping: (ctx, pool) => {
          pool.pings++;
          given.push(ctx.path, pool);
          return true;
        },
      },
    });

    await new Lab(supervisor('app', [db])).start();

    expect(given).toEqual(['app/db', { pings: 1 }]);
  });

  it('ends with its incarnation, and begins anew with the next', async () => {
    const { lab, looks } = await checked([true]);

    await lab.until(lab.system.ref('app/db').stop());
    await lab.clock.advance(60_000);
    const whileDown = looks.length;
    await lab.until(lab.system.ref('app/db').start());

    expect(whileDown).toBe(1);
    expect(looks).toHaveLength(2);
    await lab.stop();
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('says which check changed its mind, in an event, and only then', async () => {
    const { lab } = await checked([true, false], { failures: 2 });

    await lab.clock.advance(60_000);

    expect(lab.all('health')).toMatchObject([{ check: 'ping', status: 'unhealthy', at: 20_000 }]);
  });

  it('leaves what the service says of itself alone: the worst of all counts', async () => {
    const health = { disk: () => 'degraded' as const, net: () => true };
    const body = async (ctx: { health(status: 'unhealthy', reason: string): void }) => {
      ctx.health('unhealthy', 'lost');
      await new Promise(() => {});
    };
    const lab = await new Lab(
      supervisor('app', [service('db', { health, stopWithin: 'brutal' }, body)]),
    ).start();

    expect(lab.system.health()).toMatchObject({
      status: 'unhealthy',
      reasons: [{ path: 'app/db', status: 'unhealthy', reason: 'lost' }],
    });
  });

  it.each([
    [{ health: [] }, 'health is a list; it must be an object of checks.'],
    [
      { health: { ping: 'yes' } },
      "health.ping is 'yes'; it must be a function, or { check, ... }.",
    ],
    [{ health: { ping: { check: idle, failures: 0 } } }, 'health.ping.failures is 0;'],
    [{ health: { ping: { check: idle, evry: 5 } } }, 'there is no option health.ping.evry.'],
    [{ health: { ping: { check: idle, timeout: 'soon' } } }, "health.ping.timeout is 'soon';"],
  ])('refuses %j', (options, message) => {
    const db = service('db', options as object, idle as never);

    expect(() => new Lab(supervisor('app', [db as never]))).toThrow(message);
  });
});
