import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { Lab, Puppet } from './lab.ts';

const noDelay = { first: 0, max: 0, jitter: 'none' } as const;

/** The numbers of the restarts of a service that fails after being ready for so long, each time. */
async function attemptsOf(resetAfter: number, ...readyMs: number[]): Promise<number[]> {
  const puppet = new Puppet();
  const feed = service('feed', { backoff: { ...noDelay, resetAfter } }, puppet.body);
  const lab = await new Lab(supervisor('app', [feed])).start();
  for (const ms of readyMs) {
    await lab.clock.advance(ms);
    puppet.life.fail(new Error('x'));
    await lab.clock.settle();
  }
  return lab.all('backoff').map(({ attempt }) => attempt);
}

describe('a series of delays', () => {
  it('starts over after exactly resetAfter, and goes on a millisecond before', async () => {
    expect(await attemptsOf(10, 0, 10, 10)).toEqual([1, 1, 1]);
    expect(await attemptsOf(10, 0, 9, 9)).toEqual([1, 2, 3]);
  });

  it('starts over after an incarnation of no time, where none is asked for', async () => {
    expect(await attemptsOf(0, 0, 0, 0)).toEqual([1, 1, 1]);
    expect(await attemptsOf(1, 0, 0, 0)).toEqual([1, 2, 3]);
  });

  it('goes on after an attempt that was never ready, whatever is asked for', async () => {
    let starts = 0;
    const feed = service('feed', {
      backoff: { ...noDelay, resetAfter: 0 },
      start: () => {
        if (starts++ > 0) throw new Error('refused');
      },
      run: async () => {
        throw new Error('x');
      },
    });
    const lab = await new Lab(supervisor('app', { intensity: 3 }, [feed])).start();

    expect(lab.all('backoff').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });
});
