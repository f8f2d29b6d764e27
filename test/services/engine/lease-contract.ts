import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, EngineError } from '../../../src/services/engine/engine.ts';
import { leaseTopic } from '../../../src/services/engine/watchers.ts';

const ttlMs = 1_000;
let leases = 0;

/** One lease of its own of an engine, as its processes see it. */
export class LeaseDesk {
  readonly engine: Engine;
  readonly name = `app/lease-${process.pid}-${++leases}`;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  async acquire(holder: string, now: number, ms = ttlMs) {
    const request = { name: this.name, holder, now, ttlMs: ms };
    const [answer] = await this.engine.submit([['leases.acquire', request]]);
    return answer;
  }

  async renew(token: number, now: number, ms = ttlMs) {
    const claim = { name: this.name, token, now, ttlMs: ms };
    return (await this.engine.submit([['leases.renew', claim]]))[0];
  }

  async release(token: number) {
    return (await this.engine.submit([['leases.release', { name: this.name, token }]]))[0];
  }

  async read() {
    return (await this.engine.submit([['leases.read', { name: this.name }]]))[0];
  }
}

/** What leases are in every engine. */
export function leaseContract(engineName: string, open: () => Promise<Engine> | Engine): void {
  describe(`a lease ${engineName}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine.close());

    const desk = () => new LeaseDesk(engine);

    it('is had by one holder at a time, who is named to the others', async () => {
      const lease = desk();

      expect(await lease.read()).toBeNull();
      expect(await lease.acquire('a', 100)).toEqual({ token: 1, holder: 'a', until: 1_100 });
      expect(await lease.acquire('b', 1_099)).toEqual({ token: null, holder: 'a', until: 1_100 });
      expect(await lease.read()).toEqual({ token: 1, holder: 'a', until: 1_100 });
    });

    it('goes to the next when it has run out, with a higher token', async () => {
      const lease = desk();
      await lease.acquire('a', 0);

      expect(await lease.acquire('b', 1_000)).toEqual({ token: 2, holder: 'b', until: 2_000 });
      expect(await lease.renew(1, 1_001)).toBe(false);
      expect(await lease.release(1)).toBe(false);
      expect(await lease.read()).toMatchObject({ token: 2, until: 2_000 });
    });

    it('is kept as long as it is renewed, also when nobody has noticed that it ran out', async () => {
      const lease = desk();
      await lease.acquire('a', 0);

      expect(await lease.renew(1, 900)).toBe(true);
      expect(await lease.acquire('b', 1_500)).toMatchObject({ token: null, until: 1_900 });
      expect(await lease.renew(1, 5_000)).toBe(true);
      expect(await lease.acquire('b', 5_500)).toMatchObject({ token: null, until: 6_000 });
    });

    it('goes to the next at once when it is released, and not back to who released it', async () => {
      const lease = desk();
      await lease.acquire('a', 0);

      expect(await lease.release(1)).toBe(true);
      expect(await lease.read()).toBeNull();
      expect(await lease.renew(1, 1)).toBe(false);
      expect(await lease.release(1)).toBe(false);
      expect(await lease.acquire('b', 1)).toEqual({ token: 2, holder: 'b', until: 1_001 });
    });

    it('tells those who watch it that it is released', async () => {
      const lease = desk();
      await lease.acquire('a', 0);
      const told = Promise.withResolvers<void>();
      const forget = engine.watch(leaseTopic(lease.name), told.resolve);

      await lease.release(1);

      await told.promise;
      forget();
    });

    it('is not given twice to one who asks twice', async () => {
      const lease = desk();
      await lease.acquire('a', 0);

      expect(await lease.acquire('a', 10)).toMatchObject({ token: null, holder: 'a' });
    });

    it('runs out as from now when the clock was set back', async () => {
      const lease = desk();
      await lease.acquire('a', 1_000_000, 3_000);

      expect(await lease.acquire('b', 5_000)).toMatchObject({ token: null, until: 8_000 });
      expect(await lease.acquire('b', 8_000)).toMatchObject({ token: 2 });
    });

    it('is apart from leases of other names', async () => {
      await desk().acquire('a', 0);

      expect(await desk().acquire('b', 0)).toEqual({ token: 1, holder: 'b', until: 1_000 });
    });

    it.each([
      ['somebody else has it', 1, 'b holds it with token 2'],
      ['it has run out', 2, 'it has run out'],
      ['it was released', 3, 'it was released'],
    ])('refuses the whole request of an old holder: %s', async (_why, token, reason) => {
      const lease = desk();
      const { name } = lease;
      await lease.acquire('a', 0);
      await lease.acquire('b', 1_000);
      if (token === 3) {
        await lease.acquire('c', 2_000);
        await lease.release(3);
      }
      const now = token === 2 ? 2_000 : 1_500;
      const place = { owner: name, store: '', now };
      const writing = engine.submit([
        ['entries.set', { ...place, key: 'k', value: '1', expiresAt: null }],
        ['leases.expect', { name, token, now }],
      ]);

      await expect(writing).rejects.toThrow(EngineError);
      await expect(writing).rejects.toMatchObject({
        failure: { code: 'DARUMA_LEASE_LOST', message: expect.stringContaining(reason) },
      });
      expect(await engine.submit([['entries.size', place]])).toEqual([0]);
    });

    it('lets the request of its holder through', async () => {
      const lease = desk();
      await lease.acquire('a', 0);
      const place = { owner: lease.name, store: '', now: 5 };

      await engine.submit([
        ['leases.expect', { name: lease.name, token: 1, now: 999 }],
        ['entries.set', { ...place, key: 'k', value: '1', expiresAt: null }],
      ]);

      expect(await engine.submit([['entries.size', place]])).toEqual([1]);
    });
  });
}
