import { describe, expect, it } from 'vitest';
import { optional, service, supervisor } from '../../src/index.ts';
import { idle, Lab } from './lab.ts';

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
