import { describe, expect, it } from 'vitest';
import { optional, service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

describe('an optional need that waits for others before it stops', () => {
  it('does not keep those from restarting who can do without', async () => {
    const source = new Puppet();
    const drip = new Puppet();
    const backoff = { first: 500, jitter: 'none' } as const;
    let wait = async (_ms: number): Promise<void> => {};
    const database = service('database', { backoff }, source.body);
    const pipe = service('pipe', { needs: { database } }, idle);
    const tank = service('tank', { needs: { pipe }, stop: (): Promise<void> => wait(2_000) }, idle);
    const last = service('last', { needs: { pipe: optional(pipe) }, backoff }, drip.body);
    const lab = await new Lab(supervisor('app', [database, pipe, tank, last])).start();
    wait = lab.wait;

    drip.life.fail(new Error('no'));
    source.life.fail(new Error('no'));
    await lab.clock.advance(1_000);

    expect(lab.system.ref('app/tank').status()).toBe('stopping');
    expect(lab.system.ref('app/last').status()).toBe('running');
    await lab.stop();
  });
});

describe('an optional need whose start is called off', () => {
  it('is waited for no longer', async () => {
    const source = service('source', { start: (ctx) => ctx.sleep('5s') });
    const cache = service('cache', { needs: { source } }, idle);
    const api = service('api', { needs: { cache: optional(cache) } }, idle);
    const lab = new Lab(supervisor('app', { start: 'parallel' }, [source, cache, api]));
    void lab.begin();
    await lab.clock.advance(1_000);
    const before = lab.system.ref('app/api').status();

    await lab.until(lab.system.ref('app/cache').stop());
    await lab.clock.settle();

    expect(before).toBe('waiting');
    expect(lab.system.ref('app/api').status()).toBe('running');
    await lab.stop();
  });
});
