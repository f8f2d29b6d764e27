import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileEngine } from '../../../src/services/engine/file-engine.ts';
import { MemoryEngine } from '../../../src/services/engine/memory-engine.ts';
import { openListening } from '../../postgres/engines.ts';
import { freshFile } from '../storage/keeper.ts';
import { LeaseDesk, leaseContract } from './lease-contract.ts';
import { TickDesk, tickContract } from './tick-contract.ts';

const limits = { busyTimeoutMs: 5_000, maxPendingBytes: 1e8 };

for (const contract of [leaseContract, tickContract]) {
  contract('in memory', () => new MemoryEngine());
  contract('in a file', () => new FileEngine({ file: freshFile(), ...limits }));
  contract('in PostgreSQL', () => openListening());
}

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
      fc.asyncProperty(fc.array(command, { maxLength: 40, size: 'max' }), async (commands) => {
        const lease = new LeaseDesk(new MemoryEngine());
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
            const isRenewal = step.do === 'renew';
            const isDone = isRenewal ? await lease.renew(token, now) : await lease.release(token);
            if (isDone && isRenewal) believes.set(step.who, { token, until: now + 1_000 });
            else believes.delete(step.who);
          }
          const holders = [...believes.values()].filter(({ until }) => until > now);
          expect(holders.length).toBeLessThan(2);
        }
        await lease.engine.close();
      }),
      { numRuns: 200, seed: 42 },
    );
  });
});

describe('whatever several processes claim', () => {
  it('no tick is had twice, while the clock goes on', async () => {
    const step = fc.record({
      dueAt: fc.integer({ min: 0, max: 60 }).map((nth) => nth * 100),
      wait: fc.integer({ min: 0, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
        const ticks = new TickDesk(new MemoryEngine());
        const had = new Set<number>();
        let now = 0;
        for (const { dueAt, wait } of steps) {
          now += wait;
          if (!(await ticks.claim(dueAt, now))) continue;
          expect(had.has(dueAt)).toBe(false);
          had.add(dueAt);
        }
        await ticks.engine.close();
      }),
      { numRuns: 200, seed: 42 },
    );
  });
});
