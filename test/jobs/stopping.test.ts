import { describe, expect, it } from 'vitest';
import { queue, worker } from '../../src/index.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const items = queue('items', { backoff: { first: '1s', jitter: 'none' } });
const path = 'app/items';

async function running(handler: (desk: Desk) => Desk['deaf'], options = {}) {
  const desk = new Desk();
  const engine = new SharedEngine();
  const office = new Office([worker(items, options, handler(desk))], {}, engine);
  await office.start();
  const { id } = await office.jobs.enqueue(items, 'x');
  await office.clock.settle();
  expect(desk.jobs).toHaveLength(1);
  return { desk, engine, office, id };
}

describe('a stop of a worker', () => {
  it('gives back what obeys, without counting the attempt', async () => {
    const { desk, office, id } = await running(({ obedient }) => obedient);
    await office.until(office.system.ref(path).stop());

    expect(office.story(id)).toEqual(['added', 'started', 'released']);
    expect(office.clock.monotonic()).toBe(0);
    expect(await office.jobs.get(items, id)).toMatchObject({ state: 'ready', attempt: 0 });
    expect(desk.job.signal.reason).toMatchObject({
      code: 'DARUMA_CANCELLED',
      message: `Attempt 1 of job ${id} of items, whose worker stops, was asked to stop.`,
    });
    await office.system.ref(path).start();
    await office.clock.settle();
    expect(desk.jobs).toHaveLength(2);
    expect(desk.job.attempt).toBe(1);
  });

  it('gives back a job whose handler returns nothing because it obeyed', async () => {
    const { office, desk, id } = await running(({ deaf }) => async (job) => {
      await deaf(job);
      void job.signal;
    });
    const stopped = office.system.ref(path).stop();
    await office.clock.settle();
    expect(desk.job.signal.aborted).toBe(true);
    desk.finish();
    await office.until(stopped);

    expect(office.story(id).at(-1)).toBe('released');
  });

  it('keeps a result that came all the same', async () => {
    const { office, desk, id } = await running(({ deaf }) => (job) => {
      void job.signal;
      return deaf(job);
    });
    const stopped = office.system.ref(path).stop();
    await office.clock.settle();
    desk.finish('done after all');
    await office.until(stopped);

    expect(await office.jobs.get(items, id)).toMatchObject({
      state: 'completed',
      result: 'done after all',
    });
  });

  it('lets one that never looked at its signal end as it does', async () => {
    const { office, desk, id } = await running(({ deaf }) => deaf);
    const stopped = office.system.ref(path).stop();
    await office.clock.settle();
    desk.finish();
    await office.until(stopped);

    expect(office.story(id).at(-1)).toBe('completed');
  });

  it('counts the failure of one that could not know', async () => {
    const { office, desk, id } = await running(({ deaf }) => deaf);
    const stopped = office.system.ref(path).stop();
    await office.clock.settle();
    desk.fail(new Error('broken'));
    await office.until(stopped);

    expect(office.story(id).at(-1)).toBe('retrying');
    expect(await office.jobs.get(items, id)).toMatchObject({ state: 'scheduled', attempt: 1 });
  });

  it('leaves what does not end within its limit to its lease', async () => {
    const { office, desk, id } = await running(({ deaf }) => deaf, { stopWithin: '2s' });
    await office.until(office.system.ref(path).stop());

    expect(office.clock.monotonic()).toBe(2_000);
    expect(office.all('unstopped')).toMatchObject([{ path }]);
    expect(office.story(id)).toEqual(['added', 'started', 'lost']);
    expect(await office.jobs.get(items, id)).toMatchObject({ state: 'active' });
    desk.finish('too late');
    await office.clock.settle();
    expect(await office.jobs.get(items, id)).toMatchObject({ state: 'active' });
    expect(() => desk.job.progress(1)).toThrow(/is over/);
  });

  it('is not held up by a storage that is out of reach', async () => {
    const { office, engine, id } = await running(({ obedient }) => obedient);
    engine.goDown();
    await office.until(office.system.ref(path).stop());

    expect(office.clock.monotonic()).toBe(0);
    expect(office.story(id).at(-1)).toBe('lost');
  });
});

describe('a drain', () => {
  it('claims nothing more, and lets what runs end', async () => {
    const desk = new Desk();
    const office = new Office([worker(items, { concurrency: 1 }, desk.obedient)]);
    await office.start();
    const [first, second] = await office.jobs.enqueueMany(items, [{ payload: 1 }, { payload: 2 }]);
    await office.clock.settle();
    const stopped = office.system.stop();
    await office.clock.advance(3_000);
    expect(desk.job.signal.aborted).toBe(false);
    desk.finish('done');
    await office.until(stopped);

    expect(office.clock.monotonic()).toBe(3_000);
    expect(office.story(first?.id)).toEqual(['added', 'started', 'completed']);
    expect(office.story(second?.id)).toEqual(['added']);
  });

  it('takes half of the grace at most; then handlers are asked to stop', async () => {
    const { office, id } = await running(({ obedient }) => obedient);
    await office.stop();

    expect(office.clock.monotonic()).toBe(12_000);
    expect(office.story(id).at(-1)).toBe('released');
  });

  it('gives back at once what a claim brings that was under way', async () => {
    const desk = new Desk();
    const engine = new SharedEngine();
    const office = new Office([worker(items, desk.deaf)], {}, engine);
    await office.start();
    await office.jobs.enqueue(items, 'x');
    engine.hang();
    await office.clock.advance(0);
    const stopped = office.system.ref(path).stop();
    await office.clock.settle();
    engine.answer();
    await office.until(stopped);

    expect(desk.jobs).toEqual([]);
    expect((await office.jobs.counts(items)).states).toMatchObject({ ready: 1, active: 0 });
    expect(office.story()).toEqual([expect.stringContaining('added')]);
  });
});
