import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

const size = 20_000;

describe(`${size} dynamic children`, () => {
  it('start, are counted, and stop', { timeout: 30_000 }, async () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const lab = new Lab(supervisor('app', [pool]), { grace: 'infinity' });
    await lab.start();
    const ref = lab.system.ref('app/pool');

    const started = Array.from({ length: size }, () => ref.startChild());
    await lab.until(Promise.all(started));
    const counts = ref.count();
    const report = await lab.stop();

    expect(counts).toEqual({ specs: 1, active: size, supervisors: 0, workers: size });
    expect(report).toMatchObject({ exitCode: 0, unstopped: [], stopErrors: [] });
    expect(lab.all('ended')).toHaveLength(size + 2);
    expect(lab.system.paths()).toEqual(['app', 'app/pool']);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('fail at once, back off together and come back', { timeout: 30_000 }, async () => {
    const failing = size / 10;
    const puppet = new Puppet();
    const worker = service('worker', { backoff: { first: '1s', jitter: 'equal' } }, puppet.body);
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
    const lab = await new Lab(supervisor('app', [pool]), { grace: 'infinity' }).start();
    const ref = lab.system.ref('app/pool');
    await lab.until(Promise.all(Array.from({ length: failing }, () => ref.startChild())));

    for (const life of [...puppet.lives]) life.fail(new Error('all at once'));
    await lab.clock.settle();
    const down = ref.count();
    await lab.clock.advance(1_000);

    expect(down).toMatchObject({ active: 0, workers: failing });
    expect(ref.count()).toMatchObject({ active: failing, workers: failing });
    expect(lab.all('backoff')).toHaveLength(failing);
    expect(lab.all('escalated')).toEqual([]);
  });
});
