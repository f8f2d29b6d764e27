import { bufferTime, debounceTime, filter, map, Subject, throttleTime } from 'rxjs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { topic } from '../../../src/index.ts';
import { Hall, kept, tick } from './hall.ts';

describe('a stream', () => {
  it('takes RxJS operators, also those that need time', async () => {
    const hall = await new Hall().open();
    const { scheduler } = hall.hearing;
    const [throttled, debounced, batched]: [unknown[], unknown[], unknown[]] = [[], [], []];
    const ticks = hall.hearing.stream(tick);
    ticks.pipe(throttleTime(1_000, scheduler)).subscribe((value) => throttled.push(value));
    ticks.pipe(debounceTime(300, scheduler)).subscribe((value) => debounced.push(value));
    ticks
      .pipe(
        bufferTime(1_000, scheduler),
        filter((batch) => batch.length > 0),
      )
      .subscribe((batch) => batched.push(batch));

    for (const value of [1, 2, 3, 4, 5, 6]) {
      await hall.emit(value);
      await hall.lab.clock.advance(value === 3 ? 500 : 250);
    }
    await hall.lab.clock.advance(2_000);

    expect(throttled).toEqual([1, 4]);
    expect(debounced).toEqual([3, 6]);
    expect(batched).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    await hall.lab.stop();
    expect(hall.lab.clock.pendingTimers).toBe(0);
  });

  it('completes when its service begins to end, and leaves nothing behind', async () => {
    const hall = await new Hall().open();
    const heard: unknown[] = [];
    const stream = hall.hearing.stream('clock.*', { replay: 'last' });
    hall.speaking.emit(kept, 7);
    stream.subscribe({ next: (value) => heard.push(value), complete: () => heard.push('over') });
    await hall.settle();

    await hall.lab.until(hall.lab.system.ref('app/listener').stop());
    stream.subscribe({ complete: () => heard.push('over at once') });

    expect(heard).toEqual([7, 'over', 'over at once']);
    expect(hall.speaking.subscribers(tick)).toBe(0);
  });

  it.each(['at the end', 'in between'])(
    'whose subscriber throws %s fails its service, not the process',
    async (where) => {
      const hall = await new Hall().open();
      const fail = () => {
        throw new Error('boom');
      };
      const stream = hall.hearing.stream(tick);
      if (where === 'at the end') stream.subscribe(fail);
      else stream.pipe(map(fail)).subscribe();

      await hall.emit(1);

      expect(hall.lab.all('ended')).toMatchObject([
        { path: 'app/listener', error: { message: 'boom' } },
      ]);
    },
  );

  it('goes in as well: what an Observable emits is emitted, until its service ends', async () => {
    const hall = await new Hall().open();
    const heard: number[] = [];
    hall.speaking.on(tick, (value) => heard.push(value));
    const source = new Subject<number>();
    const { isActive } = hall.hearing.from(source, tick);

    source.next(1);
    await hall.lab.until(hall.lab.system.ref('app/listener').stop());
    source.next(2);
    await hall.settle();

    expect([isActive, heard, source.observed]).toEqual([true, [1], false]);
  });

  it.each(['fails', 'emits what does not fit'])(
    'that goes in and %s fails its service',
    async (what) => {
      const hall = await new Hall().open();
      const source = new Subject<number>();
      hall.hearing.from(source, topic('checked', v.number()));

      if (what === 'fails') source.error(new Error('boom'));
      else source.next('x' as never);
      await hall.settle();

      expect(hall.lab.all('ended').map(({ path }) => path)).toEqual(['app/listener']);
      expect(source.observed).toBe(false);
    },
  );
});

describe('events as an async iterator', () => {
  it('come one at a time, when the loop asks, until the service ends', async () => {
    const hall = await new Hall().open();
    const heard: string[] = [];
    const loop = (async () => {
      for await (const { payload } of hall.hearing.events(tick)) {
        heard.push(`begins ${payload}`);
        await hall.lab.wait(100);
        heard.push(`ends ${payload}`);
      }
      return 'over';
    })();

    await hall.emit(1, 2);
    await hall.lab.clock.advance(1_000);
    void hall.lab.system.ref('app/listener').stop();

    expect(await hall.lab.until(loop)).toBe('over');
    expect(heard).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2']);
  });

  it('end with a loop that is left, and go to several who ask at once in order', async () => {
    const hall = await new Hall().open();
    const events = hall.hearing.events(tick);
    const asked = Promise.all([events.next(), events.next(), events.next()]);
    await hall.emit(1, 2, 3);

    expect((await asked).map(({ value }) => value?.payload)).toEqual([1, 2, 3]);
    hall.speaking.emit(tick, 4);
    for await (const _event of events) {
      // Left after the first.
      break;
    }
    expect(hall.speaking.subscribers(tick)).toBe(0);
  });
});
