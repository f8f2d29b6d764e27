import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { idle, Lab } from './lab.ts';

/** A tree whose first item is stopped by hand in the moment in which it is ready for the first time. */
async function stoppedWhenReady(start: 'parallel' | 'sequential') {
  const tank = service('tank', idle);
  const tap = service('tap', { needs: { tank } }, idle);
  const lab = new Lab(supervisor('app', { start }, [tank, tap]));
  let isFirst = true;
  lab.system.events$.subscribe(({ type, path }) => {
    if (type !== 'ready' || path !== 'app/tank' || !isFirst) return;
    isFirst = false;
    void lab.system.ref('app/tank').stop();
  });
  void lab.begin();
  await lab.clock.settle();
  return lab;
}

describe('a start that the stop of a need overtakes', () => {
  it.each(['parallel', 'sequential'] as const)('is held back (%s)', async (start) => {
    const lab = await stoppedWhenReady(start);

    expect(lab.log('app/tap').filter((line) => !line.startsWith('waiting'))).toEqual([]);
    expect(lab.system.ref('app/tap').status()).toBe('waiting');
  });

  it('follows when the need is back, and stops before it', async () => {
    const lab = await stoppedWhenReady('parallel');

    await lab.until(lab.system.ref('app/tank').start());
    await lab.clock.settle();
    expect(lab.system.ref('app/tap').status()).toBe('running');

    await lab.stop();
    const ends = lab.log().filter((line) => line.startsWith('ended app/t'));
    expect(ends.slice(-2)).toEqual(['ended app/tap', 'ended app/tank']);
  });
});
