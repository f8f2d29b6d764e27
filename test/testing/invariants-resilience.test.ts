import { describe, expect, it } from 'vitest';
import { type Context, policy, service, supervisor } from '../../src/index.ts';
import { checkTree } from '../../src/testing/check-tree.ts';
import { bodyInvariants } from '../../src/testing/invariants/bodies.ts';
import { breakerAdmission, breakerTransitions } from '../../src/testing/invariants/breakers.ts';
import { always } from '../../src/testing/invariants/custom.ts';
import { supervisionInvariants } from '../../src/testing/invariants/supervision.ts';
import { simulate } from '../../src/testing/simulate.ts';
import { messagesOf } from './trace-of.ts';

const app = supervisor('app', [service('a', async () => {})]);

const breaker = (at: number, status: string, more = '') =>
  `${at} breaker app {"policy":"api","status":"${status}","recoveryMs":1000,"probes":1${more}}`;
const probe = (at: number, status: string) =>
  `${at} probe app/a#1 {"policy":"api","status":"${status}"}`;
const lines = (...text: string[]) => text.join('\n');

describe('breakerTransitions', () => {
  const check = (...text: string[]) => messagesOf(breakerTransitions, app, lines(...text));

  it('allows the way round, and the way back', () => {
    expect(
      check(
        breaker(5, 'open'),
        breaker(1_005, 'half-open'),
        probe(1_005, 'admitted'),
        probe(1_006, 'failed'),
        breaker(1_006, 'open'),
        breaker(2_006, 'half-open'),
        probe(2_007, 'admitted'),
        probe(2_008, 'succeeded'),
        breaker(2_008, 'closed'),
        breaker(2_009, 'open'),
      ),
    ).toEqual([]);
  });

  it('objects to shortcuts', () => {
    expect(check(breaker(5, 'half-open'))).toEqual([
      'The breaker of api is half-open at 5 ms; it was closed.',
    ]);
    expect(check(breaker(5, 'open'), breaker(6, 'closed'))).toEqual([
      'The breaker of api is closed at 6 ms; it was open.',
    ]);
  });

  it('objects to a recovery that is too short', () => {
    expect(check(breaker(5, 'open'), breaker(1_004, 'half-open'))).toEqual([
      'The breaker of api is half open after 999 ms; it recovers for 1000 ms.',
    ]);
  });

  it('objects to closing without a probe that succeeded', () => {
    const half = [breaker(0, 'open'), breaker(1_000, 'half-open')];

    expect(check(...half, breaker(1_001, 'closed'))).toEqual([
      'The breaker of api is closed at 1001 ms, and no probe has succeeded.',
    ]);
    expect(
      check(...half, probe(1_000, 'admitted'), probe(1_001, 'failed'), breaker(1_001, 'closed')),
    ).toHaveLength(1);
  });

  it('keeps the breakers of different policies apart', () => {
    const other = '5 breaker app {"policy":"mail","status":"open","recoveryMs":10,"probes":1}';

    expect(check(other, breaker(6, 'open'))).toEqual([]);
  });
});

describe('breakerAdmission', () => {
  const check = (...text: string[]) => messagesOf(breakerAdmission, app, lines(...text));
  const half = [breaker(0, 'open'), breaker(1_000, 'half-open')];

  it('allows one probe after the other', () => {
    const probes = ['admitted', 'withdrawn', 'admitted', 'succeeded'];

    expect(check(...half, ...probes.map((status, nth) => probe(1_001 + nth, status)))).toEqual([]);
  });

  it('objects to a call that goes through while it is open', () => {
    expect(check(breaker(0, 'open'), probe(5, 'admitted'))).toEqual([
      'A call of app/a goes through the breaker of api at 5 ms; it is open.',
    ]);
  });

  it('objects to more probes at a time than it admits', () => {
    expect(check(...half, probe(1_001, 'admitted'), probe(1_002, 'admitted'))).toEqual([
      '2 probes of api are under way at 1002 ms; it admits 1.',
    ]);
  });

  it('begins anew with every change', () => {
    expect(
      check(
        ...half,
        probe(1_001, 'admitted'),
        breaker(1_002, 'open'),
        breaker(2_002, 'half-open'),
        probe(2_003, 'admitted'),
      ),
    ).toEqual([]);
  });
});

describe('a tree that calls under policies', () => {
  /** Policies are values of a module: they serve every tree that is made of it. */
  const api = policy('api', {
    timeout: { attempt: '300ms', total: '4s' },
    retry: { maxAttempts: 3, backoff: { first: '50ms', max: '1s' } },
    breaker: { failures: 3, recovery: '2s', probes: 2, successThreshold: 2 },
    bulkhead: { concurrency: 2, queue: 2 },
    rateLimit: { limit: 20, per: '1s' },
    fallback: () => 'instead',
  });

  /** Answers, fails, is slow, or hangs, and does not always listen. */
  async function remote(ctx: Context, signal: AbortSignal): Promise<string> {
    const chance = ctx.random();
    if (chance < 0.3) throw new Error('injected: no route to host');
    if (chance > 0.6) return 'fast';
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      ctx.sleep(chance * 900).then(() => resolve('slow'), reject);
    });
  }

  const client = (name: string) =>
    service(name, async (ctx) => {
      for (;;) {
        const calls = [1, 2, 3].map(() => api.run(ctx, ({ signal }) => remote(ctx, signal)));
        await Promise.all(calls);
        ctx.beat();
        await ctx.sleep('200ms');
      }
    });
  const makeTree = () => supervisor('app', [client('one'), client('two')]);

  it('keeps every invariant under every plan of faults', async () => {
    const reached = new Set<string>();
    const watch = always('reached', (event) => {
      if (event.type === 'breaker' || event.type === 'probe') reached.add(event.status);
      return true;
    });
    const invariants = [...supervisionInvariants, ...bodyInvariants, watch];
    const report = await checkTree(makeTree, { runs: 40, seed: 11, invariants });

    expect(report.runs).toBe(40);
    // It proves nothing where nothing happens.
    const all = ['open', 'half-open', 'closed', 'admitted', 'succeeded', 'failed'];
    expect([...reached]).toEqual(expect.arrayContaining(all));
  });

  it('hold when the other side is out for a while, and it is noticed', async () => {
    const caller = service('caller', async (ctx) => {
      for (;;) {
        await api.run(ctx, async () => 'fine');
        await ctx.sleep('100ms');
      }
    });
    for (const how of ['fails', 'hangs']) {
      const { trace, violations } = await simulate(
        () => supervisor('app', [caller]),
        async (sim) => {
          await sim.advance('1s');
          const params = { ms: 5_000, how };
          sim.inject({ kind: 'remoteOutage', trigger: { at: sim.now }, params });
          await sim.advance('20s');
        },
      );
      const statuses = trace.events.flatMap((event) =>
        event.type === 'breaker' ? [event.status] : [],
      );

      expect(violations).toEqual([]);
      expect(statuses[0]).toBe('open');
      expect(statuses.at(-1)).toBe('closed');
    }
  });
});
