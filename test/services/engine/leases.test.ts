import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Engine, EngineError } from '../../../src/services/engine/engine.ts';
import { engines } from './engines.ts';

const name = 'app/report';
const ttlMs = 1_000;

/** One lease of an engine, as its processes see it. */
function leaseIn(engine: Engine) {
  return {
    acquire: async (holder: string, now: number, ms = ttlMs) =>
      (await engine.submit([['leases.acquire', { name, holder, now, ttlMs: ms }]]))[0],
    renew: async (token: number, now: number, ms = ttlMs) =>
      (await engine.submit([['leases.renew', { name, token, now, ttlMs: ms }]]))[0],
    release: async (token: number) =>
      (await engine.submit([['leases.release', { name, token }]]))[0],
    read: async () => (await engine.submit([['leases.read', { name }]]))[0],
  };
}

describe.each(engines)('a lease %s', (_name, open) => {
  it('is had by one holder at a time, who is named to the others', async () => {
    const lease = leaseIn(open());

    expect(await lease.read()).toBeNull();
    expect(await lease.acquire('a', 100)).toEqual({ token: 1, holder: 'a', until: 1_100 });
    expect(await lease.acquire('b', 1_099)).toEqual({ token: null, holder: 'a', until: 1_100 });
    expect(await lease.read()).toEqual({ token: 1, holder: 'a', until: 1_100 });
  });

  it('goes to the next when it has run out, with a higher token', async () => {
    const lease = leaseIn(open());
    await lease.acquire('a', 0);

    expect(await lease.acquire('b', 1_000)).toEqual({ token: 2, holder: 'b', until: 2_000 });
    expect(await lease.renew(1, 1_001)).toBe(false);
    expect(await lease.release(1)).toBe(false);
    expect(await lease.read()).toMatchObject({ token: 2, until: 2_000 });
  });

  it('is kept as long as it is renewed, also when nobody has noticed that it ran out', async () => {
    const lease = leaseIn(open());
    await lease.acquire('a', 0);

    expect(await lease.renew(1, 900)).toBe(true);
    expect(await lease.acquire('b', 1_500)).toMatchObject({ token: null, until: 1_900 });
    expect(await lease.renew(1, 5_000)).toBe(true);
    expect(await lease.acquire('b', 5_500)).toMatchObject({ token: null, until: 6_000 });
  });

  it('goes to the next at once when it is released, and not back to who released it', async () => {
    const lease = leaseIn(open());
    await lease.acquire('a', 0);

    expect(await lease.release(1)).toBe(true);
    expect(await lease.read()).toBeNull();
    expect(await lease.renew(1, 1)).toBe(false);
    expect(await lease.release(1)).toBe(false);
    expect(await lease.acquire('b', 1)).toEqual({ token: 2, holder: 'b', until: 1_001 });
  });

  it('is not given twice to one who asks twice', async () => {
    const lease = leaseIn(open());
    await lease.acquire('a', 0);

    expect(await lease.acquire('a', 10)).toMatchObject({ token: null, holder: 'a' });
  });

  it('runs out as from now when the clock was set back', async () => {
    const lease = leaseIn(open());
    await lease.acquire('a', 1_000_000, 3_000);

    expect(await lease.acquire('b', 5_000)).toMatchObject({ token: null, until: 8_000 });
    expect(await lease.acquire('b', 8_000)).toMatchObject({ token: 2 });
  });

  it('is apart from leases of other names', async () => {
    const engine = open();
    await leaseIn(engine).acquire('a', 0);
    const other = { name: 'app/other', holder: 'b', now: 0, ttlMs };

    expect(await engine.submit([['leases.acquire', other]])).toEqual([
      { token: 1, holder: 'b', until: 1_000 },
    ]);
  });

  it.each([
    ['somebody else has it', 1, 'b holds it with token 2'],
    ['it has run out', 2, 'it has run out'],
    ['it was released', 3, 'it was released'],
  ])('refuses the whole request of an old holder: %s', async (_why, token, reason) => {
    const engine = open();
    const lease = leaseIn(engine);
    await lease.acquire('a', 0);
    await lease.acquire('b', 1_000);
    if (token === 3) {
      await lease.acquire('c', 2_000);
      await lease.release(3);
    }
    const now = token === 2 ? 2_000 : 1_500;
    const entry = { owner: 'app/report', store: '', key: 'k', value: '1', expiresAt: null, now };
    const place = { owner: 'app/report', store: '', now };
    const writing = engine.submit([
      ['entries.set', entry],
      ['leases.expect', { name, token, now }],
    ]);

    await expect(writing).rejects.toThrow(EngineError);
    await expect(writing).rejects.toMatchObject({
      failure: { code: 'DARUMA_LEASE_LOST', message: expect.stringContaining(reason) },
    });
    expect(await engine.submit([['entries.size', place]])).toEqual([0]);
  });

  it('lets the request of its holder through', async () => {
    const engine = open();
    await leaseIn(engine).acquire('a', 0);
    const entry = { owner: name, store: '', key: 'k', value: '1', expiresAt: null, now: 5 };

    await engine.submit([
      ['leases.expect', { name, token: 1, now: 999 }],
      ['entries.set', entry],
    ]);

    const place = { owner: name, store: '', now: 5 };
    expect(await engine.submit([['entries.size', place]])).toEqual([1]);
  });
});

type Command =
  | { readonly do: 'acquire' | 'renew' | 'release'; readonly who: number }
  | { readonly wait: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    do: fc.constantFrom('acquire' as const, 'renew' as const, 'release' as const),
    who: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ wait: fc.integer({ min: 1, max: 1_500 }) }),
);

describe('whatever three processes do with a lease', () => {
  it('never has two holders, and its tokens only go up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const [, open] = engines[0] as (typeof engines)[0];
        const lease = leaseIn(open());
        /** By process: its token, and until when it may believe that it holds it. */
        const believes = new Map<number, { readonly token: number; readonly until: number }>();
        let [now, highest] = [0, 0];
        for (const step of commands) {
          if ('wait' in step) {
            now += step.wait;
          } else if (step.do === 'acquire') {
            const { token, until } = await lease.acquire(`${step.who}`, now);
            if (token !== null) {
              expect(token).toBeGreaterThan(highest);
              highest = token;
              believes.set(step.who, { token, until });
            }
          } else {
            const { token = 0 } = believes.get(step.who) ?? {};
            const isDone =
              step.do === 'renew' ? await lease.renew(token, now) : await lease.release(token);
            if (isDone && step.do === 'renew') {
              believes.set(step.who, { token, until: now + ttlMs });
            } else {
              believes.delete(step.who);
            }
          }
          const holders = [...believes.values()].filter(({ until }) => until > now);
          expect(holders.length).toBeLessThan(2);
        }
      }),
      { numRuns: 200, seed: 42 },
    );
  });
});
