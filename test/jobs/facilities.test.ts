import { describe, expect, it } from 'vitest';
import { NotRetryable, queue, topic, worker } from '../../src/index.ts';
import { Desk, Office } from './office.ts';

const rows = topic<number>('rows');
const items = queue<string>('items', { maxAttempts: 2, cancelWithin: '1s' });

async function deskWith(handler: 'obedient' | 'deaf') {
  const desk = new Desk<string>();
  const office = new Office([worker(items, desk[handler])]);
  await office.start();
  const { id } = await office.until(office.jobs.enqueue(items, 'x'));
  await office.clock.settle();
  return { desk, office, id };
}

const fails = (error: unknown) => () => {
  throw error;
};

describe('a subscription of a job', () => {
  it('ends with the attempt, which waits for the handler that is under way', async () => {
    const { desk, office, id } = await deskWith('deaf');
    const heard: number[] = [];
    desk.job.bus.on(rows, async (count) => {
      await office.wait(500);
      heard.push(count);
    });
    office.system.bus.emit(rows, 1);
    office.system.bus.emit(rows, 2);
    await office.clock.settle();
    desk.finish();
    await office.clock.advance(499);

    const stateOf = async () => (await office.until(office.jobs.get(items, id)))?.state;
    expect([await stateOf(), heard]).toEqual(['active', []]);
    expect(office.system.bus.subscribers(rows)).toBe(0);

    await office.clock.advance(1);
    expect([await stateOf(), heard]).toEqual(['completed', [1]]);
    await office.stop();
  });

  it('fails the attempt and not its worker when its handler throws', async () => {
    const { desk, office, id } = await deskWith('obedient');
    desk.job.bus.on(rows, fails(new NotRetryable('no such row')));
    office.system.bus.emit(rows, 1);
    const outcome = await office.over(items, id);

    expect(outcome).toMatchObject({
      state: 'dead',
      reason: 'not-retryable',
      error: { message: 'no such row' },
    });
    expect(desk.job.signal.reason).toMatchObject({ message: 'no such row' });
    expect(office.all('failed')).toEqual([]);
    await office.stop();
  });

  it('fails an attempt that goes on all the same, and another one comes', async () => {
    const { desk, office, id } = await deskWith('deaf');
    const [first] = desk.jobs;
    first?.bus.on(rows, fails(new Error('no such row')));
    office.system.bus.emit(rows, 1);
    await office.clock.settle();
    desk.finish('too late', first);
    await office.clock.advance(10_000);

    expect(desk.jobs.map(({ attempt }) => attempt)).toEqual([1, 2]);
    desk.finish('fine');
    expect(await office.over(items, id)).toEqual({ state: 'completed', result: 'fine' });
    await office.stop();
  });

  it('changes nothing any more about a job that is completed in a transaction', async () => {
    const { desk, office, id } = await deskWith('deaf');
    desk.job.bus.on(rows, fails(new Error('no such row')));
    await office.until(desk.job.transaction(async () => 'done'));
    office.system.bus.emit(rows, 1);
    await office.clock.settle();
    desk.finish();
    await office.clock.settle();

    expect(await office.over(items, id)).toEqual({ state: 'completed', result: 'done' });
    expect(office.all('stray-error').map(({ error }) => error.message)).toEqual(['no such row']);
    await office.stop();
  });

  it('leaves a job that only emits what it was: one that cannot have obeyed', async () => {
    const { desk, office, id } = await deskWith('deaf');
    desk.job.bus.emit(rows, 1);
    await office.until(office.jobs.cancel(items, id));
    await office.clock.settle();
    desk.finish();

    expect(await office.over(items, id)).toEqual({ state: 'completed', result: undefined });
    await office.stop();
  });
});
