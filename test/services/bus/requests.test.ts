import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { topic } from '../../../src/index.ts';
import { Hall, latch } from './hall.ts';

const priceOf = topic<{ item: string }, number>('price.of');

describe('a request', () => {
  it('is answered by whoever replies', async () => {
    const hall = await new Hall().open();
    hall.hearing.reply(priceOf, async ({ item }) => {
      await hall.lab.wait(100);
      return item.length;
    });

    const answers = Promise.all([
      hall.speaking.request(priceOf, { item: 'rice' }),
      hall.lab.system.bus.request(priceOf, { item: 'tea' }),
    ]);

    expect(await hall.lab.until(answers)).toEqual([4, 3]);
  });

  it('is refused when nobody replies, and a topic has one who does', async () => {
    const hall = await new Hall().open();

    expect(await hall.lab.errorOf(hall.speaking.request(priceOf, { item: 'x' }))).toMatchObject({
      code: 'DARUMA_NOT_RUNNING',
      message: expect.stringContaining('nobody replies to price.of'),
    });
    const replier = hall.hearing.reply(priceOf, () => 1);
    expect(() => hall.speaking.reply(priceOf, () => 2)).toThrow(
      expect.objectContaining({ code: 'DARUMA_ALREADY_PRESENT' }),
    );
    replier.unsubscribe();
    hall.speaking.reply(priceOf, () => 2);
    expect(await hall.lab.until(hall.hearing.request(priceOf, { item: 'x' }))).toBe(2);
  });

  it('is given up after five seconds, or what was said, and then not handled any more', async () => {
    const hall = await new Hall().open();
    const handled: string[] = [];
    const gate = latch();
    hall.hearing.reply(priceOf, async ({ item }) => {
      handled.push(item);
      await gate.promise;
      return 1;
    });

    const first = hall.lab.errorOf(hall.speaking.request(priceOf, { item: 'first' }));
    const waiting = hall.speaking
      .request(priceOf, { item: 'second' }, { timeout: '1s' })
      .catch((error: unknown) => error);

    expect(await first).toMatchObject({ code: 'DARUMA_ASK_TIMEOUT' });
    expect(hall.lab.clock.monotonic()).toBe(5_000);
    expect(await waiting).toMatchObject({ code: 'DARUMA_ASK_TIMEOUT' });
    gate.resolve();
    await hall.settle();
    expect(handled).toEqual(['first']);
  });

  it('fails with the replier, whose failure it is', async () => {
    const hall = await new Hall().open();
    hall.hearing.reply(priceOf, () => {
      throw new Error('no such item');
    });

    const error = await hall.lab.errorOf(hall.speaking.request(priceOf, { item: 'x' }));

    expect(error).toMatchObject({
      code: 'DARUMA_RECEIVER_FAILED',
      path: 'app/listener',
      cause: new Error('no such item'),
    });
    expect(hall.lab.all('ended').map(({ path }) => path)).toEqual(['app/listener']);
  });

  it('settles when either side ends', async () => {
    const hall = await new Hall().open();
    hall.hearing.reply(priceOf, () => new Promise<number>(() => {}));
    const asked = hall.speaking.request(priceOf, { item: 'x' }).catch((error: unknown) => error);
    void hall.lab.system.ref('app/speaker').stop();
    expect(await hall.lab.until(asked)).toMatchObject({ code: 'DARUMA_CANCELLED' });

    const outside = hall.lab.system.bus
      .request(priceOf, { item: 'x' })
      .catch((error: unknown) => error);
    void hall.lab.system.ref('app/listener').stop();
    expect(await hall.lab.until(outside)).toMatchObject({ code: 'DARUMA_NOT_RUNNING' });
  });

  it('is refused when the mailbox of the replier is full', async () => {
    const hall = await new Hall().open();
    hall.hearing.reply(priceOf, () => new Promise<number>(() => {}), { buffer: 1 });
    void hall.speaking.request(priceOf, { item: '1' }).catch(() => {});
    await hall.settle();
    void hall.speaking.request(priceOf, { item: '2' }).catch(() => {});

    expect(await hall.lab.errorOf(hall.speaking.request(priceOf, { item: '3' }))).toMatchObject({
      code: 'DARUMA_MAILBOX_FULL',
    });
  });

  it('checks what is asked and what is answered where there are schemas', async () => {
    const hall = await new Hall().open();
    const sum = topic('sum', v.array(v.number()), { reply: v.number() });
    hall.hearing.reply(sum, (numbers) => (numbers.length === 0 ? ('none' as never) : 1), {
      onError: 'report',
    });

    expect(await hall.lab.errorOf(hall.speaking.request(sum, ['1'] as never))).toMatchObject({
      code: 'DARUMA_INVALID_PAYLOAD',
      path: 'app/speaker',
    });
    expect(await hall.lab.errorOf(hall.speaking.request(sum, []))).toMatchObject({
      code: 'DARUMA_RECEIVER_FAILED',
      cause: { code: 'DARUMA_INVALID_PAYLOAD', path: 'app/listener' },
    });
    expect(hall.lab.all('ended')).toEqual([]);
  });
});
